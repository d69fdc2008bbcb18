"""Objects for tests, with everything that does not matter filled in."""

from datetime import UTC, datetime
from typing import Any

from shared.envelope import Payload, State, TaskHeader, Transition
from shared.identity import new_task_id
from shared.tasks import CATALOGUE, TaskType


def header(**changes: Any) -> TaskHeader:
    task_type = changes.get("type", TaskType.SYNC_CONTACT)
    values: dict[str, Any] = {
        "id": new_task_id(),
        "type": task_type,
        "shop_id": 1,
        "queued_at": datetime.now(UTC),
        "max_attempts": CATALOGUE[task_type].retry.attempts,
    }
    return TaskHeader(**(values | changes))


def transition(**changes: Any) -> Transition:
    """`type` and other header fields may be given too; a dispatching transition gets a payload."""
    own = {name: changes.pop(name) for name in list(changes) if name in Transition.__struct_fields__}
    task = own.pop("task", None) or header(**changes)
    state = own.get("state", State.QUEUED)
    values: dict[str, Any] = {
        "task": task,
        "state": state,
        "attempt": 1,
        "occurred_at": datetime.now(UTC),
        "service": "test",
    }
    if state.dispatches:
        values["payload"] = Payload(body=b"{}")
    return Transition(**(values | own))
