"""An account that is unavailable is left alone: its tasks wait, others go on, and it is tried again."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from query_api.maintenance.breakers import turn_breakers
from query_api.recorder.settings import RecorderSettings
from query_api.recorder.shop_keys import ShopKeys
from query_api.recorder.writing import write
from shared.envelope import Call, Detail, State, utc_now
from shared.handling import Handler, Outcome, Run
from shared.tasks import TaskType
from tests.factories import transition
from tests.integration.recorder.ledger import entries
from tests.workers import World, open_world

BREAKER = {"breaker": {"enabled": True, "pause_s": 120}}
SYNC = TaskType.SYNC_CONTACT


@pytest.fixture
async def world(database_url: str, rabbitmq_url: str) -> AsyncIterator[World]:
    async with open_world(database_url, rabbitmq_url) as world:
        yield world


@pytest.fixture
async def account_id(world: World) -> int:
    """An account with a breaker."""
    _, account_id = await world.shop_with_account()
    await settle(world, account_id, BREAKER)
    return account_id


async def settle(world: World, account_id: int, settings: Mapping[str, Any]) -> None:
    await world.pool.execute("UPDATE store.accounts SET settings = $2 WHERE id = $1", account_id, settings)


async def called(world: World, keys: ShopKeys, account_id: int, *statuses: int | None, at: datetime) -> None:
    facts: dict[str, Any] = {
        "api": "Engage",
        "method": "GET",
        "url": "http://x.example",
        "started_at": at,
        "duration_ms": 9,
    }
    detail = Detail(calls=[Call(**facts, status=status) for status in statuses])
    ended = transition(type=SYNC, shop_id=1, account_id=account_id, state=State.SUCCEEDED, detail=detail)
    await write(world.pool, keys, entries([ended]))


async def turn(world: World, options: RecorderSettings, now: datetime) -> None:
    async with world.pool.acquire() as connection:
        await turn_breakers(connection, options, now=now)


async def throttle(pool: asyncpg.Pool, account_id: int) -> Any:
    return await pool.fetchrow("SELECT * FROM store.throttles WHERE account_id = $1", account_id)


async def test_its_tasks_wait_while_others_go_on_and_then_it_is_tried_again(
    world: World, keys: ShopKeys, account_id: int, options: RecorderSettings
) -> None:
    other_shop, other = await world.shop_with_account()
    now = utc_now()
    await called(world, keys, account_id, *[503] * 6, at=now)
    await turn(world, options, now)
    pause = await throttle(world.pool, account_id)
    assert (pause["paused_until"], pause["is_hold"]) == (now + timedelta(seconds=120), False)
    assert pause["reason"].startswith("Contacts: Unavailable: the last 6 calls all failed. Its tasks wait")

    async def succeed(run: Run) -> Outcome:
        return Outcome()

    handlers: dict[TaskType, Handler] = {SYNC: succeed}
    waiting = [transition(type=SYNC, shop_id=1, account_id=account_id) for _ in range(30)]
    going = [transition(type=SYNC, shop_id=other_shop, account_id=other) for _ in range(3)]
    async with world.worker(handlers, prefetch=2):
        await world.publisher.publish([*waiting, *going])
        for task in going:
            assert (await world.final(task.task.id)).state is State.SUCCEEDED
        assert all(world.of(task.task.id) == [(State.QUEUED, 1)] for task in waiting)
        await turn(world, options, now + timedelta(seconds=121))
        assert (await throttle(world.pool, account_id))["paused_until"] == pause["paused_until"]
    await world.pool.execute("DELETE FROM store.throttles")
    fresh = transition(type=SYNC, shop_id=1, account_id=account_id)
    async with world.worker(handlers):
        await world.publisher.publish([fresh])
        assert (await world.final(fresh.task.id)).state is State.SUCCEEDED


async def test_it_opens_for_longer_until_the_account_answers(
    world: World, keys: ShopKeys, account_id: int, options: RecorderSettings
) -> None:
    now = utc_now() - timedelta(hours=1)
    for times, pause_s in ((1, 120), (2, 240), (3, 480)):
        await called(world, keys, account_id, *[None] * 6, at=now)
        await turn(world, options, now)
        (row,) = await world.pool.fetch("SELECT * FROM store.breakers")
        assert (row["times"], row["open_until"] - now) == (times, timedelta(seconds=pause_s))
        now = row["open_until"] + timedelta(seconds=61)
    await called(world, keys, account_id, 200, at=now)
    await turn(world, options, now)
    assert (await world.pool.fetchval("SELECT times FROM store.breakers")) == 0
    assert await throttle(world.pool, account_id) is None


async def test_an_account_without_a_breaker_is_not_left_alone(
    world: World, keys: ShopKeys, account_id: int, options: RecorderSettings
) -> None:
    await settle(world, account_id, {})
    now = utc_now()
    await called(world, keys, account_id, *[503] * 6, at=now)
    await turn(world, options, now)
    assert await throttle(world.pool, account_id) is None


async def test_a_wait_for_credentials_is_not_made_a_pause(
    world: World, keys: ShopKeys, account_id: int, options: RecorderSettings
) -> None:
    now = utc_now()
    await world.pool.execute(
        "INSERT INTO store.throttles VALUES ($1, now() + interval '1 minute', 'refused', true)", account_id
    )
    await called(world, keys, account_id, *[503] * 6, at=now)
    await turn(world, options, now)
    row = await throttle(world.pool, account_id)
    assert (row["reason"], row["is_hold"]) == ("refused", True)


async def test_switching_the_breaker_off_lets_the_account_go_on(
    world: World, keys: ShopKeys, account_id: int, options: RecorderSettings
) -> None:
    now = utc_now()
    await called(world, keys, account_id, *[503] * 6, at=now)
    await turn(world, options, now)
    await settle(world, account_id, {})
    await turn(world, options, now + timedelta(seconds=5))
    assert await throttle(world.pool, account_id) is None
