"""Facts of a task, with everything that does not matter filled in."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from query_api.repository.drivers import Fact
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
