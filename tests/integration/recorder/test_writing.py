"""The log, its projection and its counters on real Postgres, without a broker."""

import asyncio
import random
from collections.abc import Sequence
from itertools import count

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from query_api.recorder.fold import TaskRow
from query_api.recorder.reading import Entry
from query_api.recorder.recording import CONTENTION
from query_api.recorder.shop_keys import ShopKeys
from query_api.recorder.writing import write
from shared.envelope import Call, Payload, State, Transition, utc_now
from shared.exchange_facts import opened_facts
from shared.vault import Vault
from tests.factories import header, transition
from tests.integration.recorder.histories import FAILURE, life, lives
from tests.integration.recorder.ledger import (
    assert_equals_its_log,
    distinct,
    entries,
    expected_tasks,
    snapshot,
    stored_events,
    stored_tasks,
)
from tests.integration.recorder.shops import add_shop, data_key

_shop_ids = count(1_000_000)

RETRIED = [State.RETRYING, State.RETRYING, State.SUCCEEDED]


async def test_the_database_reads_rows_of_tasks_as_they_are_sent(pool: asyncpg.Pool) -> None:
    columns = await pool.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'ledger.task_row'::regclass ORDER BY attnum"
    )
    assert [column["attname"] for column in columns] == list(TaskRow._fields)


async def test_a_whole_life_ends_in_one_row_that_is_its_fold(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int
) -> None:
    story = life(header(shop_id=shop_id), RETRIED, target_id="c-1")
    assert await write(pool, keys, entries(story)) == len(story)
    (row,) = (await stored_tasks(pool, shop_id)).values()
    assert (row.state, row.attempt, row.target_id, row.error_kind) == ("succeeded", 3, "c-1", None)
    await assert_equals_its_log(pool, shop_id)


async def test_replays_change_nothing(pool: asyncpg.Pool, keys: ShopKeys, shop_id: int) -> None:
    batch = entries(life(header(shop_id=shop_id), RETRIED))
    await write(pool, keys, batch)
    before = await snapshot(pool)
    assert await write(pool, keys, batch) == 0
    assert await write(pool, keys, batch[2:] + batch) == 0
    assert await snapshot(pool) == before


async def test_the_first_of_two_tellings_of_one_transition_stands(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int
) -> None:
    task = header(shop_id=shop_id)
    first = transition(task=task, state=State.PROCESSING, service="first")
    second = transition(task=task, state=State.PROCESSING, service="second")
    await write(pool, keys, entries([first, second]))
    await write(pool, keys, entries([second]))
    (event,) = await stored_events(pool, shop_id)
    assert event.service == "first"


async def test_a_running_attempt_still_shows_what_the_last_one_reported(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int
) -> None:
    queued, begun, failed, again = life(header(shop_id=shop_id), [State.RETRYING, State.PROCESSING])
    for item in (queued, begun, again, failed):
        await write(pool, keys, entries([item]))
    (row,) = (await stored_tasks(pool, shop_id)).values()
    assert (row.state, row.attempt, row.error_message) == ("processing", 2, FAILURE.message)
    assert row.due_at is None
    await assert_equals_its_log(pool, shop_id)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_order_and_duplication_gives_the_same_projection_and_counters(
    pool: asyncpg.Pool, keys: ShopKeys, data: st.DataObject
) -> None:
    shop_id = next(_shop_ids)
    story = data.draw(lives(shop_id=shop_id))
    repeated = story + data.draw(st.lists(st.sampled_from(story), max_size=5))
    for batch in _batches(data.draw(st.permutations(repeated)), data.draw(st.integers(1, 7))):
        await write(pool, keys, entries(batch))
    assert await stored_tasks(pool, shop_id) == expected_tasks(entry.event for entry in entries(story))
    await assert_equals_its_log(pool, shop_id)


async def test_several_writers_with_the_same_transitions_in_any_order_count_exactly(
    pool: asyncpg.Pool, keys: ShopKeys, shop_id: int
) -> None:
    ends = [[State.SUCCEEDED], RETRIED, [State.FAILED], [State.RETRYING, State.FAILED]]
    story = [item for number in range(200) for item in life(header(shop_id=shop_id), ends[number % 4])]
    deadlocks = await asyncio.gather(*(_write_shuffled(pool, keys, story) for _ in range(4)))
    assert sum(deadlocks) == 0
    assert len(await stored_events(pool, shop_id)) == distinct(story)
    await assert_equals_its_log(pool, shop_id)


