"""What webhooks should have told and a poll had to find."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.db.queries import load_queries

_queries = load_queries(__file__, "missed")


@dataclass(frozen=True, slots=True)
class Missed:
    """How many changes of one kind were found on one day (UTC)."""

    domain: str
    kind: str
    day: date
    n: int


async def missed_webhooks(connection: Any, shop_ids: Sequence[int], *, days: int) -> list[Missed]:
    """Those of the last `days` days, today included, the latest first."""
    records = _queries.missed_webhooks(connection, shop_ids=list(shop_ids), days=days)
    return [Missed(**dict(record)) async for record in records]
