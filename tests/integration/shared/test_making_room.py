"""One account's tasks fill a lane, and another account's task comes after them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from shared.envelope import Detail
from shared.handling import Handler, Outcome, Run
from shared.tasks import Side, TaskType
from tests.factories import transition
from tests.workers import World, open_world

pytestmark = pytest.mark.long

SYNC, LOCAL = TaskType.SYNC_CONTACT, TaskType.CUSTOMER_WEBHOOK
SLOTS = 8


@pytest.fixture
async def world(database_url: str, rabbitmq_url: str) -> AsyncIterator[World]:
    async with open_world(database_url, rabbitmq_url) as world:
        yield world


@pytest.mark.parametrize(
    ("slow_s", "backlog", "before"),
    [
        pytest.param(3, 60, 2 * SLOTS, id="stuck"),
        pytest.param(0.25, 150, 6 * SLOTS, id="each a little slow"),
    ],
)
async def test_one_accounts_slow_backlog_does_not_hold_another_accounts_task(
    world: World, slow_s: float, backlog: int, before: int
) -> None:
    shop_id, slow_account = await world.shop_with_account()
    other_shop, other_account = await world.shop_with_account()
    begun: list[str | None] = []
    flood = [transition(shop_id=shop_id, account_id=slow_account, source_id=str(n)) for n in range(backlog)]
    early, late = (
        transition(shop_id=other_shop, account_id=other_account, source_id=name) for name in ("early", "late")
    )
    async with world.worker({SYNC: _slow_for(slow_account, slow_s, begun)}, prefetch=SLOTS):
        await world.publisher.publish([early])
        await world.final(early.task.id)
        await world.publisher.publish(flood)
        await world.publisher.publish([late])
        await world.final(late.task.id)
    assert begun.index("late") <= 1 + before


async def test_what_calls_nobody_and_came_all_at_once_does_not_stand_behind_what_is_slow(
    world: World,
) -> None:
    shop_id, slow_account = await world.shop_with_account()
    other_shop, other_account = await world.shop_with_account()
    begun: list[str | None] = []
    late = Detail(due_at=datetime.now(UTC) - timedelta(seconds=3))
    early = transition(shop_id=other_shop, account_id=other_account, source_id="early")
    slow = [transition(shop_id=shop_id, account_id=slow_account, source_id="slow") for _ in range(30)]
    quick = [transition(shop_id=shop_id, type=LOCAL, source_id=str(n), detail=late) for n in range(40)]
    handlers = {SYNC: _slow_for(slow_account, 3, begun), LOCAL: _slow_for(None, 0.05, begun)}
    async with world.worker(handlers, prefetch=SLOTS):
        for one in slow:
            await world.publisher.make_room(one, Side.SLOW)
        await world.publisher.publish([early])
        await world.final(early.task.id)
        await world.publisher.publish(quick)
        await asyncio.gather(*(world.final(one.task.id) for one in quick))
    assert begun.count("slow") <= SLOTS


def _slow_for(account_id: int | None, slow_s: float, begun: list[str | None]) -> Handler:
    async def handler(run: Run) -> Outcome:
        begun.append(run.task.source_id)
        await asyncio.sleep(slow_s if run.task.account_id == account_id else 0)
        return Outcome()

    return handler
