"""Payloads of shops that want them kept for less go earlier; everything else stays."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from query_api.maintenance import shop_retention
from query_api.maintenance.shop_retention import apply_shop_retention
from query_api.recorder.settings import RecorderSettings
from query_api.recorder.shop_keys import ShopKeys
from query_api.recorder.writing import ensure_partitions, write
from shared.envelope import State
from shared.vault import Vault
from tests.factories import header
from tests.integration.query_api.world import task_id_at
from tests.integration.recorder.histories import life
from tests.integration.recorder.ledger import entries
from tests.integration.recorder.shops import add_shop

NOW = datetime.now(UTC)
AGES = (1, 5, 9, 20)


async def _shop_with_tasks(pool: asyncpg.Pool, vault: Vault, days: int | None) -> int:
    """One task for each age in days."""
    shop_id = await add_shop(pool, vault)
    await pool.execute("UPDATE store.shops SET payload_days = $1 WHERE id = $2", days, shop_id)
    for age in AGES:
        moment = NOW - timedelta(days=age)
        task = header(id=task_id_at(moment), shop_id=shop_id, queued_at=moment)
        batch = entries(life(task, [State.SUCCEEDED], begins_at=moment))
        await ensure_partitions(pool, batch)
        await write(pool, ShopKeys(vault), batch)
    return shop_id


async def _left(pool: asyncpg.Pool, table: str, shop_id: int) -> int:
    count: Any = await pool.fetchval(
        f"SELECT count(DISTINCT task_id) FROM ledger.{table} WHERE shop_id = $1", shop_id
    )
    return int(count)


async def test_a_shops_payloads_go_when_it_wants_and_its_log_stays(
    pool: asyncpg.Pool, vault: Vault, options: RecorderSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_retention, "TASKS_AT_ONCE", 1)
    shops = [await _shop_with_tasks(pool, vault, days) for days in (7, 2, None, 60)]
    for _ in range(2):
        async with pool.acquire() as connection:
            await apply_shop_retention(connection, options)
        assert [await _left(pool, "payloads", shop) for shop in shops] == [2, 1, 4, 4]
        assert [await _left(pool, "tasks", shop) for shop in shops] == [4, 4, 4, 4]


async def test_tasks_of_a_shop_are_walked_by_an_index(pool: asyncpg.Pool) -> None:
    query = shop_retention._queries.last_task.sql
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        statement = await connection.prepare(query)
        tomorrow = NOW.date() + timedelta(days=1)
        plan = str(await statement.explain(1, UUID(int=0), tomorrow, 10))
    assert "Index" in plan
    assert "Seq Scan" not in plan
