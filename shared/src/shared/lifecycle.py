"""Runs one attempt of a task: claim → processing → handler → complete → publish → ack.

The order is what keeps the promises. The claim admits one worker. The outcome, with the ids of its
follow-ups, is stored in the transaction that completes the attempt, and published after it; a crash in
between is healed by the redelivery, which finds the attempt finished and publishes the outcome again. What
only says what follows (`Plain`) is claimed and completed by one statement, after its handler: 0030.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import asyncpg
import structlog

from shared import metrics
from shared.attempt_report import report
from shared.attempts import Ending, Reporter, with_beginning
from shared.beginning import Beginning
from shared.db.outages import INFRASTRUCTURE_ERRORS
from shared.entities import EntityQueues
from shared.envelope import Payload, State, TaskHeader, Transition, decode, encode, utc_now
from shared.handling import Accountable, Handler, Outcome, Plain, Run
from shared.inbox import (
    MAX_TAKEOVERS,
    Bid,
    Claim,
    Completion,
    Inbox,
    Pause,
    Verdict,
    entity_key,
)
from shared.outlasting import until_up
from shared.publishing import Publisher
from shared.tasks import TaskType
from shared.tracing import attempt_span, note_outcome
from shared.verdicts import Fail, Finish, Retry, decide, worker_died

log = structlog.get_logger()

ENTITY_PATIENCE_S = 2.0
ENTITY_POLL_S = 0.1
BUSY_DELAY_MS = 6_000
HELD_DELAY_MS = 30_000


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One attempt of this process. `claim` None: it is claimed as it ends."""

    bid: Bid
    claim: Claim | None
    run: Run
    reporter: Reporter


