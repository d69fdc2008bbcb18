"""A rebuild gives what the recorder gave, and puts right what somebody changed."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from query_api.recorder.rebuild import RebuildReport, countable_since, rebuild, rebuild_async
from query_api.recorder.shop_keys import ShopKeys
from query_api.recorder.writing import RebuildRunning, write
from shared.envelope import State, Transition
from shared.identity import delivery_task_id
from tests.factories import header
from tests.integration.recorder.histories import life
from tests.integration.recorder.ledger import entries, snapshot
from tests.waiting import eventually

ENDS = [
    *([], [State.PROCESSING], [State.SUCCEEDED], [State.RETRYING], [State.RETRYING, State.FAILED]),
    *([State.CANCELLED], [State.RETRYING, State.CANCELLED]),
]


@pytest.fixture
async def story(pool: asyncpg.Pool, keys: ShopKeys, shop_id: int) -> list[Transition]:
    """A log of several days, recorded as it happened."""
    now = datetime.now(UTC)
    told = []
    for number in range(60):
        moment = now - timedelta(days=number % 3, minutes=number)
        task_id = delivery_task_id(f"d{number}", triggered_at=moment, received_at=moment)
        task = header(id=task_id, shop_id=shop_id, account_id=number % 2 or None)
        facts = {"duration_ms": number / 7, "items_processed": number, "summary": {"a": [number, 0.1]}}
        told += life(task, ENDS[number % len(ENDS)], begins_at=moment, **facts)
    await write(pool, keys, entries(told))
    return told


async def test_a_rebuild_of_what_the_recorder_wrote_changes_nothing(
    database_url: str, pool: asyncpg.Pool, story: list[Transition]
) -> None:
    before = await snapshot(pool)
    report = await rebuild_async(database_url)
    assert report == RebuildReport(
        events=len(story),
        tasks=60,
        tasks_corrected=0,
        tasks_removed=0,
        counts_corrected=0,
        minutes_corrected=0,
        hours_corrected=0,
        failures_corrected=0,
    )
    assert report.is_unchanged
    assert await snapshot(pool) == before


async def test_a_rebuild_restores_what_was_corrupted_and_says_what_it_was(
    database_url: str, pool: asyncpg.Pool, story: list[Transition]
) -> None:
    before = await snapshot(pool)
    await pool.execute(
        """
        DELETE FROM ledger.tasks WHERE task_id IN (SELECT task_id FROM ledger.tasks ORDER BY task_id LIMIT 4);
        UPDATE ledger.tasks SET note = 'forged', duration_ms = 1
            WHERE task_id IN (SELECT task_id FROM ledger.tasks ORDER BY task_id DESC LIMIT 3);
        INSERT INTO ledger.tasks
            (task_id, shop_id, type, state, state_rank, attempt, max_attempts, created_at, queued_at,
             updated_at)
            VALUES (ledger.first_id_of(current_date), 1, 'X', 'queued', 0, 1, 1, now(), now(), now());
        UPDATE ledger.task_counts SET n = n + 5 WHERE state = 'failed';
        INSERT INTO ledger.task_counts VALUES (77, 'X', 0, 'queued', 9);
        DELETE FROM ledger.task_counts_by_minute WHERE state = 'queued';
        UPDATE ledger.task_counts_by_hour SET duration_ms = duration_ms + 1 WHERE state = 'succeeded';
        UPDATE ledger.task_counts_by_hour SET spread = 0 WHERE state = 'processing';
        UPDATE ledger.task_flows_by_hour SET failed = failed + 1 WHERE facet = 'all';
        DELETE FROM ledger.task_flows_by_minute WHERE facet = 'type';
        INSERT INTO ledger.task_flows_by_minute
            SELECT bucket, shop_id, 'type', 'forged', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
            FROM ledger.task_flows_by_minute WHERE facet = 'all';
        UPDATE ledger.failure_groups SET n = n + 3, message = 'forged';
        UPDATE ledger.failures_by_hour SET n = n + 1;
        INSERT INTO ledger.failure_groups
            SELECT shop_id, 'forged', type, error_kind, place, message, remedy, n, first_at, last_at,
                   example_id
            FROM ledger.failure_groups;
        """
    )
    report = await rebuild_async(database_url)
    assert (report.tasks_corrected, report.tasks_removed) == (7, 1)
    assert report.counts_corrected == 3
    assert report.minutes_corrected > 0
    assert report.hours_corrected > 0
    assert report.failures_corrected > 2
    await pool.execute("DELETE FROM ledger.task_counts WHERE shop_id = 77 AND n = 0")
    assert await snapshot(pool) == before
    assert (await rebuild_async(database_url)).is_unchanged


async def test_a_rebuild_of_an_emptied_projection_makes_all_of_it_again(
    database_url: str, pool: asyncpg.Pool, story: list[Transition]
) -> None:
    before = await snapshot(pool)
    await pool.execute(
        "TRUNCATE ledger.tasks, ledger.task_counts, ledger.task_counts_by_minute, "
        "ledger.task_counts_by_hour, ledger.task_flows_by_minute, ledger.task_flows_by_hour, "
        "ledger.failure_groups, ledger.failures_by_hour"
    )
    days: list[date] = []
    report = await asyncio.to_thread(rebuild, database_url, on_day=lambda day, _: days.append(day))
    assert report.tasks_corrected == 60
    assert days == sorted(days)
    assert await snapshot(pool) == before


async def test_recording_and_rebuilding_exclude_each_other(
    database_url: str, pool: asyncpg.Pool, keys: ShopKeys, story: list[Transition]
) -> None:
    late = entries(life(header(), [State.SUCCEEDED]))

    async def is_refused() -> bool:
        try:
            await write(pool, keys, late)
        except RebuildRunning:
            return True
        return False

    async with pool.acquire() as holder, holder.transaction():
        await holder.execute("LOCK TABLE ledger.recount IN SHARE MODE")
        rebuilding = asyncio.create_task(rebuild_async(database_url))
        await eventually(is_refused)
    await rebuilding
    await write(pool, keys, late)
    assert (await rebuild_async(database_url)).is_unchanged


def test_statistics_near_a_dropped_day_are_not_counted_again() -> None:
    assert countable_since(date(2026, 3, 1)) == datetime(2026, 3, 9, tzinfo=UTC)
    assert countable_since(None) < datetime(1900, 1, 1, tzinfo=UTC)
