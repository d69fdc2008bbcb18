"""The lifecycle on real Postgres and RabbitMQ: what runs, how often, and what is published."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel

from shared import consuming, lifecycle
from shared.envelope import Call, Detail, Payload, State, Transition, encode, utc_now
from shared.errors import (
    Misconfigured,
    Obsolete,
    RateLimited,
    Rejected,
    Retryable,
    UnknownOutcome,
)
from shared.handling import FollowUp, Handler, Outcome, Run, record_call
from shared.inbox import Completion, Inbox, Verdict
from shared.tasks import TaskType
from shared.verdicts import decide
from tests.factories import transition
from tests.waiting import eventually
from tests.workers import World, open_world

pytestmark = pytest.mark.long

SYNC = TaskType.SYNC_CONTACT


@pytest.fixture
async def world(database_url: str, rabbitmq_url: str) -> AsyncIterator[World]:
    async with open_world(database_url, rabbitmq_url) as world:
        yield world


def _raising(*errors: Exception) -> tuple[Handler, list[Run]]:
    """A handler that raises one error per attempt, then succeeds."""
    runs: list[Run] = []

    async def handler(run: Run) -> Outcome:
        runs.append(run)
        if len(runs) <= len(errors):
            raise errors[len(runs) - 1]
        return Outcome(target_id="contact-1")

    return handler, runs


async def test_a_task_is_processed_succeeds_and_hands_its_follow_ups_on(
    world: World,
) -> None:
    async def receive(run: Run) -> Outcome:
        return Outcome(follow_ups=(FollowUp(SYNC, Payload(body=run.payload.body + b"!"), source_id="7"),))

    handler, runs = _raising()
    message = transition(type=TaskType.CUSTOMER_WEBHOOK, payload=Payload(body="Größe".encode()))
    async with world.worker({TaskType.CUSTOMER_WEBHOOK: receive, SYNC: handler}):
        await world.publisher.publish([message])
        first = await world.final(message.task.id)
        follow_up = await world.final(first.detail.follow_ups[0])

    assert world.of(message.task.id) == [
        (State.QUEUED, 1),
        (State.PROCESSING, 1),
        (State.SUCCEEDED, 1),
    ]
    assert runs[0].payload.body == "Größe!".encode()
    assert follow_up.task.parent_id == follow_up.task.root_id == message.task.id
    assert follow_up.task.source_id == "7"
    assert follow_up.detail.target_id == "contact-1"


async def test_a_retryable_error_is_tried_again_after_the_policys_delay(
    world: World,
) -> None:
    handler, runs = _raising(Retryable("not now"))
    message = transition()
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message])
        await world.final(message.task.id)

    assert world.of(message.task.id) == [
        (State.QUEUED, 1),
        (State.PROCESSING, 1),
        (State.RETRYING, 1),
        (State.PROCESSING, 2),
        (State.SUCCEEDED, 2),
    ]
    retrying = next(item for item in world.published if item.state is State.RETRYING)
    second = next(item for item in world.published if item.state is State.PROCESSING and item.attempt == 2)
    waited = second.occurred_at - retrying.occurred_at
    assert timedelta(seconds=1.4) < waited < timedelta(seconds=4)
    assert not runs[1].is_uncertain


async def test_attempts_say_how_long_they_waited_since_they_might_have_run(world: World) -> None:
    handler, _ = _raising(Retryable("not now"))
    message = transition()
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message])
        await world.final(message.task.id)

    retrying = next(item for item in world.published if item.state is State.RETRYING)
    begun = {item.attempt: item for item in world.published if item.state is State.PROCESSING}
    for attempt, ready_at in ((1, message.task.queued_at), (2, retrying.detail.due_at)):
        assert ready_at is not None
        waited = max(begun[attempt].occurred_at - ready_at, timedelta()) / timedelta(milliseconds=1)
        assert begun[attempt].detail.waited_ms == pytest.approx(waited)


async def test_the_attempts_of_the_policy_are_all_there_are(world: World) -> None:
    handler, runs = _raising(*[Retryable("no", after=timedelta(seconds=1))] * 5)
    message = transition(max_attempts=2)
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message])
        end = await world.final(message.task.id)

    assert (end.state, end.attempt, len(runs)) == (State.FAILED, 2, 2)


async def test_a_rejection_fails_at_once_and_says_what_to_do(world: World) -> None:
    handler, runs = _raising(Rejected("email: not an address"))
    message = transition()
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message])
        end = await world.final(message.task.id)

    assert len(runs) == 1
    assert end.state is State.FAILED
    assert end.detail.failure is not None
    assert end.detail.failure.message == "email: not an address"
    assert "retry" in end.detail.failure.remedy
    assert end.detail.failure.place.endswith("test_lifecycle.py:handler")


async def test_an_error_nobody_foresaw_is_recorded_without_its_text(
    world: World,
) -> None:
    handler, _ = _raising(*[ValueError("kim@example.com")] * 2)
    message = transition(max_attempts=1)
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message])
        end = await world.final(message.task.id)

    assert end.detail.failure is not None
    assert end.detail.failure.kind == "internal"
    assert "kim" not in end.detail.failure.message


async def test_what_is_gone_succeeds_with_a_note(world: World) -> None:
    handler, _ = _raising(Obsolete("the contact was deleted"))
    message = transition()
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message])
        end = await world.final(message.task.id)

    assert (end.state, end.detail.note) == (State.SUCCEEDED, "the contact was deleted")


async def test_a_rate_limit_pauses_the_account_for_everybody_and_uses_up_no_attempt(
    world: World,
) -> None:
    shop_id, account_id = await world.shop_with_account()
    handler, runs = _raising(RateLimited("slow down", after=timedelta(seconds=2)))
    limited = transition(shop_id=shop_id, account_id=account_id, max_attempts=1, source_id="1")
    async with world.worker({SYNC: handler}), world.worker({SYNC: handler}):
        await world.publisher.publish([limited])
        await eventually(lambda: len(runs) == 1)
        await eventually(lambda: world.last(limited.task.id).state is State.RETRYING)
        paused = transition(shop_id=shop_id, account_id=account_id, source_id="2")
        other = transition(shop_id=shop_id, source_id="3")
        await world.publisher.publish([paused, other])
        await world.final(other.task.id)
        assert world.of(paused.task.id) == [(State.QUEUED, 1)]
        end = await world.final(limited.task.id)
        await world.final(paused.task.id)

    assert (end.state, end.attempt, end.task.max_attempts) == (State.SUCCEEDED, 2, 2)
    assert world.of(paused.task.id)[-1] == (State.SUCCEEDED, 1)


async def test_refused_credentials_fail_the_task_and_mark_the_account(
    world: World,
) -> None:
    shop_id, account_id = await world.shop_with_account()
    handler, _ = _raising(Misconfigured("the API key was refused"))
    message = transition(shop_id=shop_id, account_id=account_id)
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message])
        await world.final(message.task.id)

    problem = await world.pool.fetchval("SELECT problem FROM store.accounts WHERE id = $1", account_id)
    assert problem == "the API key was refused"


async def test_an_accounts_problem_is_over_when_one_of_its_calls_works(world: World) -> None:
    shop_id, account_id = await world.shop_with_account()
    await world.pool.execute("UPDATE store.accounts SET problem = 'refused' WHERE id = $1", account_id)

    async def handler(run: Run) -> Outcome:
        record_call(Call(api="crm", method="GET", url="/", started_at=utc_now(), duration_ms=1, status=200))
        return Outcome()

    async def is_over() -> bool:
        problem = await world.pool.fetchval("SELECT problem FROM store.accounts WHERE id = $1", account_id)
        return problem is None

    message = transition(shop_id=shop_id, account_id=account_id)
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message])
        await eventually(is_over)


async def test_a_message_that_comes_twice_runs_once(world: World) -> None:
    handler, runs = _raising()
    message = transition()
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message, message])
        await world.final(message.task.id)
        await world.publisher.publish([message])
        marker = transition()
        await world.publisher.publish([marker])
        await world.final(marker.task.id)

    assert [run.task.id for run in runs] == [message.task.id, marker.task.id]


async def test_a_second_id_for_the_same_delivery_ends_as_a_duplicate(
    world: World,
) -> None:
    handler, runs = _raising()
    first, second = transition(delivery_key="hook-1"), transition(delivery_key="hook-1")
    elsewhere = transition(delivery_key="hook-1", shop_id=2)
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([first])
        await world.final(first.task.id)
        await world.publisher.publish([second, elsewhere])
        end = await world.final(second.task.id)
        await world.final(elsewhere.task.id)

    assert end.state is State.SUCCEEDED
    assert str(first.task.id) in (end.detail.note or "")
    assert {run.task.id for run in runs} == {first.task.id, elsewhere.task.id}


async def test_an_outcome_that_was_stored_but_not_published_is_published_on_redelivery(
    world: World,
) -> None:
    message = transition()
    inbox = Inbox(world.pool, instance="died")
    bid = inbox.bid(message.task, 1)
    await inbox.claim(bid)
    stored = transition(task=message.task, state=State.SUCCEEDED, detail=Detail(started_at=utc_now()))
    await inbox.complete(Completion(bid, is_over=True, outcome=encode([stored])))
    handler, runs = _raising()
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message])
        end = await world.final(message.task.id)
        await eventually(lambda: State.PROCESSING in {one.state for one in world.published}, 30)

    assert runs == []
    assert end.occurred_at == stored.occurred_at
    begun = next(one for one in world.published if one.state is State.PROCESSING)
    assert (begun.task.id, begun.occurred_at) == (message.task.id, stored.detail.started_at)


async def test_a_task_cancelled_before_it_began_is_not_said_to_have_begun(world: World) -> None:
    message = transition()
    inbox = Inbox(world.pool, instance="a person")
    bid = inbox.bid(message.task, 1)
    await inbox.claim(bid)
    stored = transition(task=message.task, state=State.CANCELLED)
    await inbox.complete(Completion(bid, is_over=True, outcome=encode([stored])))
    async with world.worker({SYNC: _raising()[0]}):
        await world.publisher.publish([message])
        await world.final(message.task.id)

    assert State.PROCESSING not in {one.state for one in world.published}


async def test_an_attempt_whose_worker_died_is_taken_over_as_uncertain(
    world: World,
) -> None:
    message = transition()
    dead = Inbox(world.pool, instance="dead")
    await dead.claim(dead.bid(message.task, 1))
    await world.pool.execute("UPDATE store.inbox SET lease_until = clock_timestamp() - interval '1 s'")
    handler, runs = _raising()
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message])
        await world.final(message.task.id)

    assert [run.is_uncertain for run in runs] == [True]


async def test_an_attempt_that_keeps_killing_its_worker_fails_in_the_end(
    world: World,
) -> None:
    message = transition()
    for _ in range(3):
        dead = Inbox(world.pool, instance="dead")
        await dead.claim(dead.bid(message.task, 1))
        await world.pool.execute("UPDATE store.inbox SET lease_until = clock_timestamp() - interval '1 s'")
    handler, runs = _raising()
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message])
        end = await world.final(message.task.id)

    assert runs == []
    assert end.detail.failure is not None
    assert end.detail.failure.kind == "worker_died"


async def test_an_attempt_that_somebody_runs_is_left_to_them(world: World) -> None:
    message = transition()
    other = Inbox(world.pool, instance="other")
    bid = other.bid(message.task, 1)
    await other.claim(bid)
    again = Inbox(world.pool, instance="another")
    assert (await again.claim(again.bid(message.task, 1))).verdict is Verdict.BUSY
    assert (await other.claim(bid)).verdict is Verdict.RUN


async def test_no_two_workers_ever_work_on_the_same_entity(world: World) -> None:
    running: set[str] = set()
    overlaps: list[str] = []

    async def handler(run: Run) -> Outcome:
        key = run.task.source_id or ""
        if key in running:
            overlaps.append(key)
        running.add(key)
        await asyncio.sleep(0.03)
        running.discard(key)
        return Outcome()

    messages = [transition(source_id=str(n % 3)) for n in range(24)]
    async with world.worker({SYNC: handler}), world.worker({SYNC: handler}):
        await world.publisher.publish(messages)
        for message in messages:
            await world.final(message.task.id)

    assert overlaps == []


async def test_a_handlers_writes_count_only_if_its_attempt_completes(
    world: World,
) -> None:
    async def handler(run: Run) -> Outcome:
        connection = await run.begin()
        await connection.execute(
            "INSERT INTO store.deliveries (shop_id, delivery_key, task_id) VALUES (9, $1, $2)",
            f"attempt-{run.attempt}",
            run.task.id,
        )
        if run.attempt == 1:
            raise Retryable("after writing", after=timedelta(seconds=1))
        return Outcome()

    message = transition()
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message])
        await world.final(message.task.id)

    keys = await world.pool.fetch("SELECT delivery_key FROM store.deliveries WHERE shop_id = 9")
    assert [row["delivery_key"] for row in keys] == ["attempt-2"]


async def test_after_an_unknown_outcome_the_next_attempt_is_uncertain(
    world: World,
) -> None:
    handler, runs = _raising(UnknownOutcome("no answer"))
    message = transition()
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message])
        await world.final(message.task.id)

    assert [run.is_uncertain for run in runs] == [False, True]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not json", "body"),
        (b'{"v": 1, "transitions": []}', "transitions"),
        (encode([transition(state=State.SUCCEEDED)]), "exactly one"),
        (encode([transition(type=TaskType.SYNC_ORDER)]), "no handler"),
    ],
    ids=["no JSON", "none", "one that dispatches nothing", "one of another lane"],
)
async def test_a_message_nobody_can_read_becomes_a_dead_letter_with_its_reason(
    world: World, body: bytes, reason: str
) -> None:
    handler, runs = _raising()
    async with world.worker({SYNC: handler}):
        await world.publisher.publish_raw(body, routing_key="queued.sync.SyncContact")
        letter = (await world.dead_letters(1))[0]

    assert letter.body == body
    assert reason in str(letter.headers["x-reason"])
    assert runs == []


async def test_a_stopping_worker_finishes_what_runs_and_gives_the_rest_back_untouched(
    world: World,
) -> None:
    release = asyncio.Event()
    started: list[Run] = []

    async def handler(run: Run) -> Outcome:
        started.append(run)
        await release.wait()
        return Outcome()

    messages = [transition(source_id=str(n)) for n in range(6)]
    async with world.worker({SYNC: handler}, prefetch=2):
        await world.publisher.publish(messages)
        await eventually(lambda: len(started) == 2)
        asyncio.get_running_loop().call_later(0.3, release.set)
    assert len(started) == 2

    second, runs = _raising()
    async with world.worker({SYNC: second}):
        for message in messages:
            await world.final(message.task.id)
    assert {run.task.id for run in runs} == {m.task.id for m in messages} - {run.task.id for run in started}
    assert not any(run.is_uncertain for run in runs)


async def test_a_worker_that_is_stopped_in_the_middle_hands_its_attempt_over(
    world: World,
) -> None:
    async def stuck(run: Run) -> Outcome:
        await asyncio.sleep(60)
        return Outcome()

    message = transition()
    async with world.worker({SYNC: stuck}, drain_timeout_s=0.2):
        await world.publisher.publish([message])
        await eventually(lambda: (State.PROCESSING, 1) in world.of(message.task.id))

    handler, runs = _raising()
    async with world.worker({SYNC: handler}):
        await world.final(message.task.id)
    assert [run.is_uncertain for run in runs] == [True]


async def test_an_attempt_cut_off_together_with_its_transaction_is_anybodys_to_take_over(
    world: World,
) -> None:
    async def cut_off(run: Run) -> Outcome:
        connection = await run.begin()
        await connection.close()  # so it cannot be rolled back either
        raise asyncio.CancelledError

    message = transition()
    async with world.worker({SYNC: cut_off}):
        await world.publisher.publish([message])
        await eventually(lambda: _is_free(world, message))


async def test_an_attempt_whose_end_could_not_be_written_down_is_made_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[Exception] = [RuntimeError("a fault of ours")]

    def decide_or_crash(*arguments: Any, **options: Any) -> Any:
        if faults:
            raise faults.pop()
        return decide(*arguments, **options)

    monkeypatch.setattr(lifecycle, "decide", decide_or_crash)
    monkeypatch.setattr(consuming, "CRASH_DELAY_MS", 1_000)
    handler, runs = _raising(Rejected("first"))
    message = transition()
    async with world.worker({SYNC: handler}):
        await world.publisher.publish([message])
        end = await world.final(message.task.id)
    assert end.state is State.SUCCEEDED
    assert [run.is_uncertain for run in runs] == [False, True]


async def _is_free(world: World, message: Transition) -> bool:
    """Whether the next who asks may take the attempt over."""
    until = await world.pool.fetchval(
        "SELECT lease_until <= clock_timestamp() FROM store.inbox WHERE task_id = $1", message.task.id
    )
    return bool(until)


async def test_a_consumer_whose_queue_was_deleted_comes_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.broker.LOOK_INTERVAL_S", 0.3)
    handler, runs = _raising()
    async with world.worker({SYNC: handler}):
        async with await aio_pika.connect(world.rabbitmq_url) as connection:
            channel = await connection.channel()
            await eventually(lambda: _has_consumer(channel, "sync"))
            await channel.queue_delete("sync", if_unused=False, if_empty=False)
        message = transition()

        async def published_and_done() -> bool:
            await world.publisher.publish([message])
            return bool(runs)

        await eventually(published_and_done)


async def _has_consumer(channel: AbstractChannel, queue: str) -> bool:
    declared = await channel.declare_queue(queue, passive=True)
    return bool(declared.declaration_result.consumer_count)
