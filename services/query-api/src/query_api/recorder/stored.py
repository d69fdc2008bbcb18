"""Rows of the log and of the projection as the objects they were written from."""

from typing import Any
from uuid import UUID

from query_api.recorder.events import Event
from query_api.recorder.fold import TaskRow
from shared.envelope import State


def stored_event(row: Any) -> Event:
    """`row` has the columns of ledger.task_events that an Event has."""
    return Event(
        row["task_id"],
        row["attempt"],
        State(row["state"]),
        row["occurred_at"],
        row["service"],
        row["header"],
        row["detail"],
    )


def stored_task(row: Any) -> TaskRow:
    """Comparable with a fold: ids other than the task's own are text there, as in the header."""
    return TaskRow._make(_plain(name, row[name]) for name in TaskRow._fields)


def _plain(name: str, value: Any) -> Any:
    return str(value) if isinstance(value, UUID) and name != "task_id" else value
