"""A transition in the form the log keeps it."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from shared.envelope import Call, State, Transition

Json = dict[str, Any]


class Event(NamedTuple):
    """`header` and `detail` are the JSON they travelled as, without bodies: all a fold needs."""

    task_id: UUID
    attempt: int
    state: State
    occurred_at: datetime
    service: str
    header: Json
    detail: Json

    @property
    def order(self) -> int:
        """Of two events of one task, the one with the greater order came later in its life."""
        return self.attempt * 10 + self.state.rank


def event_of(transition: Transition, raw: Json) -> Event:
    """`raw` is the JSON the transition was read from; its own parts are reused."""
    detail = {
        name: value
        for name, value in raw.get("detail", {}).items()
        if value is not None and value is not False and value != []  # else it says nothing
    }
    if transition.detail.calls:
        detail["calls"] = [_short(call) for call in transition.detail.calls]
    return Event(
        transition.task.id,
        transition.attempt,
        transition.state,
        transition.occurred_at,
        transition.service,
        raw["task"],
        detail,
    )


def _short(call: Call) -> Json:
    return {
        "api": call.api,
        "method": call.method,
        "started_at": call.started_at.isoformat(),
        "duration_ms": call.duration_ms,
        "status": call.status,
        "error": call.error,
    }