async def test_any_bytes_come_back_exactly(
    pool: asyncpg.Pool, keys: ShopKeys, vault: Vault, shop_id: int
) -> None:
    bodies = [b"", bytes(range(256)), "é\x00€".encode(), random.randbytes(3_000_000), b"{}"]
    story = [
        transition(task=header(shop_id=shop_id), payload=Payload(body=body, headers={"X-Topic": "a"}))
        for body in bodies
    ]
    await write(pool, keys, entries(story))
    key = await data_key(pool, vault, shop_id)
    for item, body in zip(story, bodies, strict=True):
        (row,) = await pool.fetch("SELECT * FROM ledger.payloads WHERE task_id = $1", item.task.id)
        assert (row["attempt"], row["position"], row["sent"]) == (1, 0, None)
        assert key.open(row["received"], item.task.id) == body
        assert opened_facts(row["meta"], key, item.task.id)["headers"] == {"X-Topic": "a"}


async def test_requests_and_answers_are_kept_apart_from_the_log(
    pool: asyncpg.Pool, keys: ShopKeys, vault: Vault, shop_id: int
) -> None:
    call = Call(
        api="crm",
        method="PATCH",
        url="http://crm.example/contacts/id?email=kim%40example.com",
        started_at=utc_now(),
        duration_ms=12.5,
        request_body=b'{"secret": "sent"}',
        status=200,
        response_body=b"\xff\x00",
    )
    story = life(header(shop_id=shop_id), [State.SUCCEEDED], calls=[call, call])
    await write(pool, keys, entries(story))
    key = await data_key(pool, vault, shop_id)
    rows = await pool.fetch("SELECT * FROM ledger.payloads WHERE position > 0 ORDER BY position")
    assert [row["position"] for row in rows] == [1, 2]
    assert key.open(rows[0]["sent"], rows[0]["task_id"]) == call.request_body
    assert key.open(rows[1]["received"], rows[1]["task_id"]) == call.response_body
    assert opened_facts(rows[0]["meta"], key, story[0].task.id)["url"] == call.url
    assert rows[0]["meta"]["url"] == "http://crm.example/contacts/id"
    assert "kim" not in str(rows[0]["meta"])
    last = max(await stored_events(pool, shop_id), key=lambda event: event.order)
    assert "secret" not in repr(last.detail)
    assert last.detail["calls"][0]["status"] == 200


async def test_without_a_shops_key_all_but_the_bodies_is_kept(pool: asyncpg.Pool, keys: ShopKeys) -> None:
    story = life(header(shop_id=999), [State.SUCCEEDED])
    await write(pool, keys, entries(story))
    (row,) = await pool.fetch("SELECT * FROM ledger.payloads WHERE shop_id = 999")
    assert row["received"] is None
    assert row["meta"]["bodies"].startswith("not kept")
    assert story[0].payload is not None
    assert row["meta"]["received_bytes"] == len(story[0].payload.body)
    await assert_equals_its_log(pool, 999)


async def test_a_shop_that_was_just_added_is_known_after_its_first_miss_expires(
    pool: asyncpg.Pool, vault: Vault
) -> None:
    keys = ShopKeys(vault, kept_s=0)
    async with pool.acquire() as connection:
        assert await keys.of([1], connection) == {}
        shop_id = await add_shop(pool, vault)
        assert set(await keys.of([shop_id], connection)) == {shop_id}


def _batches(items: Sequence[Transition], size: int) -> list[Sequence[Transition]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


async def _write_shuffled(pool: asyncpg.Pool, keys: ShopKeys, story: list[Transition]) -> int:
    """Every transition twice, in batches; returns how often the database had to break a circle of waiting."""
    doubled = story * 2
    random.shuffle(doubled)
    circles = 0
    for batch in _batches(doubled, 100):
        circles += await _write_through(pool, keys, entries(batch))
    return circles


async def _write_through(pool: asyncpg.Pool, keys: ShopKeys, batch: list[Entry]) -> int:
    try:
        await write(pool, keys, batch)
    except CONTENTION:
        return 1 + await _write_through(pool, keys, batch)
    return 0
