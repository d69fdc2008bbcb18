"""What is done to a whole shop: disconnected when its app is uninstalled, erased two days later."""

from datetime import datetime
from typing import Any

from shared.db.queries import load_queries

_queries = load_queries(__file__, "shop_erasure")

_TABLES = (
    "customers", "orders", "refunds", "fulfilments", "supplier_orders", "receipts", "import_lines", "imports",
    "shipments", "shipped_orders", "marketplace_orders", "listings", "failure_groups", "failures_by_hour",
    "alert_settings", "alerts", "alert_mutes", "notifications", "proofs",
)  # fmt: skip


async def disconnect(
    connection: Any, shop_id: int, *, at: datetime | None, problem: str, no_credentials: bytes
) -> None:
    """Nothing runs for the shop any more, and nothing could: its accounts keep no credentials."""
    await _queries.uninstall(connection, shop_id=shop_id, uninstalled_at=at)
    await _queries.deactivate(connection, shop_id=shop_id, problem=problem, credentials=no_credentials)
    await _queries.stop_schedules(connection, shop_id=shop_id)
    await _queries.stop_imports(connection, shop_id=shop_id)


async def erase_keys(connection: Any, shop_id: int, *, data_key: bytes, no_credentials: bytes) -> None:
    """From now on nothing that was sealed for the shop can be opened."""
    await _queries.new_data_key(connection, shop_id=shop_id, data_key=data_key)
    await _queries.empty_accounts(connection, shop_id=shop_id, credentials=no_credentials)
    await _queries.stop_schedules(connection, shop_id=shop_id)
    await _queries.stop_imports(connection, shop_id=shop_id)
    await _queries.drop_exports(connection, shop_id=shop_id)


async def drop_some(connection: Any, shop_id: int, *, at_most: int) -> tuple[str, int] | None:
    """Removes some rows of the first table that has any: its name and how many. None: there are none left."""
    for table in _TABLES:
        drop = getattr(_queries, f"drop_{table}")
        n = int((await drop(connection, shop_id=shop_id, at_most=at_most)).split()[-1])
        if n:
            return table, n
    return None
