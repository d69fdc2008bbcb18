"""Shops as their settings show them: of their secrets only how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.db.queries import load_queries

_queries = load_queries(__file__, "shops")


@dataclass(frozen=True, slots=True)
class KeptShop:
    """`secrets`: how many webhook secrets are accepted. `payload_days` None: as the platform keeps them."""

    id: int
    domain: str
    name: str
    email: str
    timezone: str
    is_active: bool
    secrets: int
    payload_days: int | None


async def kept_shops(connection: Any, shop_ids: Sequence[int] | None) -> list[KeptShop]:
    """By domain; `shop_ids` None: all of them."""
    wanted = None if shop_ids is None else list(shop_ids)
    return [KeptShop(**dict(record)) async for record in _queries.kept_shops(connection, shop_ids=wanted)]


async def kept_shop(connection: Any, domain: str) -> KeptShop | None:
    record = await _queries.kept_shop(connection, domain=domain)
    return None if record is None else KeptShop(**dict(record))


async def change_shop(
    connection: Any, shop_id: int, *, name: str | None, email: str | None, timezone: str | None
) -> None:
    """None: as it is."""
    await _queries.change_shop(connection, shop_id=shop_id, name=name, email=email, timezone=timezone)
