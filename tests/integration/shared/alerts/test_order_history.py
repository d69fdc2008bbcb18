"""When a shop's orders were synced, as the counters tell."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from shared.alerts.baseline import Gap, Quarter
from shared.alerts.order_history import read_order_history

UTC_ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SHOP, OTHER = 1, 2


def at(minute: int) -> datetime:
    """So many minutes after ten."""
    return datetime(2026, 11, 20, 10, 0, tzinfo=UTC) + timedelta(minutes=minute)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    for domain in ("one.example", "other.example"):
        await connection.execute(
            "INSERT INTO store.shops (domain, name, email, data_key) VALUES ($1, 'S', 's@s.example', '\\x')",
            domain,
        )
    yield connection
    await connection.close()


async def count(connection: Any, bucket: datetime, task_type: str, **changes: Any) -> None:
    row = {"shop_id": SHOP, "account_id": 0, "state": "succeeded"} | changes
    await connection.execute(
        "INSERT INTO ledger.task_counts_by_minute VALUES ($1, $2, $3, $4, $5, 1, 0, 0, 0)",
        *(bucket, row["shop_id"], task_type, row["account_id"], row["state"]),
    )


async def connect_crm(connection: Any, *, is_active: bool = True) -> None:
    await connection.execute(
        """
        INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials, is_active)
        VALUES ($1, 'engage', 'CRM', 'https://crm.example', '\\x', $2)
        """,
        SHOP,
        is_active,
    )


async def test_minutes_with_synced_orders_are_told_by_quarters_of_an_hour(connection: Any) -> None:
    await connect_crm(connection)
    for minute in (0, 3, 14, 15, 90):
        await count(connection, at(minute), "SyncOrder")
    await count(connection, at(3), "SyncOrderNotification")
    await count(connection, at(4), "SyncOrderNotification", account_id=7)
    history = await read_order_history(connection, SHOP, UTC_ZONE, NOW)
    assert history.quarters == (
        Quarter(at(0), at(14), 4),
        Quarter(at(15), at(15), 1),
        Quarter(at(90), at(90), 1),
    )
    assert history.gaps == [Gap(at(15), at(90))]


async def test_what_is_no_synced_order_does_not_count(connection: Any) -> None:
    await connect_crm(connection)
    await count(connection, at(0), "SyncContact")
    await count(connection, at(1), "SyncOrder", state="failed")
    await count(connection, at(2), "IndexOrder")
    await count(connection, at(3), "SyncOrder", shop_id=OTHER)
    await count(connection, NOW - timedelta(weeks=8, minutes=1), "SyncOrder")
    history = await read_order_history(connection, SHOP, UTC_ZONE, NOW)
    assert history.quarters == ()


@pytest.mark.parametrize("is_connected", [False, True])
async def test_without_a_crm_in_use_orders_count_when_they_are_stored(
    connection: Any, *, is_connected: bool
) -> None:
    if is_connected:
        await connect_crm(connection, is_active=False)
    await count(connection, at(2), "IndexOrder")
    history = await read_order_history(connection, SHOP, UTC_ZONE, NOW)
    assert history.quarters == (Quarter(at(2), at(2), 1),)
