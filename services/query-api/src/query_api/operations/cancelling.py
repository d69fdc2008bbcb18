"""A task is cancelled: in the inbox, where workers take tasks up, so that exactly one of both gets it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import convert

from query_api.auth import Role
from query_api.operations.cancel_verdict import OVER, attempt_of, refusal_of, verdict_of
from query_api.operations.port import Operation, Share, Verdict
from query_api.operations.received import received_by
from query_api.operations.retry_shipments import shipment_named
from query_api.operations.retrying import Publish
from query_api.repository.records import TaskRow
from query_api.repository.syncing import hold_shipments
from query_api.starting import SERVICE
from query_api.task_query import TaskQuery
from query_api.time_spans import Span
from shared.db.queries import load_queries
from shared.envelope import Detail, State, TaskHeader, Transition, encode, utc_now
from shared.tasks import TaskType
from shared.vault import Vault

_WAITING = (State.QUEUED, State.RETRYING)
_queries = load_queries(__file__, "cancelling")


@dataclass(frozen=True, slots=True)
class Canceller:
    """Who wants it. Asking again as the same one is answered the same."""

    name: str
    operation_id: UUID | None = None

    @property
    def owner(self) -> str:
        return f"cancel/{self.operation_id or self.name}"


class Cancelling:
    """`publish` raises when the broker did not confirm."""

    least = Role.OPERATOR
    per_second = 50.0

    def __init__(self, pool: Any, vault: Vault, publish: Publish) -> None:
        self._pool = pool
        self._vault = vault
        self._publish = publish

    def narrowed(self, query: TaskQuery, frozen_at: datetime) -> TaskQuery:
        """Those that were there by then, and wait when their turn comes."""
        until = min(query.created.until or frozen_at, frozen_at)
        states = tuple(state for state in _WAITING if state in query.states) or query.states or _WAITING
        return replace(query, states=states, created=Span(query.created.since, until))

    async def judge(
        self, connection: Any, tasks: Sequence[TaskRow], operation_id: UUID | None
    ) -> Mapping[UUID, Verdict]:
        """Those that this operation itself has cancelled are as good as those that wait."""
        verdicts = {task.task_id: verdict_of(task.type, task.state) for task in tasks}
        cancelled = [task.task_id for task in tasks if task.state is State.CANCELLED]
        own = await self._cancelled_by(connection, cancelled, operation_id)
        return {
            task_id: verdict
            for task_id, verdict in verdicts.items()
            if verdict is not None and task_id not in own
        }

    async def shares(self, _connection: Any, _numbers: Mapping[int, int]) -> Sequence[Share]:
        return ()

    async def take(
        self, _connection: Any, operation: Operation, tasks: Sequence[TaskRow]
    ) -> Mapping[UUID, Verdict]:
        """Each is decided in a transaction of its own, so that no worker waits for more than one."""
        canceller = Canceller(operation.requested_by, operation.id)
        left: dict[UUID, Verdict] = {}
        done: list[Transition] = []
        for task in tasks:
            async with self._pool.acquire() as own, own.transaction():
                found = await self.decide(own, task, canceller)
            if isinstance(found, Verdict):
                left[task.task_id] = found
            else:
                done.append(found)
        await self.tell(done, canceller)
        return left

    async def decide(self, connection: Any, task: TaskRow, canceller: Canceller) -> Transition | Verdict:
        """Inside the caller's transaction: its end, to be told once that is committed; or why it goes on."""
        place = {"task_id": task.task_id, "attempt": task.attempt, "state": task.state}
        header = await _queries.header(connection, **place)
        if header is None:
            return OVER
        cancelled = _cancelled(convert(header, TaskHeader), task, canceller)
        shipment = await self._held_shipment(connection, task)
        answer = await _queries.cancel(
            connection,
            task_id=task.task_id,
            attempt=cancelled.attempt,
            owner=canceller.owner,
            outcome=encode([cancelled]),
        )
        refusal = refusal_of(answer)
        if refusal is None and shipment is not None:
            message = f"{cancelled.detail.note}, so nobody was told"
            await _queries.fail_shipment(connection, id=shipment, task_id=task.task_id, message=message)
        return refusal or cancelled

    async def tell(self, cancelled: Sequence[Transition], canceller: Canceller) -> None:
        """Raises NotPublished. Whoever is not told of by this is told of by its own message, later."""
        if not cancelled:
            return
        await self._publish(cancelled)
        await _queries.settle(
            self._pool, owner=canceller.owner, **_bounded([one.task.id for one in cancelled])
        )

    async def _held_shipment(self, connection: Any, task: TaskRow) -> UUID | None:
        """Held before the task is decided on, as workers do."""
        if task.type != TaskType.WRITEBACK_SHIPMENT:
            return None
        payload = await received_by(connection, self._vault, task)
        shipment = None if payload is None else shipment_named(task.type, payload)
        if shipment is not None:
            await hold_shipments(connection, [shipment])
        return shipment

    async def _cancelled_by(
        self, connection: Any, task_ids: Sequence[UUID], operation_id: UUID | None
    ) -> set[UUID]:
        if operation_id is None or not task_ids:
            return set()
        owner = Canceller("", operation_id).owner
        rows = _queries.cancelled_by(connection, owner=owner, **_bounded(task_ids))
        return {row["task_id"] async for row in rows}


def _bounded(task_ids: Sequence[UUID]) -> dict[str, Any]:
    return {"task_ids": list(task_ids), "low": min(task_ids), "high": max(task_ids)}


def _cancelled(header: TaskHeader, task: TaskRow, canceller: Canceller) -> Transition:
    return Transition(
        task=header,
        state=State.CANCELLED,
        attempt=attempt_of(task.state, task.attempt),
        occurred_at=utc_now(),
        service=SERVICE,
        detail=Detail(actor=canceller.name, note=f"Cancelled by {canceller.name}"),
    )
