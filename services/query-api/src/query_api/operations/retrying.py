"""A retry: a new task with what the one before had, that says whose retry it is."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from query_api.auth import Role
from query_api.operations.pace import seconds_for
from query_api.operations.port import Operation, Share, Verdict
from query_api.operations.received import received_by
from query_api.operations.retry_facts import (
    Known,
    Reservation,
    Target,
    hold_reserved,
    known_of,
    note_published,
    reserve,
    targets_of,
)
from query_api.operations.retry_rate import rate_of
from query_api.operations.retry_shipments import pending_meanwhile
from query_api.operations.retry_verdict import NO_PAYLOAD, RETRIABLE, RETRIED, bulk_lane, verdict_of
from query_api.repository.records import TaskRow
from query_api.starting import SERVICE
from query_api.task_query import TaskQuery
from query_api.time_spans import Span
from shared.envelope import Payload, State, Transition, utc_now
from shared.starting import Start, started
from shared.tasks import CATALOGUE, Lane, TaskType
from shared.vault import Vault

Publish = Callable[[Sequence[Transition]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants it. `operation_id` None: one task by itself, which runs where it ran; others run beside live
    work."""

    name: str
    operation_id: UUID | None = None


class Retrying:
    """`publish` raises when the broker did not confirm. Its own connections settle ids before that."""

    least = Role.OPERATOR
    per_second = 20.0

    def __init__(self, pool: Any, vault: Vault, publish: Publish) -> None:
        self._pool = pool
        self._vault = vault
        self._publish = publish

    def narrowed(self, query: TaskQuery, frozen_at: datetime) -> TaskQuery:
        """Those that had failed by then, and of those that were cancelled where they are asked for."""
        until = min(query.completed.until or frozen_at, frozen_at)
        states = tuple(state for state in RETRIABLE if state in query.states) or query.states
        states = states or (State.FAILED,)
        return replace(query, states=states, completed=Span(query.completed.since, until))

    async def judge(
        self, connection: Any, tasks: Sequence[TaskRow], operation_id: UUID | None
    ) -> Mapping[UUID, Verdict]:
        known = await known_of(connection, tasks, operation_id)
        verdicts = {task_id: verdict_of(one.ended) for task_id, one in known.items()}
        return {task_id: verdict for task_id, verdict in verdicts.items() if verdict is not None}

    async def shares(self, connection: Any, numbers: Mapping[int, int]) -> Sequence[Share]:
        targets = await targets_of(connection, set(numbers))
        now = utc_now()
        return [_share(target, numbers[target.id], now) for target in targets.values()]

    async def take(
        self, connection: Any, operation: Operation, tasks: Sequence[TaskRow]
    ) -> Mapping[UUID, Verdict]:
        asker = Asker(operation.requested_by, operation.id)
        _, left = await self.retry(connection, tasks, asker)
        return left

    async def retry(
        self, connection: Any, tasks: Sequence[TaskRow], asker: Asker
    ) -> tuple[dict[UUID, UUID], dict[UUID, Verdict]]:
        """The ids of the retries by those of the tasks, and of others why they have none."""
        ids = [task.task_id for task in tasks]
        await reserve(self._pool, ids, asker.operation_id)
        reserved = await hold_reserved(connection, ids)
        known = await known_of(connection, tasks, asker.operation_id)
        done: dict[UUID, UUID] = {}
        left: dict[UUID, Verdict] = {}
        for task in tasks:
            own = reserved[task.task_id]
            if own.is_published and (own.operation_id is None or own.operation_id != asker.operation_id):
                left[task.task_id] = RETRIED
            elif (payload := await received_by(connection, self._vault, task)) is None:
                left[task.task_id] = NO_PAYLOAD
            else:
                async with pending_meanwhile(connection, task.type, payload, own.retry_id):
                    await self._publish([_retry(task, known[task.task_id], own, payload, asker)])
                done[task.task_id] = own.retry_id
        await note_published(connection, list(done), asker.operation_id)
        return done, left


def _retry(task: TaskRow, known: Known, own: Reservation, payload: Payload, asker: Asker) -> Transition:
    header = known.header or {}
    start = Start(
        type=TaskType(task.type),
        shop_id=task.shop_id,
        actor=asker.name,
        payload=payload,
        account_id=task.account_id,
        source_id=task.source_id,
        order_number=task.order_number,
        retry_of=task.task_id,
        retry_policy=header.get("retry_policy"),
        lane=_lane(task, header.get("lane"), is_one_of_many=asker.operation_id is not None),
    )
    return started(start, service=SERVICE, now=utc_now(), task_id=own.retry_id)


def _lane(task: TaskRow, given: str | None, *, is_one_of_many: bool) -> Lane | None:
    lane = Lane(given) if given in list(Lane) else None
    if not is_one_of_many:
        return lane
    return bulk_lane(lane or CATALOGUE[TaskType(task.type)].lane)


def _share(target: Target, tasks: int, now: datetime) -> Share:
    per_second = rate_of(target.kind, target.settings, target.budgets)
    pause_s = 0.0 if target.paused_until is None else (target.paused_until - now).total_seconds()
    return Share(
        account_id=target.id,
        account=target.name,
        tasks=tasks,
        per_second=per_second,
        seconds=seconds_for(tasks, per_second) + max(0, int(pause_s)),
        paused_until=target.paused_until,
        problem=target.problem,
    )
