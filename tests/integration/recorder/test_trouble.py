"""What the recorder does with messages nobody can record, and while database or broker are away."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import orjson
import pytest
from aio_pika.abc import AbstractIncomingMessage

from query_api.recorder import locks
from query_api.recorder.settings import RecorderSettings
from shared.db.pool import open_connection
from shared.envelope import Detail, State, decode, encode, plain
from shared.identity import delivery_task_id
from tests.factories import header, transition
from tests.integration.recorder.histories import life
from tests.integration.recorder.ledger import (
    assert_equals_its_log,
    count_events,
    stored_tasks,
    until_recorded,
)
from tests.integration.recorder.running import (
    Queue,
    recorder,
)
from tests.waiting import eventually

FAILS_ONCE = """
    CREATE SEQUENCE tries;
    CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('tries') = 1 THEN RAISE EXCEPTION 'circle' USING ERRCODE = '40P01'; END IF;
        RETURN new;
    END $$;
    CREATE TRIGGER fail_once BEFORE INSERT ON ledger.task_counts
        FOR EACH STATEMENT EXECUTE FUNCTION fail_once();
"""


async def test_what_nobody_can_read_is_buried_and_costs_nothing_else(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int
) -> None:
    story = life(header(shop_id=shop_id), [State.SUCCEEDED])
    async with recorder(options):
        await queue.publish_raw([b"not json", b"", b'{"v": 2, "transitions": []}', b"\xff\xfe", b"[1]"])
        await queue.publish(story)
        dead = await queue.dead_letters(5)
        await until_recorded(pool, story)
        assert await queue.depth() == 0
    assert all(_reason(message) for message in dead)
    assert b"not json" in [message.body for message in dead]
    await assert_equals_its_log(pool, shop_id)


async def test_one_bad_transition_does_not_cost_the_others_of_its_message(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int
) -> None:
    story = life(header(shop_id=shop_id), [State.SUCCEEDED])
    message = orjson.loads(plain(encode(story)))
    message["transitions"].insert(1, message["transitions"][0] | {"attempt": 0})
    message["transitions"].insert(0, "nonsense")
    async with recorder(options):
        await queue.publish_raw([orjson.dumps(message)])
        dead = await queue.dead_letters(2)
        await until_recorded(pool, story)
    places = [_reason(message).split(":")[0] for message in dead]
    assert places == ["transitions[0]", "transitions[0].attempt"]


@pytest.mark.parametrize("days", [-401, 3])
async def test_a_task_of_a_day_no_log_has_goes_to_the_dead_letters(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int, days: int
) -> None:
    strange = transition(id=_id_of_day(days), shop_id=shop_id)
    good = transition(shop_id=shop_id)
    async with recorder(options):
        await queue.publish_raw([encode([strange]), encode([good])])
        (dead,) = await queue.dead_letters(1)
        await until_recorded(pool, [good])
    assert _reason(dead).startswith("task.id")
    assert decode(dead.body) == [strange]


async def test_a_plausible_day_without_partitions_gets_them(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int
) -> None:
    story = [transition(id=_id_of_day(-100), shop_id=shop_id), transition(shop_id=shop_id)]
    async with recorder(options):
        await queue.publish(story)
        await until_recorded(pool, story)
    day = (datetime.now(UTC) - timedelta(days=100)).date()
    assert await _has_partition(pool, "ledger.tasks", day)
    await assert_equals_its_log(pool, shop_id)


async def test_content_the_database_refuses_is_found_among_the_others(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int
) -> None:
    story = [item for _ in range(20) for item in life(header(shop_id=shop_id), [State.SUCCEEDED])]
    secret = "nobody@example.com"
    too_late = transition(shop_id=shop_id, attempt=2**31, state=State.PROCESSING)
    too_many = transition(
        shop_id=shop_id, state=State.SUCCEEDED, detail=Detail(items_processed=2**63, target_id=secret)
    )
    async with recorder(options):
        await queue.publish([*story[:30], too_late, *story[30:], too_many])
        dead = await queue.dead_letters(2)
        await until_recorded(pool, story)
    assert {_reason(message).split(":")[0] for message in dead} == {"not recordable"}
    assert not any(secret in _reason(message) for message in dead)
    await assert_equals_its_log(pool, shop_id)


async def test_text_with_nul_characters_is_recorded_without_them(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int
) -> None:
    detail = Detail(note="a\0b", summary={"k\0": "v\0", "path": "C:\\u0000"})
    story = [transition(shop_id=shop_id, state=State.SUCCEEDED, detail=detail, order_number="\0")]
    async with recorder(options):
        await queue.publish(story)
        await until_recorded(pool, story)
    (row,) = (await stored_tasks(pool, shop_id)).values()
    assert (row.note, row.order_number) == ("a\ufffdb", "\ufffd")
    assert row.summary == {"k\ufffd": "v\ufffd", "path": "C:\\u0000"}


async def test_a_circle_of_waiting_is_broken_by_trying_again(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int
) -> None:
    await pool.execute(FAILS_ONCE)
    story = life(header(shop_id=shop_id), [State.SUCCEEDED])
    async with recorder(options):
        await queue.publish(story)
        await until_recorded(pool, story)
    assert await pool.fetchval("SELECT nextval('tries')") > 2
    await assert_equals_its_log(pool, shop_id)


async def test_recording_waits_for_a_rebuild(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int
) -> None:
    story = life(header(shop_id=shop_id), [State.SUCCEEDED])
    rebuilding = await open_connection(options.database_url.get_secret_value())
    await rebuilding.execute("SELECT pg_advisory_lock($1)", locks.RECORDING)
    async with recorder(options):
        await queue.publish(story)
        await eventually(lambda: _is_taken(queue))
        assert await count_events(pool) == 0
        await rebuilding.close()
        await until_recorded(pool, story)


async def test_a_fault_of_the_database_holds_the_messages_and_buries_none(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int
) -> None:
    story = life(header(shop_id=shop_id), [State.SUCCEEDED])
    await pool.execute("ALTER TABLE ledger.task_counts RENAME TO away")
    async with recorder(options):
        await queue.publish(story)
        await eventually(lambda: _is_taken(queue))
        await pool.execute("ALTER TABLE ledger.away RENAME TO task_counts")
        await until_recorded(pool, story)
    assert await queue.dead_letters(0) == []


def _reason(message: AbstractIncomingMessage) -> str:
    return str(message.headers["x-reason"])


def _id_of_day(days: int) -> Any:
    moment = datetime.now(UTC) + timedelta(days=days)
    return delivery_task_id("k", triggered_at=None, received_at=moment)


async def _has_partition(pool: asyncpg.Pool, table: str, day: date) -> bool:
    return await pool.fetchval("SELECT to_regclass($1)", f"{table}_{day:%Y%m%d}") is not None


async def _is_taken(queue: Queue) -> bool:
    return await queue.depth() == 0
