"""From the queue to the log: several recorders, duplicates, any order, crashes."""

import asyncio
import random
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from query_api.recorder.settings import RecorderSettings
from shared.envelope import State, Transition, encode
from shared.vault import Vault
from tests.factories import header
from tests.integration.recorder.histories import life, messages
from tests.integration.recorder.ledger import assert_equals_its_log, count_events, distinct, until_recorded
from tests.integration.recorder.running import Queue, own_process, recorder, recorder_settings
from tests.integration.recorder.shops import data_key
from tests.waiting import eventually

ENDS = [[State.SUCCEEDED], [State.RETRYING, State.SUCCEEDED], [State.FAILED]]


async def test_what_is_published_stands_in_the_log(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, vault: Vault, shop_id: int
) -> None:
    story = _story(shop_id, tasks=30)
    async with recorder(options):
        await queue.publish(story)
        await until_recorded(pool, story)
        await eventually(lambda: _is_empty(queue))
    await assert_equals_its_log(pool, shop_id)
    key = await data_key(pool, vault, shop_id)
    first = story[0]
    kept = await pool.fetchval("SELECT received FROM ledger.payloads WHERE task_id = $1", first.task.id)
    assert first.payload is not None
    assert key.open(kept, first.task.id) == first.payload.body


async def test_three_recorders_with_duplicates_in_random_order_count_exactly(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int
) -> None:
    story = _story(shop_id, tasks=300)
    bodies = messages(story) + [encode(random.sample(story, 40)) for _ in range(60)]
    random.shuffle(bodies)
    small = options.model_copy(update={"recorder_batch_size": 50, "recorder_prefetch": 60})
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(recorder(small))
        await queue.publish_raw(bodies)
        await until_recorded(pool, story)
        await eventually(lambda: _is_empty(queue))
    await assert_equals_its_log(pool, shop_id)


async def test_a_recorder_killed_in_the_middle_loses_nothing(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int, tmp_path: Path
) -> None:
    story = _story(shop_id, tasks=800)
    bodies = [encode([item]) for item in story]
    for _ in range(2):
        async with own_process(options) as process:
            half, bodies = bodies[: len(bodies) // 2], bodies[len(bodies) // 2 :]
            already = await count_events(pool)
            publishing = asyncio.create_task(queue.publish_raw(half))
            await eventually(partial(_has_more, pool, already))
            await process.kill()
            await publishing
    assert await count_events(pool) < distinct(story)
    async with own_process(options):
        await queue.publish_raw(bodies)
        await until_recorded(pool, story)
    await assert_equals_its_log(pool, shop_id)


async def test_sigterm_records_what_was_delivered_and_leaves_the_rest_untouched(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int, tmp_path: Path
) -> None:
    story = _story(shop_id, tasks=800)
    await queue.publish_raw([encode([item]) for item in story])
    small = options.model_copy(update={"recorder_prefetch": 100, "recorder_batch_size": 50})
    log = tmp_path / "recorder.log"
    async with own_process(small, is_ready=False, log=log) as process:
        await eventually(lambda: _has_more(pool, 0))
        await process.terminate()
    left = await queue.take_left()
    assert await count_events(pool) + len(left) == distinct(story)
    assert left
    # Not asked of the messages: RabbitMQ takes back itself what was on its way when the consumer ended.
    assert [line["given_back"] for line in _lines(log) if line["event"] == "recorder_drained"] == [0]


async def test_the_process_says_whether_it_is_ready_and_what_it_did(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int
) -> None:
    story = _story(shop_id, tasks=2)
    async with own_process(options) as process:
        assert (await process.get("/livez")).status_code == 200
        await queue.publish(story)
        await until_recorded(pool, story)
        metrics = (await process.get("/metrics")).text
    assert f'syncledger_recorder_transitions_total{{outcome="new"}} {len(story)}.0' in metrics
    assert "syncledger_recorder_lag_seconds_bucket" in metrics
    assert "syncledger_partition_days_ahead 14.0" in metrics


async def test_readers_are_told_how_far_the_log_has_come(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int
) -> None:
    async with recorder(options):
        await queue.publish(_story(shop_id, tasks=2))
        published_at = datetime.now(UTC)
        await eventually(lambda: _as_of_is_after(pool, published_at))
    (state,) = await pool.fetch("SELECT * FROM ledger.recorders")
    assert state["backlog"] == 0
    assert datetime.now(UTC) - state["as_of"] < timedelta(seconds=10)


def _story(shop_id: int, *, tasks: int) -> list[Transition]:
    return [
        item
        for number in range(tasks)
        for item in life(header(shop_id=shop_id), ENDS[number % len(ENDS)], items_processed=1)
    ]


def _lines(log: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in log.read_bytes().splitlines()]


async def _is_empty(queue: Queue) -> bool:
    return await queue.depth() == 0


async def _as_of_is_after(pool: asyncpg.Pool, moment: datetime) -> bool:
    as_of = await pool.fetchval("SELECT min(as_of) FROM ledger.recorders")
    return as_of is not None and as_of > moment


async def _has_more(pool: asyncpg.Pool, before: int) -> bool:
    return await count_events(pool) > before


async def test_with_nothing_answering_it_lives_is_not_ready_and_can_be_stopped(secret_keys: str) -> None:
    nowhere = recorder_settings("postgresql://x@127.0.0.1:1/x", "amqp://127.0.0.1:1", secret_keys=secret_keys)
    async with own_process(nowhere, is_ready=False) as process:
        await eventually(process.is_live)
        answer = await process.get("/readyz")
        assert answer.status_code == 503
        assert set(answer.json()["problems"]) == {"database", "broker", "consumer"}
        await process.terminate()
