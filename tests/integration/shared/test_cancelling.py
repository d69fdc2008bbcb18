"""A person cancels, a worker claims: the inbox gives the task to exactly one of them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from shared.db.pool import open_pool
from shared.envelope import State, TaskHeader, Transition, decode, encode
from shared.errors import Retryable
from shared.handling import Outcome, Run
from shared.inbox import Completion, Inbox, Verdict
from shared.tasks import TaskType
from tests.factories import header, transition
from tests.waiting import eventually
from tests.workers import World, open_world

SYNC = TaskType.SYNC_CONTACT


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with await open_pool(database_url, max_size=8) as pool:
        yield pool


def outcome_of(task: TaskHeader, attempt: int = 1) -> bytes:
    return encode([transition(task=task, state=State.CANCELLED, attempt=attempt)])


async def cancel(pool: asyncpg.Pool, task: TaskHeader, attempt: int = 1, owner: str = "me") -> str:
    said: str = await pool.fetchval(
        "SELECT store.cancel_task($1, $2, $3, $4)", task.id, attempt, owner, outcome_of(task, attempt)
    )
    return said


async def test_of_cancel_and_claim_exactly_one_wins(pool: asyncpg.Pool) -> None:
    inbox = Inbox(pool, instance="w1")
    tasks = [header(source_id=str(number)) for number in range(40)]

    async def race(task: TaskHeader) -> tuple[str, Verdict]:
        said, claim = await asyncio.gather(cancel(pool, task), inbox.claim(inbox.bid(task, 1)))
        return said, claim.verdict

    found = {await one for one in asyncio.as_completed([race(task) for task in tasks])}
    assert found <= {("running", Verdict.RUN), ("cancelled", Verdict.FINISHED), ("cancelled", Verdict.BUSY)}
    after = [(await inbox.claim(inbox.bid(task, 1))).verdict for task in tasks]
    assert set(after) <= {Verdict.BUSY, Verdict.FINISHED}


async def test_a_cancelled_task_tells_of_itself_when_its_message_comes(pool: asyncpg.Pool) -> None:
    inbox, task = Inbox(pool, instance="w1"), header()
    assert await cancel(pool, task) == "cancelled"
    claim = await inbox.claim(inbox.bid(task, 1))
    assert claim.verdict is Verdict.FINISHED
    (told_of,) = decode(claim.outcome or b"")
    assert told_of.key == (task.id, 1, State.CANCELLED)


async def test_a_retrying_task_is_cancelled_instead_of_its_next_attempt(pool: asyncpg.Pool) -> None:
    inbox, task = Inbox(pool, instance="w1"), header()
    bid = inbox.bid(task, 1)
    await inbox.claim(bid)
    assert await cancel(pool, task) == "running"
    await inbox.complete(Completion(bid, is_over=False, outcome=b"x"))
    assert await cancel(pool, task, attempt=3) == "moved"
    assert await cancel(pool, task, attempt=2) == "cancelled"
    assert (await inbox.claim(inbox.bid(task, 2))).verdict is Verdict.FINISHED
    assert (await inbox.claim(inbox.bid(task, 1))).verdict is Verdict.STALE


async def test_the_same_owner_is_answered_the_same_and_others_find_it_over(pool: asyncpg.Pool) -> None:
    task = header()
    assert [await cancel(pool, task, owner=one) for one in ("me", "me", "you")] == [
        "cancelled",
        "cancelled",
        "over",
    ]


async def test_what_a_dead_worker_left_is_not_cancelled(pool: asyncpg.Pool) -> None:
    inbox, task = Inbox(pool, instance="w1"), header()
    await inbox.claim(inbox.bid(task, 1))
    await pool.execute("UPDATE store.inbox SET lease_until = now() - $1::interval", timedelta(minutes=1))
    assert await cancel(pool, task) == "running"


async def test_a_worker_leaves_a_cancelled_task_alone(database_url: str, rabbitmq_url: str) -> None:
    async with open_world(database_url, rabbitmq_url) as world:
        runs: list[UUID] = []
        queued, waiting = header(), header()

        async def handler(run: Run) -> Outcome:
            runs.append(run.task.id)
            raise Retryable("not now", after=timedelta(seconds=1))

        assert await cancel(world.pool, queued) == "cancelled"
        async with world.worker({SYNC: handler}):
            await world.publisher.publish([transition(task=queued), transition(task=waiting)])
            await eventually(lambda: (State.RETRYING, 1) in world.of(waiting.id))
            assert await cancel(world.pool, waiting, attempt=2) == "cancelled"
            await told(world, queued.id)
            await told(world, waiting.id)
        assert runs == [waiting.id]
        assert (State.CANCELLED, 1) in world.of(queued.id)
        assert (State.CANCELLED, 2) in world.of(waiting.id)


async def told(world: World, task_id: UUID) -> Transition:
    last = await world.final(task_id)
    assert last.state is State.CANCELLED
    return last
