"""Partitions, retention and the self-check on a real database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from query_api.maintenance.loop import JOBS, Maintenance
from query_api.maintenance.partitions import analyze_parents, count_days_ahead, ensure_days_ahead
from query_api.maintenance.retention import apply_retention, drop_partitions
from query_api.maintenance.selfcheck import check_projection, check_statistics
from query_api.recorder import locks
from query_api.recorder.rebuild import rebuild_async
from query_api.recorder.settings import RecorderSettings
from query_api.recorder.shop_keys import ShopKeys
from query_api.recorder.writing import ensure_partitions, write
from shared.db.pool import open_connection
from shared.envelope import State, Transition
from shared.identity import delivery_task_id
from tests.factories import header
from tests.integration.recorder.histories import life
from tests.integration.recorder.ledger import (
    count_events,
    entries,
    stored_counts,
    stored_statistics,
    stored_tasks,
)

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=190)
LOG = ("ledger.task_events", "ledger.tasks")
FLOWS_OF_A_COUNTER = 3  # of all tasks, of its type and of its account


@pytest.fixture
async def connection(database_url: str) -> Any:
    opened = await open_connection(database_url)
    yield opened
    await opened.close()


async def test_partitions_exist_two_weeks_ahead_without_a_gap(
    connection: Any, options: RecorderSettings
) -> None:
    today = NOW.date()
    await ensure_days_ahead(connection, options)
    await connection.execute(f"DROP TABLE ledger.payloads_{today + timedelta(days=5):%Y%m%d}")
    assert await count_days_ahead(connection) == 4
    await ensure_days_ahead(connection, options)
    assert await count_days_ahead(connection) == options.partition_days_ahead


async def test_making_partitions_does_not_wait_for_writers_nor_stop_them(
    connection: Any, pool: asyncpg.Pool, options: RecorderSettings
) -> None:
    async with pool.acquire() as writer, writer.transaction():
        await writer.execute("LOCK TABLE ledger.tasks, ledger.task_events IN ROW EXCLUSIVE MODE")
        await connection.execute("SET lock_timeout = '1s'")
        ahead = options.model_copy(update={"partition_days_ahead": 20})
        await ensure_days_ahead(connection, ahead)
    assert await count_days_ahead(connection) == 20


async def test_the_partitioned_tables_themselves_are_analysed(
    connection: Any, pool: asyncpg.Pool, keys: ShopKeys, options: RecorderSettings
) -> None:
    await write(pool, keys, entries(life(header(), [State.SUCCEEDED])))
    await analyze_parents(connection, options)
    rows = await connection.fetchval(
        "SELECT reltuples FROM pg_class WHERE oid = 'ledger.task_events'::regclass"
    )
    assert rows == 3


async def test_a_day_after_retention_is_dropped_and_leaves_the_counters(
    connection: Any, pool: asyncpg.Pool, keys: ShopKeys, options: RecorderSettings
) -> None:
    old, new = await _recorded_life(pool, keys, OLD), await _recorded_life(pool, keys, NOW)
    hours = await stored_statistics(pool, "hour", 1)
    await apply_retention(connection, options)
    assert await count_events(pool) == len(new)
    assert set(await stored_tasks(pool, 1)) == {new[0].task.id}
    assert [(kind.state, n) for kind, n in await stored_counts(pool, 1)] == [("succeeded", 1)]
    assert await stored_statistics(pool, "hour", 1) == hours
    assert old[0].task.id.bytes < new[0].task.id.bytes
    assert (await rebuild_async(options.database_url.get_secret_value())).is_unchanged


async def test_what_was_detached_and_not_dropped_is_finished_later(
    connection: Any, pool: asyncpg.Pool, keys: ShopKeys, options: RecorderSettings
) -> None:
    await _recorded_life(pool, keys, OLD)
    await connection.execute(
        f"ALTER TABLE ledger.tasks DETACH PARTITION ledger.tasks_{OLD:%Y%m%d} CONCURRENTLY"
    )
    await connection.execute(
        f"ALTER TABLE ledger.task_events DETACH PARTITION ledger.task_events_{OLD:%Y%m%d}"
    )
    await apply_retention(connection, options)
    assert await connection.fetchval("SELECT to_regclass($1)", f"ledger.tasks_{OLD:%Y%m%d}") is None
    assert await stored_counts(pool, 1) == []


async def test_a_rebuild_finishes_a_half_done_drop_first(
    connection: Any, pool: asyncpg.Pool, keys: ShopKeys, options: RecorderSettings
) -> None:
    await _recorded_life(pool, keys, OLD)
    for table in LOG:
        await _detach(connection, table)
    assert (await rebuild_async(options.database_url.get_secret_value())).is_unchanged
    assert await stored_counts(pool, 1) == []


async def test_an_interrupted_detach_is_finalised(
    connection: Any, pool: asyncpg.Pool, keys: ShopKeys, options: RecorderSettings
) -> None:
    await _recorded_life(pool, keys, OLD)
    table = f"ledger.tasks_{OLD:%Y%m%d}"
    async with pool.acquire() as reader, reader.transaction(isolation="repeatable_read"):
        await reader.fetch("SELECT FROM ledger.tasks")
        await connection.execute("SET lock_timeout = '300ms'")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await _detach(connection, "ledger.tasks")
    await apply_retention(connection, options)
    assert await connection.fetchval("SELECT to_regclass($1)", table) is None


async def test_payloads_go_before_the_log_they_belong_to(
    connection: Any, pool: asyncpg.Pool, keys: ShopKeys, options: RecorderSettings
) -> None:
    story = await _recorded_life(pool, keys, NOW - timedelta(days=40))
    await apply_retention(connection, options)
    assert await pool.fetchval("SELECT count(*) FROM ledger.payloads") == 0
    assert await count_events(pool) == len(story)
    assert set(await stored_tasks(pool, 1)) == {story[0].task.id}


async def test_only_days_before_the_first_kept_one_are_dropped(
    connection: Any, pool: asyncpg.Pool, keys: ShopKeys
) -> None:
    story = await _recorded_life(pool, keys, OLD)
    await drop_partitions(connection, dict.fromkeys(LOG, OLD.date()))
    assert await count_events(pool) == len(story)


async def test_old_deliveries_and_minutes_are_deleted(
    connection: Any, pool: asyncpg.Pool, options: RecorderSettings
) -> None:
    await pool.execute(
        """
        INSERT INTO store.deliveries
        SELECT 1, n::text, gen_random_uuid(), now() - n * interval '1 day' FROM generate_series(1, 40) AS n;
        INSERT INTO ledger.task_counts_by_minute
        SELECT now() - n * interval '1 hour', 1, 'X', 0, 'queued', 1, 0, 0, 0
        FROM generate_series(1, 7200) AS n;
        INSERT INTO ledger.task_flows_by_minute SELECT * FROM ledger.told_by_minute;
        """
    )
    await apply_retention(connection, options)
    assert await pool.fetchval("SELECT count(*) FROM store.deliveries") == 29
    assert await pool.fetchval("SELECT count(*) FROM ledger.task_counts_by_minute") == 60 * 24 - 1
    flows = await pool.fetchval("SELECT count(*) FROM ledger.task_flows_by_minute")
    assert flows == FLOWS_OF_A_COUNTER * (60 * 24 - 1)


async def test_what_was_kept_of_persons_for_a_while_goes(connection: Any, options: RecorderSettings) -> None:
    shop_id = await connection.fetchval(
        "INSERT INTO store.shops (domain, name, email, data_key) VALUES ('s', 'S', 's@x', '') RETURNING id"
    )
    for days in (1, 10, 40):
        await connection.execute(
            "WITH ended AS (INSERT INTO store.imports"
            " (id, shop_id, kinds, kind, state, requested_by, task_id, finished_at)"
            " VALUES (gen_random_uuid(), $1, '{orders}', 'orders', 'failed', 'x', gen_random_uuid(),"
            " now() - make_interval(days => $2)) RETURNING id)"
            " INSERT INTO store.import_lines (import_id, line, object_id, body)"
            " SELECT id, $2, 'o', '' FROM ended",
            shop_id,
            days,
        )
        await connection.execute(
            "INSERT INTO admin.privacy_requests (shop_domain, kind, task_id, export, requested_at, due_at)"
            " VALUES ('s', 'data_request', gen_random_uuid(), 'x', now() - make_interval(days => $1), now())",
            days,
        )
    await apply_retention(connection, options)
    assert [row["line"] for row in await connection.fetch("SELECT line FROM store.import_lines")] == [1]
    exports = await connection.fetch("SELECT export FROM admin.privacy_requests ORDER BY requested_at")
    assert [row["export"] for row in exports] == [None, b"x", b"x"]


async def test_old_operations_go_and_what_the_log_tells_of_retries(
    connection: Any, options: RecorderSettings
) -> None:
    for days in (0, 8, 200):
        await connection.execute(
            "INSERT INTO admin.retries (task_id, retry_id, decided_at)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), now() - make_interval(days => $1))",
            days,
        )
        await connection.execute(
            "INSERT INTO admin.operations"
            " (id, kind, state, selection, total, requested_by, created_at, finished_at)"
            " SELECT gen_random_uuid(), 'retry', 'aborted', '{}', $1::integer, 'test', at, at"
            " FROM (SELECT now() - make_interval(days => $1) AS at) AS past",
            days,
        )
    await apply_retention(connection, options)
    assert await connection.fetchval("SELECT count(*) FROM admin.retries") == 1
    kept = await connection.fetch("SELECT total FROM admin.operations ORDER BY total")
    assert [row["total"] for row in kept] == [0, 8]


async def test_the_self_check_finds_nothing_in_a_log_that_agrees(
    connection: Any, pool: asyncpg.Pool, keys: ShopKeys
) -> None:
    story = await _recorded_life(pool, keys, NOW)
    assert await check_projection(connection, [NOW - timedelta(days=1)]) == 0
    assert await check_statistics(connection, _hour(story)) == 0


async def test_the_self_check_finds_a_changed_a_missing_and_an_invented_task(
    connection: Any, pool: asyncpg.Pool, keys: ShopKeys
) -> None:
    changed, missing = await _recorded_life(pool, keys, NOW), await _recorded_life(pool, keys, NOW)
    invented = await _recorded_life(pool, keys, NOW)
    await pool.execute("UPDATE ledger.tasks SET error_status = 1 WHERE task_id = $1", changed[0].task.id)
    await pool.execute("DELETE FROM ledger.tasks WHERE task_id = $1", missing[0].task.id)
    await pool.execute("DELETE FROM ledger.task_events WHERE task_id = $1", invented[0].task.id)
    assert await check_projection(connection, [NOW - timedelta(days=1)]) == 3


async def test_the_self_check_finds_statistics_that_were_changed(
    connection: Any, pool: asyncpg.Pool, keys: ShopKeys
) -> None:
    story = await _recorded_life(pool, keys, NOW)
    await pool.execute("UPDATE ledger.task_counts_by_hour SET n = 2 WHERE state = 'queued'")
    await pool.execute("DELETE FROM ledger.task_counts_by_minute WHERE state = 'succeeded'")
    assert await check_statistics(connection, _hour(story)) == 2 * (1 + FLOWS_OF_A_COUNTER)


async def test_the_self_check_finds_durations_that_are_spread_otherwise(
    connection: Any, pool: asyncpg.Pool, keys: ShopKeys
) -> None:
    story = await _recorded_life(pool, keys, NOW)
    await pool.execute("UPDATE ledger.task_counts_by_hour SET spread = spread + 1 WHERE state <> 'queued'")
    await pool.execute("UPDATE ledger.task_counts_by_minute SET spread = 0 WHERE state = 'succeeded'")
    assert await check_statistics(connection, _hour(story)) == 2 + 1 + 2 * FLOWS_OF_A_COUNTER


async def test_the_self_check_finds_flows_that_counters_do_not_bear_out(
    connection: Any, pool: asyncpg.Pool, keys: ShopKeys
) -> None:
    story = await _recorded_life(pool, keys, NOW)
    await pool.execute("UPDATE ledger.task_flows_by_hour SET took = took + 1 WHERE facet = 'type'")
    await pool.execute("UPDATE ledger.task_flows_by_minute SET failed = 1 WHERE facet = 'all'")
    await pool.execute("DELETE FROM ledger.task_flows_by_minute WHERE facet = 'account'")
    assert await check_statistics(connection, _hour(story)) == 3


async def test_one_replica_at_a_time_maintains(connection: Any, options: RecorderSettings) -> None:
    ran: list[str] = []

    async def note(_: Any, __: RecorderSettings) -> None:
        ran.append("ran")

    job = type(JOBS[0])("test", 60, note)
    await connection.execute("SELECT pg_advisory_lock($1)", locks.MAINTENANCE)
    maintenance = Maintenance(options, jobs=(job,))
    await maintenance.round()
    assert ran == []
    await connection.execute("SELECT pg_advisory_unlock($1)", locks.MAINTENANCE)
    await maintenance.round()
    await maintenance.round()
    assert ran == ["ran"]


async def test_all_jobs_run_through(options: RecorderSettings, pool: asyncpg.Pool, keys: ShopKeys) -> None:
    await _recorded_life(pool, keys, NOW)
    maintenance = Maintenance(options)
    await maintenance.round()
    assert maintenance.finished == {job.name for job in JOBS}


async def _recorded_life(pool: asyncpg.Pool, keys: ShopKeys, moment: datetime) -> list[Transition]:
    """The finished life of one task of that time, recorded."""
    task_id = delivery_task_id(str(uuid4()), triggered_at=moment, received_at=moment)
    task = header(id=task_id, queued_at=moment)
    story = life(task, [State.SUCCEEDED], begins_at=moment.replace(minute=30, second=0))
    batch = entries(story)
    await ensure_partitions(pool, batch)
    await write(pool, keys, batch)
    return story


async def _detach(connection: Any, table: str) -> None:
    await connection.execute(f"ALTER TABLE {table} DETACH PARTITION {table}_{OLD:%Y%m%d} CONCURRENTLY")


def _hour(story: list[Transition]) -> datetime:
    return story[0].occurred_at.replace(minute=0, second=0, microsecond=0)
