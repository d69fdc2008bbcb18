"""Facts of a task, with everything that does not matter filled in."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from query_api.repository.drivers import Fact
from query_api.repository.records import TaskRow
from shared.envelope import State
from shared.tasks import TaskType

MOMENT = datetime(2026, 11, 21, 8, tzinfo=UTC)


def fact(**changes: Any) -> Fact:
    values: dict[str, Any] = dict.fromkeys(Fact._fields)
    own = {
        "task_id": UUID(int=1),
        "shop_id": 1,
        "type": TaskType.SYNC_CONTACT,
        "state": State.SUCCEEDED,
        "attempt": 1,
        "started_at": MOMENT,
    }
    return Fact(**(values | own | changes))


def row(**changes: Any) -> TaskRow:
    values: dict[str, Any] = dict.fromkeys(field.name for field in fields(TaskRow))
    own = {
        **dict.fromkeys(("created_at", "queued_at", "started_at", "completed_at", "updated_at"), MOMENT),
        "task_id": UUID(int=1),
        "shop_id": 1,
        "type": TaskType.SYNC_CONTACT,
        "state": State.SUCCEEDED,
        "attempt": 1,
        "max_attempts": 5,
    }
    return TaskRow(**(values | own | changes))
