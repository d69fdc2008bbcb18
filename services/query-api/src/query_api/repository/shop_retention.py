"""How long shops want their payloads kept."""

from typing import Any, cast

from shared.db.queries import load_queries

_queries = load_queries(__file__, "shop_retention")


async def payload_days_of(connection: Any, shop_id: int) -> int | None:
    """None: as long as the platform keeps them."""
    record = await _queries.of_shop(connection, shop_id=shop_id)
    return None if record is None else cast(int | None, record["payload_days"])


async def change_payload_days(connection: Any, shop_id: int, days: int | None) -> int | None:
    """Inside a transaction; returns what it was before."""
    before = await _queries.hold_payload_days(connection, shop_id=shop_id)
    await _queries.set_payload_days(connection, shop_id=shop_id, payload_days=days)
    return cast(int | None, before)