class Lifecycle:
    """`run` returns when the message may be acked; it raises only when the process is told to stop."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        publisher: Publisher,
        pool: asyncpg.Pool,
        handlers: Mapping[TaskType, Handler],
        service: str,
    ) -> None:
        self._inbox = inbox
        self._publisher = publisher
        self._pool = pool
        self._handlers = handlers
        self.service = service
        self._entities = EntityQueues()

    def knows(self, task_type: TaskType) -> bool:
        return task_type in self._handlers

    async def run(self, message: Transition, *, is_redelivered: bool = False) -> None:
        task = message.task
        async with self._entities.turn((task.shop_id, entity_key(task))):
            is_first = not is_redelivered
            while not await self._handle(message, is_first=is_first):
                is_first = False
                log.warning("attempt_lost", task_id=str(task.id), attempt=message.next_attempt)

    async def _handle(self, message: Transition, *, is_first: bool) -> bool:
        """False: the attempt ran but somebody else ended it, or its end is in doubt. Ask the inbox again."""
        bid = self._inbox.bid(message.task, message.next_attempt)
        if is_first and await self._passes(message, bid):
            return True
        claim = await self._claim(bid)
        match claim.verdict:
            case Verdict.RUN | Verdict.DUPLICATE | Verdict.EXHAUSTED:
                return await self._attempt(message, bid, claim)
            case Verdict.FINISHED:
                await self._republish(message, bid, claim)
            case Verdict.STALE:
                metrics.REPEATED.labels(message.task.runs_on).inc()
            case Verdict.BUSY | Verdict.ENTITY | Verdict.PAUSED | Verdict.HELD:
                await self._put_back(message, claim)
        return True

    async def _claim(self, bid: Bid) -> Claim:
        """Waits a little for an entity that another process works on: usually it is done in a moment."""
        deadline = time.monotonic() + ENTITY_PATIENCE_S
        while True:
            claim = await until_up(lambda: self._inbox.claim(bid), "claim")
            if claim.verdict is not Verdict.ENTITY or time.monotonic() > deadline:
                return claim
            await asyncio.sleep(ENTITY_POLL_S)

    async def _put_back(self, message: Transition, claim: Claim) -> None:
        metrics.PUT_BACK.labels(message.task.runs_on, claim.verdict).inc()
        wanted_ms = _put_back_ms(claim, utc_now())
        await until_up(lambda: self._publisher.defer(message, wanted_ms=wanted_ms), "defer")

    async def _republish(self, message: Transition, bid: Bid, claim: Claim) -> None:
        metrics.REPEATED.labels(bid.task.runs_on).inc()
        if claim.outcome is None:
            return
        transitions = with_beginning(decode(claim.outcome), ready_at=message.ready_at)
        await until_up(lambda: self._publisher.publish(transitions), "republish")
        self._inbox.settle(bid.task.id, bid.attempt)

    async def _passes(self, message: Transition, bid: Bid) -> bool:
        """Whether the attempt only had to say what follows, and has: claimed and ended in one statement.

        False: nothing of it counts. It is claimed before it is made once more, as any other, and whatever
        was in the way is dealt with there. So is one that may have taken a worker along.
        """
        handler = self._handlers[bid.task.type]
        if not isinstance(handler, Plain) or bid.attempt > 1 or entity_key(bid.task) is not None:
            return False
        attempt = self._prepare(message, bid, None)
        attempt.run.observe_calls()
        try:
            with attempt_span(bid.task, bid.attempt) as span:
                outcome = await self._outcome_of(attempt)
                ending = attempt.reporter.success(attempt.run, outcome, utc_now())
                if not await self._inbox.pass_through(_completion_of(attempt, ending)):
                    return False
                note_outcome(span, ending.outcome)
        except Exception as error:  # noqa: BLE001 - it is made anew, and fails there if it has to
            log.debug("not_passed", task_id=str(bid.task.id), reason=repr(error)[:200])
            return False
        processing = attempt.reporter.processing(bid.task, bid.attempt, ready_at=message.ready_at)
        await self._tell([processing, *ending.transitions])
        self._note(message, attempt, ending)
        return True

    async def _attempt(self, message: Transition, bid: Bid, claim: Claim) -> bool:
        attempt = self._prepare(message, bid, claim)
        processing = attempt.reporter.processing(bid.task, bid.attempt, ready_at=message.ready_at)
        beginning = Beginning(lambda: until_up(lambda: self._publisher.publish([processing]), "processing"))
        with attempt_span(bid.task, bid.attempt) as span:
            ending = await self._inbox.holding(bid, self._ending_of(attempt))
            note_outcome(span, ending.outcome, is_failure=ending.outcome == State.FAILED)
        transitions = [] if await beginning.is_told() else [processing]
        if not ending.is_lost:
            transitions += ending.transitions
        await self._tell(transitions)
        self._note(message, attempt, ending)
        return not ending.is_lost

    async def _tell(self, transitions: Sequence[Transition]) -> None:
        await until_up(lambda: self._publisher.publish(transitions), "outcome")

    def _note(self, message: Transition, attempt: _Attempt, ending: Ending) -> None:
        """What is told is told; the rest is for operators."""
        bid, last = attempt.bid, ending.transition
        if not ending.is_lost:
            self._inbox.settle(bid.task.id, bid.attempt)
            if last.state is State.SUCCEEDED and last.detail.calls and bid.task.account_id is not None:
                self._inbox.note_working(bid.task.account_id)
        if bid.attempt == 1:
            waited_s = _seconds_between(message.ready_at, attempt.reporter.started_at)
            metrics.WAIT_SECONDS.labels(bid.task.type).observe(waited_s)
        report(ending)

    def _prepare(self, message: Transition, bid: Bid, claim: Claim | None) -> _Attempt:
        run = Run(
            task=bid.task,
            payload=message.payload or Payload(),
            attempt=bid.attempt,
            is_uncertain=message.detail.is_uncertain or (claim is not None and claim.is_resumed),
            is_claimed=claim is not None,
            pool=self._pool,
        )
        return _Attempt(bid, claim, run, Reporter(self.service, started_at=utc_now()))

    async def _ending_of(self, attempt: _Attempt) -> Ending:
        attempt.run.observe_calls()
        try:
            outcome = await self._outcome_of(attempt)
            return await self._succeed(attempt, outcome)
        except asyncio.CancelledError:
            await _roll_back(attempt.run)
            raise
        except Exception as error:  # noqa: BLE001 - every error becomes a recorded ending
            await _roll_back(attempt.run)
            return await self._end_badly(attempt, error)

    async def _outcome_of(self, attempt: _Attempt) -> Outcome:
        task, claim = attempt.bid.task, attempt.claim
        if claim is not None and claim.verdict is Verdict.DUPLICATE:
            return Outcome(note=f"Duplicate of task {claim.first_task}: the sender delivered it twice")
        if claim is not None and claim.verdict is Verdict.EXHAUSTED:
            raise _WorkerDied
        async with asyncio.timeout(task.spec.timeout_s):
            return await self._handlers[task.type](attempt.run)

    async def _succeed(self, attempt: _Attempt, outcome: Outcome) -> Ending:
        ending = attempt.reporter.success(attempt.run, outcome, utc_now())
        if attempt.run.connection is None:
            return await until_up(lambda: self._complete(attempt, ending), "complete")
        ending = await self._complete(attempt, ending)
        await attempt.run.end(commit=not ending.is_lost)
        return ending

    async def _end_badly(self, attempt: _Attempt, error: Exception) -> Ending:
        step = self._next_step(attempt, error)
        await self._tell_account(attempt.bid.task, step)
        ending = attempt.reporter.other(attempt.run, step, utc_now())
        return await until_up(lambda: self._complete_in_trouble(attempt, ending), "complete")

    async def _complete_in_trouble(self, attempt: _Attempt, ending: Ending) -> Ending:
        handler = self._handlers[attempt.bid.task.type]
        if not isinstance(handler, Accountable) or ending.transition.state is State.SUCCEEDED:
            return await self._complete(attempt, ending)
        try:
            await handler.after_trouble(await attempt.run.begin(), attempt.run, ending.transition)
            ending = await self._complete(attempt, ending)
            await attempt.run.end(commit=not ending.is_lost)
        except BaseException:
            await _roll_back(attempt.run)
            raise
        return ending

    def _next_step(self, attempt: _Attempt, error: Exception) -> Retry | Fail | Finish:
        task = attempt.bid.task
        if isinstance(error, _WorkerDied):
            return Fail(worker_died(task, times=MAX_TAKEOVERS))
        step = decide(
            error,
            task,
            attempt.bid.attempt,
            was_calling=bool(attempt.run.calls),
            infrastructure=isinstance(error, INFRASTRUCTURE_ERRORS) and not isinstance(error, TimeoutError),
        )
        if not isinstance(step, Finish) and step.failure.kind == "internal":
            log.error("handler_crashed", task_id=str(task.id), type=task.type, exc_info=error)
        return step

    async def _tell_account(self, task: TaskHeader, step: Retry | Fail | Finish) -> None:
        account_id = task.account_id
        if account_id is None:
            return
        if isinstance(step, Retry) and step.pause is not None:
            pause = Pause(step.pause, step.failure.message, is_hold=step.account_problem is not None)
            await until_up(lambda: self._inbox.pause_account(account_id, pause), "pause")
        if isinstance(step, Retry | Fail) and step.account_problem is not None:
            problem = step.account_problem
            await until_up(lambda: self._inbox.mark_account(account_id, problem=problem), "mark")

    async def _complete(self, attempt: _Attempt, ending: Ending) -> Ending:
        completion = _completion_of(attempt, ending)
        is_ours = await self._inbox.complete(completion, connection=attempt.run.connection)
        return ending if is_ours else replace(ending, is_lost=True)


class _WorkerDied(Exception):
    """The attempt was taken over too often."""


def _completion_of(attempt: _Attempt, ending: Ending) -> Completion:
    is_over, outcome = ending.transition.state.is_final, encode(ending.transitions)
    return Completion(attempt.bid, is_over, outcome)


def _put_back_ms(claim: Claim, now: datetime) -> float:
    if claim.verdict is Verdict.PAUSED and claim.not_before is not None:
        return _seconds_between(now, claim.not_before) * 1000
    return {Verdict.BUSY: BUSY_DELAY_MS, Verdict.HELD: HELD_DELAY_MS}.get(claim.verdict, 0)


def _seconds_between(earlier: datetime, later: datetime) -> float:
    return max(0.0, (later.astimezone(UTC) - earlier.astimezone(UTC)).total_seconds())


async def _roll_back(run: Run) -> None:
    try:
        await run.end(commit=False)
    except INFRASTRUCTURE_ERRORS as error:
        log.warning("rollback_failed", task_id=str(run.task.id), reason=repr(error)[:200])
