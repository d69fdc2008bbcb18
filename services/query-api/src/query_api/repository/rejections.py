"""Deliveries that were refused at the door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db.queries import load_queries

_queries = load_queries(__file__, "rejections")


@dataclass(frozen=True, slots=True)
class Rejection:
    """Equal refusals in a row are one of these; `n` says how many."""

    id: int
    source: str
    shop_domain: str | None
    topic: str | None
    reason: str
    n: int
    first_at: datetime
    last_at: datetime


async def newest_rejections(connection: Any, domains: Sequence[str] | None, *, limit: int) -> list[Rejection]:
    """`domains` None: everybody's, also those that name a shop nobody knows."""
    if domains is None:
        records = _queries.newest_rejections_of_all(connection, wanted=limit)
    else:
        records = _queries.newest_rejections(connection, domains=list(domains), wanted=limit)
    return [Rejection(**dict(record)) async for record in records]
