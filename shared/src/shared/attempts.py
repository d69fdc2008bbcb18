"""What an attempt leaves behind: its last transition and the tasks it causes. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from shared.envelope import Detail, State, TaskHeader, Transition
from shared.handling import FollowUp, Outcome, Run
from shared.identity import new_task_id
from shared.retry import POLICIES
from shared.tasks import CATALOGUE
from shared.topology import wait_ms
from shared.tracing import current_traceparent
from shared.verdicts import Fail, Finish, Retry

LOST = "lost"
OUTCOMES = (State.SUCCEEDED.value, State.RETRYING.value, State.FAILED.value, LOST)


@dataclass(frozen=True, slots=True)
class Ending:
    """`is_lost`: somebody else ended the attempt, or may have; nothing of this may be published."""

    transition: Transition
    follow_ups: tuple[Transition, ...] = ()
    is_lost: bool = False

    @property
    def outcome(self) -> str:
        return LOST if self.is_lost else self.transition.state.value

    @property
    def transitions(self) -> list[Transition]:
        return [self.transition, *self.follow_ups]


@dataclass(frozen=True, slots=True)
class Reporter:
    """Words an attempt's transitions in the name of one service."""

    service: str
    started_at: datetime

    def processing(self, task: TaskHeader, attempt: int, *, ready_at: datetime) -> Transition:
        waited_ms = max(0.0, (self.started_at - ready_at).total_seconds() * 1000)
        facts = {"started_at": self.started_at, "waited_ms": waited_ms}
        return self._transition(task, State.PROCESSING, attempt, self.started_at, **facts)

    def success(self, run: Run, outcome: Outcome, now: datetime) -> Ending:
        follow_ups = tuple(
            queued(follow_up, run.task, self.service, now=now) for follow_up in outcome.follow_ups
        )
        task = replace(
            run.task,
            source_id=run.task.source_id or outcome.source_id,
            order_number=outcome.order_number or run.task.order_number,
        )
        facts = {
            "note": outcome.note,
            "target_id": outcome.target_id,
            "summary": outcome.summary,
            "items_processed": outcome.items_processed,
            "items_failed": outcome.items_failed,
            "items_total": outcome.items_total,
            "follow_ups": [follow_up.task.id for follow_up in follow_ups],
        }
        return Ending(self._ended(task, State.SUCCEEDED, run, now, **facts), follow_ups)

    def other(self, run: Run, step: Retry | Fail | Finish, now: datetime) -> Ending:
        match step:
            case Finish(note=note):
                return Ending(self._ended(run.task, State.SUCCEEDED, run, now, note=note))
            case Fail(failure=failure):
                return Ending(self._ended(run.task, State.FAILED, run, now, failure=failure))
            case Retry():
                return Ending(self._retrying(run, step, now))

    def _retrying(self, run: Run, step: Retry, now: datetime) -> Transition:
        task = replace(run.task, max_attempts=step.max_attempts)
        facts = {
            "failure": step.failure,
            "delay_ms": step.delay_ms,
            "due_at": now + timedelta(milliseconds=step.delay_ms),
            "is_uncertain": step.is_uncertain,
        }
        transition = self._ended(task, State.RETRYING, run, now, **facts)
        return replace(transition, payload=run.payload)

    def _ended(self, task: TaskHeader, state: State, run: Run, now: datetime, **facts: Any) -> Transition:
        duration_ms = (now - self.started_at).total_seconds() * 1000
        facts |= {
            "started_at": self.started_at,
            "duration_ms": duration_ms,
            "calls": run.calls,
        }
        return self._transition(task, state, run.attempt, now, **facts)

    def _transition(
        self,
        task: TaskHeader,
        state: State,
        attempt: int,
        occurred_at: datetime,
        **facts: Any,
    ) -> Transition:
        return Transition(
            task=task,
            state=state,
            attempt=attempt,
            occurred_at=occurred_at,
            service=self.service,
            detail=Detail(**facts),
        )


def with_beginning(outcome: list[Transition], *, ready_at: datetime) -> list[Transition]:
    """What an attempt left behind, after how it began, if it did: who ended it may have died before that was
    confirmed."""
    ending = outcome[0]
    started_at = ending.detail.started_at
    if started_at is None:
        return outcome
    reporter = Reporter(ending.service, started_at)
    return [reporter.processing(ending.task, ending.attempt, ready_at=ready_at), *outcome]


def queued(follow_up: FollowUp, parent: TaskHeader, service: str, *, now: datetime) -> Transition:
    """The first transition of a task that `parent` caused."""
    header = TaskHeader(
        id=follow_up.id or new_task_id(),
        type=follow_up.type,
        shop_id=parent.shop_id,
        queued_at=now,
        max_attempts=POLICIES.get(follow_up.retry_policy or "", CATALOGUE[follow_up.type].retry).attempts,
        retry_policy=follow_up.retry_policy,
        lane=follow_up.lane or parent.lane,
        account_id=follow_up.account_id,
        source_id=follow_up.source_id,
        order_number=follow_up.order_number,
        parent_id=parent.id,
        root_id=parent.root_id or parent.id,
        traceparent=current_traceparent() or parent.traceparent,
    )
    return Transition(
        task=header,
        state=State.QUEUED,
        attempt=1,
        occurred_at=now,
        service=service,
        detail=_waiting(follow_up.delay_ms, now),
        payload=follow_up.payload,
    )


def _waiting(delay_ms: int, now: datetime) -> Detail:
    """What a task says that may not run yet."""
    if not delay_ms:
        return Detail()
    step_ms = wait_ms(delay_ms)
    return Detail(delay_ms=step_ms, due_at=now + timedelta(milliseconds=step_ms))
