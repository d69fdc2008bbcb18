"""Reads when a shop's orders were synced, for what is learned of them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.alerts.baseline import WEEK, WEEKS, OrderHistory, Quarter
from shared.db.queries import load_queries

_queries = load_queries(__file__, "baseline")


async def read_order_history(connection: Any, shop_id: int, zone: ZoneInfo, now: datetime) -> OrderHistory:
    """Of the last eight weeks."""
    since = now - WEEKS * WEEK
    rows = [row async for row in _queries.quarters(connection, shop_id=shop_id, since=since)]
    quarters = tuple(Quarter(row["first_at"], row["last_at"], row["minutes"]) for row in rows)
    return OrderHistory(zone, since, now, quarters)
