"""What only says what follows is claimed and ended at once, and counts as often as anything else: once."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.envelope import Payload, State, Transition
from shared.errors import Rejected
from shared.handling import FollowUp, Handler, Outcome, Plain, Run
from shared.inbox import Claim, Inbox
from shared.lifecycle import Lifecycle
from shared.tasks import TaskType
from tests.factories import transition
from tests.waiting import eventually
from tests.workers import World, open_world

pytestmark = pytest.mark.long

WEBHOOK = TaskType.CUSTOMER_WEBHOOK
INDEX = TaskType.INDEX_CUSTOMER
LIFE = [(State.QUEUED, 1), (State.PROCESSING, 1), (State.SUCCEEDED, 1)]


@pytest.fixture
async def world(database_url: str, rabbitmq_url: str) -> AsyncIterator[World]:
    async with open_world(database_url, rabbitmq_url) as world:
        yield world


@pytest.fixture
def claims(monkeypatch: pytest.MonkeyPatch) -> list[Claim]:
    """Verdicts of the attempts that were claimed by themselves."""
    made: list[Claim] = []
    claim = Inbox.claim

    async def noting(self: Inbox, bid: object) -> Claim:
        made.append(await claim(self, bid))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(Inbox, "claim", noting)
    return made


def _receiving() -> tuple[Handler, list[Run]]:
    runs: list[Run] = []

    async def receive(run: Run) -> Outcome:
        runs.append(run)
        return Outcome(source_id="7", follow_ups=(FollowUp(INDEX, run.payload, source_id="7"),))

    return Plain(receive), runs


async def _index(_: Run) -> Outcome:
    return Outcome()


def _follow_ups(world: World, message: Transition) -> set[object]:
    return {one.task.id for one in world.published if one.task.parent_id == message.task.id}


async def test_it_is_told_as_any_other_and_claimed_by_nobody(world: World, claims: list[Claim]) -> None:
    receive, runs = _receiving()
    message = transition(type=WEBHOOK, payload=Payload(body=b"{}"), delivery_key="d-1")
    async with world.worker({WEBHOOK: receive}):
        await world.publisher.publish([message])
        end = await world.final(message.task.id)
        await eventually(lambda: _is_settled(world.pool, message))
    assert world.of(message.task.id) == LIFE
    assert (end.task.source_id, len(runs), claims) == ("7", 1, [])
    assert _follow_ups(world, message) == set(end.detail.follow_ups)


async def _is_settled(pool: asyncpg.Pool, message: Transition) -> bool:
    row = await pool.fetchrow("SELECT * FROM store.inbox WHERE task_id = $1", message.task.id)
    return row is not None and row["is_over"] and not row["is_running"] and row["outcome"] is None


async def test_the_same_message_many_times_has_its_follow_ups_once(world: World) -> None:
    receive, _ = _receiving()
    message = transition(type=WEBHOOK, payload=Payload(body=b"{}"))
    async with world.worker({WEBHOOK: receive, INDEX: _index}):
        await asyncio.gather(*(world.publisher.publish([message]) for _ in range(12)))
        end = await world.final(message.task.id)
        await world.final(end.detail.follow_ups[0])
        after = transition(type=WEBHOOK, payload=Payload(body=b"{}"))
        await world.publisher.publish([after])
        await world.final(after.task.id)
    assert _follow_ups(world, message) == set(end.detail.follow_ups)
    assert len(end.detail.follow_ups) == 1


async def test_a_second_copy_of_a_delivery_is_known_for_one(world: World, claims: list[Claim]) -> None:
    receive, _ = _receiving()
    copies = [transition(type=WEBHOOK, payload=Payload(body=b"{}"), delivery_key="d-2") for _ in range(2)]
    async with world.worker({WEBHOOK: receive, INDEX: _index}):
        await world.publisher.publish(copies)
        ends = [await world.final(copy.task.id) for copy in copies]
    assert sorted(len(end.detail.follow_ups) for end in ends) == [0, 1]
    assert [claim.verdict for claim in claims if claim.verdict == "duplicate"] == ["duplicate"]


async def test_one_that_fails_is_claimed_and_fails_as_any_other(world: World, claims: list[Claim]) -> None:
    runs: list[Run] = []

    async def refuse(run: Run) -> Outcome:
        runs.append(run)
        raise Rejected("email: not an address")

    message = transition(type=WEBHOOK, payload=Payload(body=b"{}"))
    async with world.worker({WEBHOOK: Plain(refuse)}):
        await world.publisher.publish([message])
        end = await world.final(message.task.id)
    assert (end.state, [run.is_claimed for run in runs]) == (State.FAILED, [False, True])
    assert world.of(message.task.id) == [(State.QUEUED, 1), (State.PROCESSING, 1), (State.FAILED, 1)]
    assert [claim.verdict for claim in claims] == ["run"]


async def test_one_that_writes_is_claimed_first(world: World) -> None:
    runs: list[Run] = []

    async def write(run: Run) -> Outcome:
        runs.append(run)
        await (await run.begin()).execute("SELECT 1")
        return Outcome()

    message = transition(type=WEBHOOK, payload=Payload(body=b"{}"))
    async with world.worker({WEBHOOK: Plain(write)}):
        await world.publisher.publish([message])
        end = await world.final(message.task.id)
    assert (end.state, [run.is_claimed for run in runs]) == (State.SUCCEEDED, [False, True])


async def test_an_account_that_pauses_holds_it_back(world: World, claims: list[Claim]) -> None:
    shop_id, account_id = await world.shop_with_account()
    await world.pool.execute(
        "INSERT INTO store.throttles VALUES ($1, now() + interval '2 seconds', 'full')", account_id
    )
    receive, _ = _receiving()
    payload = Payload(body=b"{}")
    message = transition(type=WEBHOOK, shop_id=shop_id, account_id=account_id, payload=payload)
    async with world.worker({WEBHOOK: receive}):
        await world.publisher.publish([message])
        await eventually(lambda: bool(claims))
        assert world.of(message.task.id) == LIFE[:1]
        await world.final(message.task.id)
    assert claims[0].verdict == "paused"
    assert world.of(message.task.id) == LIFE


async def test_an_end_whose_answer_was_lost_is_told_as_it_was_written_down(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing = Inbox._pass_many

    async def losing(self: Inbox, completions: object) -> list[bool]:
        await passing(self, completions)  # type: ignore[arg-type]
        raise asyncpg.ConnectionDoesNotExistError("gone")

    monkeypatch.setattr(Inbox, "_pass_many", losing)
    receive, runs = _receiving()
    message = transition(type=WEBHOOK, payload=Payload(body=b"{}"))
    async with world.worker({WEBHOOK: receive}):
        await world.publisher.publish([message])
        end = await world.final(message.task.id)
    assert (world.of(message.task.id), len(runs)) == (LIFE, 1)
    assert _follow_ups(world, message) == set(end.detail.follow_ups)


async def test_what_may_have_taken_a_worker_along_is_claimed_first(world: World) -> None:
    receive, runs = _receiving()
    message = transition(type=WEBHOOK, payload=Payload(body=b"{}"))
    lifecycle = Lifecycle(
        inbox=Inbox(world.pool, instance="test"),
        publisher=world.publisher,
        pool=world.pool,
        handlers={WEBHOOK: receive},
        service="test",
    )
    await lifecycle.run(message, is_redelivered=True)
    await world.final(message.task.id)
    assert [run.is_claimed for run in runs] == [True]
