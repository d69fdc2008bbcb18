"""Tasks that no delivery causes: a person's action, or the clock."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.envelope import Detail, Payload, State, TaskHeader, Transition
from shared.identity import delivery_task_id, new_task_id
from shared.retry import POLICIES
from shared.tasks import CATALOGUE, Lane, TaskType
from shared.tracing import start_traceparent


@dataclass(frozen=True, slots=True)
class Start:
    """What is to be run, and for whom. `actor` names the person or the clock that wants it."""

    type: TaskType
    shop_id: int
    actor: str
    payload: Payload
    account_id: int | None = None
    source_id: str | None = None
    order_number: str | None = None
    retry_of: UUID | None = None
    retry_policy: str | None = None
    lane: Lane | None = None


def started(start: Start, *, service: str, now: datetime, task_id: UUID | None = None) -> Transition:
    """The first transition of such a task, ready to be published."""
    header = TaskHeader(
        id=task_id or new_task_id(),
        type=start.type,
        shop_id=start.shop_id,
        queued_at=now,
        max_attempts=POLICIES.get(start.retry_policy or "", CATALOGUE[start.type].retry).attempts,
        account_id=start.account_id,
        source_id=start.source_id,
        order_number=start.order_number,
        retry_of=start.retry_of,
        retry_policy=start.retry_policy,
        lane=start.lane,
        traceparent=start_traceparent(start.type),
    )
    return Transition(
        task=header,
        state=State.QUEUED,
        attempt=1,
        occurred_at=now,
        service=service,
        detail=Detail(actor=start.actor),
        payload=start.payload,
    )


def tick_task_id(schedule_id: int, tick: datetime) -> UUID:
    """The id of the task a schedule's tick makes: the same on every replica, so that it runs once."""
    return delivery_task_id(f"schedule:{schedule_id}:{tick.isoformat()}", triggered_at=tick, received_at=tick)
