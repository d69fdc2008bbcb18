"""What is deleted is gone from the log and from all that is counted, and does not come back."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from msgspec.structs import replace

from query_api.recorder.rebuild import rebuild_async
from query_api.recorder.removing import remove_tasks
from query_api.recorder.shop_keys import ShopKeys
from query_api.recorder.writing import RebuildRunning, write
from shared.envelope import State, TaskHeader, Transition
from shared.identity import delivery_task_id
from tests.factories import header
from tests.integration.recorder.histories import FAILURE, life
from tests.integration.recorder.ledger import assert_equals_its_log, entries, snapshot, states
from tests.waiting import eventually

ENDS = [
    *([], [State.PROCESSING], [State.SUCCEEDED], [State.RETRYING], [State.RETRYING, State.FAILED]),
    *([State.FAILED], [State.CANCELLED], [State.RETRYING, State.SUCCEEDED]),
]


def task_at(number: int, shop_id: int) -> tuple[TaskHeader, datetime]:
    moment = datetime.now(UTC) - timedelta(days=number % 3, minutes=7 * number)
    task_id = delivery_task_id(f"d{number}", triggered_at=moment, received_at=moment)
    return header(id=task_id, shop_id=shop_id, account_id=number % 2 or None), moment


@pytest.fixture
async def told(pool: asyncpg.Pool, keys: ShopKeys, shop_id: int) -> dict[UUID, list[Transition]]:
    """A log of several days, with failures of two kinds."""
    story: dict[UUID, list[Transition]] = {}
    for number in range(80):
        task, moment = task_at(number, shop_id)
        failure = replace(FAILURE, fingerprint=f"f{number % 2}", message=f"m{number}")
        facts = {"duration_ms": number**2 * 3.0, "items_processed": number}
        lived = life(task, ENDS[number % len(ENDS)], begins_at=moment, **facts)
        story[task.id] = [_with(failure, item) for item in lived]
    await write(pool, keys, entries(item for lived in story.values() for item in lived))
    return story


def _with(failure: object, item: Transition) -> Transition:
    if item.detail.failure is None:
        return item
    return replace(item, detail=replace(item.detail, failure=failure))


def over(story: dict[UUID, list[Transition]]) -> list[UUID]:
    return [task_id for task_id, lived in story.items() if lived[-1].state.is_final]


async def remove(pool: asyncpg.Pool, task_ids: Sequence[UUID]) -> set[UUID]:
    async with pool.acquire() as connection, connection.transaction():
        return await remove_tasks(connection, task_ids)


async def test_counters_follow_and_a_rebuild_agrees(
    database_url: str, pool: asyncpg.Pool, shop_id: int, told: dict[UUID, list[Transition]]
) -> None:
    for part in (over(told)[3:4], over(told)[10:30], over(told)[::2]):
        await remove(pool, part)
        await assert_equals_its_log(pool, shop_id)
    assert (await rebuild_async(database_url)).is_unchanged
    await remove(pool, over(told))
    await assert_equals_its_log(pool, shop_id)
    left = await states(pool, shop_id)
    assert set(left) == {"queued", "processing", "retrying"}
    assert await pool.fetchval("SELECT count(*) FROM ledger.failure_groups") == 0
    before = await snapshot(pool)
    assert (await rebuild_async(database_url)).is_unchanged
    assert await snapshot(pool) == before


async def test_what_is_not_over_is_left(
    pool: asyncpg.Pool, shop_id: int, told: dict[UUID, list[Transition]]
) -> None:
    before = await snapshot(pool)
    active = [task_id for task_id in told if task_id not in over(told)]
    assert await remove(pool, [*active, header().id]) == set()
    assert await snapshot(pool) == before
    assert await pool.fetchval("SELECT count(*) FROM ledger.deleted_tasks") == 0


async def test_nothing_of_it_is_left(
    pool: asyncpg.Pool, shop_id: int, told: dict[UUID, list[Transition]]
) -> None:
    (gone, *_) = over(told)
    await remove(pool, [gone])
    for table in ("tasks", "task_events", "payloads"):
        found = await pool.fetchval(f"SELECT count(*) FROM ledger.{table} WHERE task_id = $1", gone)
        assert (table, found) == (table, 0)


async def test_what_comes_late_does_not_bring_it_back(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int, told: dict[UUID, list[Transition]]
) -> None:
    gone = over(told)[:10]
    await remove(pool, gone)
    again = [item for task_id in gone for item in told[task_id]]
    fresh = life(header(shop_id=shop_id), [State.SUCCEEDED])
    assert await write(pool, keys, entries([*again, *fresh])) == len(fresh)
    assert await write(pool, keys, entries(again)) == 0
    await assert_equals_its_log(pool, shop_id)
    left = await pool.fetchval("SELECT count(*) FROM ledger.tasks WHERE task_id = ANY($1::uuid[])", gone)
    assert left == 0


async def test_recording_and_deleting_at_once_agree(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int, told: dict[UUID, list[Transition]]
) -> None:
    """Every message comes once more while its task is deleted, and every failure is told twice over."""
    gone = over(told)
    late = [[*told[task_id], *life(header(shop_id=shop_id), [State.FAILED])] for task_id in gone]
    parts = [gone[at : at + 6] for at in range(0, len(gone), 6)]
    recording = [write(pool, keys, entries(items)) for items in late]
    deleting = [remove(pool, part) for part in parts]
    await asyncio.wait_for(asyncio.gather(*recording, *deleting), 60)
    await assert_equals_its_log(pool, shop_id)
    assert (await states(pool, shop_id))["failed"] == len(gone)


async def test_while_the_log_is_rebuilt_nothing_is_deleted(
    database_url: str, pool: asyncpg.Pool, told: dict[UUID, list[Transition]]
) -> None:
    async def is_refused() -> bool:
        try:
            await remove(pool, over(told)[:1])
        except RebuildRunning:
            return True
        return False

    async with pool.acquire() as holder, holder.transaction():
        await holder.execute("LOCK TABLE ledger.recount IN SHARE MODE")
        rebuilding = asyncio.create_task(rebuild_async(database_url))
        await eventually(is_refused)
    await rebuilding
