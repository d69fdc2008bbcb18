"""The clock starts what is due, once, whichever replica's clock it is and whenever one dies."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.envelope import State, Transition
from shared.publishing import NotPublished
from shared.starting import tick_task_id
from shared.tasks import Api, Lane, TaskType
from shared.trials import wish
from sync_worker import metrics
from sync_worker.scheduling.clock import Clock
from tests.waiting import eventually
from tests.workers import World, open_world


@pytest.fixture
async def world(database_url: str, rabbitmq_url: str) -> AsyncIterator[World]:
    async with open_world(database_url, rabbitmq_url) as world:
        yield world


@pytest.fixture
async def shop_id(world: World) -> int:
    """A shop with a CRM account that is not tried by itself."""
    shop_id, _ = await world.shop_with_account()
    await set_schedules(world)
    return shop_id


async def set_schedules(world: World, **intervals_s: int) -> None:
    wanted = {"CheckAccount": 0, **intervals_s}
    set_to = "UPDATE store.accounts SET settings = jsonb_build_object('schedules', $1::jsonb)"
    await world.pool.execute(set_to, wanted)


def clock(world: World, publisher: Any = None) -> Clock:
    return Clock(world.pool, publisher or world.publisher, service="test")


async def schedules(world: World) -> dict[str, Any]:
    rows = await world.pool.fetch("SELECT * FROM store.schedules WHERE is_active ORDER BY id")
    return {row["type"]: row for row in rows}


async def make_due(world: World, *, ago: timedelta = timedelta(seconds=1)) -> datetime:
    moment: datetime = await world.pool.fetchval(
        "UPDATE store.schedules SET next_at = now() - $1::interval RETURNING next_at", ago
    )
    return moment


def started(world: World) -> list[Transition]:
    return [one for one in world.published if one.state is State.QUEUED]


async def test_an_account_gets_its_schedules_and_they_run_at_once(world: World, shop_id: int) -> None:
    await clock(world).turn()
    await eventually(lambda: len(started(world)) == 1)
    (first,) = started(world)
    assert (first.task.type, first.task.shop_id) == (TaskType.INDEX_STORES, shop_id)
    assert (first.detail.actor, first.task.account_id is not None) == ("clock", True)
    row = (await schedules(world))["IndexStores"]
    assert row["next_at"] - row["last_at"] == timedelta(hours=1)


async def test_replicas_start_a_tick_once(world: World, shop_id: int) -> None:
    clocks = [clock(world) for _ in range(4)]
    await asyncio.gather(*(each.turn() for each in clocks))
    await asyncio.gather(*(each.turn() for each in clocks))
    await eventually(lambda: len(started(world)) == 1)
    assert len({one.task.id for one in started(world)}) == 1


async def test_a_crash_after_publishing_starts_the_same_task_again(world: World, shop_id: int) -> None:
    class Dying:
        async def publish(self, transitions: Any) -> None:
            await world.publisher.publish(transitions)
            raise NotPublished("the process died here")

    await clock(world).turn()
    tick = await make_due(world)
    world.published.clear()
    with pytest.raises(NotPublished):
        await clock(world, Dying()).turn()
    await clock(world).turn()
    await eventually(lambda: len(started(world)) == 2)
    row = (await schedules(world))["IndexStores"]
    assert {one.task.id for one in started(world)} == {tick_task_id(row["id"], tick)}


async def test_times_that_passed_while_nobody_ran_become_one(world: World, shop_id: int) -> None:
    await clock(world).turn()
    await make_due(world, ago=timedelta(days=30))
    world.published.clear()
    turning = clock(world)
    for _ in range(3):
        await turning.turn()
    await eventually(lambda: len(started(world)) == 1)
    row = (await schedules(world))["IndexStores"]
    now = await world.pool.fetchval("SELECT now()")
    assert row["next_at"] > now > row["last_at"] > now - timedelta(minutes=1)


async def test_the_rhythm_is_kept_when_a_tick_is_late(world: World, shop_id: int) -> None:
    await clock(world).turn()
    await world.pool.execute("UPDATE store.schedules SET interval_s = 60")
    tick = await make_due(world, ago=timedelta(seconds=150))
    await set_schedules(world, IndexStores=60)
    await clock(world).turn()
    row = (await schedules(world))["IndexStores"]
    assert (row["next_at"] - tick).total_seconds() == 180


async def test_settings_change_the_interval_and_switch_off(world: World, shop_id: int) -> None:
    await clock(world).turn()
    await set_schedules(world, IndexStores=120)
    await clock(world).turn()
    row = (await schedules(world))["IndexStores"]
    now = await world.pool.fetchval("SELECT now()")
    assert row["interval_s"] == 120
    assert row["next_at"] <= now + timedelta(seconds=120)
    await set_schedules(world, IndexStores=0)
    await clock(world).turn()
    assert await schedules(world) == {}


@pytest.mark.parametrize("table", ["store.shops", "store.accounts"])
async def test_what_is_switched_off_rests(world: World, shop_id: int, table: str) -> None:
    await clock(world).turn()
    await make_due(world)
    await world.pool.execute(f"UPDATE {table} SET is_active = false")
    world.published.clear()
    await clock(world).turn()
    assert started(world) == []


async def test_how_late_the_oldest_is_can_be_watched(world: World, shop_id: int) -> None:
    await clock(world).turn()
    await make_due(world, ago=timedelta(seconds=90))
    await clock(world).turn()
    assert 89 < metrics.OLDEST_OVERDUE._value.get() < 120


async def call(world: World, account_id: int, category: str, *, ago_s: float) -> None:
    await world.pool.execute(
        "INSERT INTO ledger.api_last_calls (account_id, category, called_at) "
        "VALUES ($1, $2, now() - make_interval(secs => $3)) "
        "ON CONFLICT (account_id, category) DO UPDATE SET called_at = excluded.called_at",
        account_id,
        category,
        ago_s,
    )


async def test_only_what_is_quiet_is_tried(world: World) -> None:
    _, account_id = await world.shop_with_account()
    await set_schedules(world, CheckAccount=300, IndexStores=0)
    await call(world, account_id, "contacts", ago_s=100)
    await call(world, account_id, "orders", ago_s=290)
    await clock(world).turn()
    await eventually(lambda: len(started(world)) == 1)
    (trial,) = started(world)
    assert (trial.task.type, trial.task.account_id) == (TaskType.CHECK_ACCOUNT, account_id)
    assert trial.payload is not None
    assert trial.payload.body == wish([Api.ORDERS])
    await call(world, account_id, "orders", ago_s=1)
    await make_due(world)
    await clock(world).turn()
    row = (await schedules(world))["CheckAccount"]
    assert row["next_at"] > await world.pool.fetchval("SELECT now()")
    assert len(started(world)) == 1


async def test_accounts_whose_clients_another_service_has_are_tried_there(world: World) -> None:
    _, account_id = await world.shop_with_account()
    await world.pool.execute("UPDATE store.accounts SET kind = 'ebay' WHERE id = $1", account_id)
    turning = clock(world)
    await turning.turn()
    await eventually(lambda: any(_is_trial(one) for one in started(world)))
    (trial,) = [one for one in started(world) if _is_trial(one)]
    assert trial.task.runs_on is Lane.WRITEBACK


def _is_trial(transition: Transition) -> bool:
    return transition.task.type is TaskType.CHECK_ACCOUNT
