"""Where and when the tasks run that another one causes."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shared.broker import build_broker
from shared.envelope import Payload, State, utc_now
from shared.handling import FollowUp, Outcome, Run
from shared.tasks import Lane, TaskType
from shared.worker import Job, Worker
from tests.factories import transition
from tests.waiting import eventually
from tests.workers import World, open_world, settings

DELAY_MS = 1_400


@pytest.fixture
async def world(database_url: str, rabbitmq_url: str) -> AsyncIterator[World]:
    async with open_world(database_url, rabbitmq_url) as world:
        yield world


def _worker(world: World, lane: Lane, ran_on: list[Lane]) -> Worker:
    async def cause(run: Run) -> Outcome:
        ran_on.append(lane)
        later = FollowUp(TaskType.SYNC_CONTACT, Payload(body=b"x"), lane=Lane.SYNC_BULK, delay_ms=DELAY_MS)
        return Outcome(follow_ups=(later,))

    async def follow(run: Run) -> Outcome:
        ran_on.append(lane)
        last = FollowUp(TaskType.INDEX_ORDER, Payload(body=b"x"))
        return Outcome(follow_ups=(last,) if lane is Lane.SYNC_BULK else ())

    async def end(run: Run) -> Outcome:
        ran_on.append(lane)
        return Outcome()

    handlers = {TaskType.INDEX_CUSTOMER: cause, TaskType.SYNC_CONTACT: follow, TaskType.INDEX_ORDER: end}
    broker = build_broker(world.rabbitmq_url, app_id=f"worker of {lane}")
    job = Job(f"worker-{lane}", {lane: 2}, handlers)
    return Worker(settings(world.database_url, world.rabbitmq_url), job, broker=broker, pool=world.pool)


async def test_a_follow_up_runs_later_on_the_lane_it_was_given_and_what_it_causes_does_too(
    world: World,
) -> None:
    ran_on: list[Lane] = []
    first = transition(type=TaskType.INDEX_CUSTOMER)
    async with _worker(world, Lane.SYNC, ran_on), _worker(world, Lane.SYNC_BULK, ran_on):
        started = utc_now()
        await world.publisher.publish([first])
        (follow_up_id,) = (await world.final(first.task.id)).detail.follow_ups
        await eventually(lambda: world.of(follow_up_id) == [(State.QUEUED, 1)], what="recorded at once")
        assert ran_on == [Lane.SYNC]
        done = await world.final(follow_up_id)
        await world.final(done.detail.follow_ups[0])
    assert ran_on == [Lane.SYNC, Lane.SYNC_BULK, Lane.SYNC_BULK]
    assert done.occurred_at - started >= timedelta(milliseconds=DELAY_MS)
    queued = next(item for item in world.published if item.task.id == follow_up_id)
    assert queued.detail.due_at is not None
    assert queued.detail.due_at > started + timedelta(milliseconds=DELAY_MS)
