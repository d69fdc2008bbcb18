"""A place in the log between two of its rows, and the id of the event that comes before it. Pure."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TEXT = re.compile(r"(\d{1,18})(?:-([0-9a-f]{32})-(\d{1,9})-([a-z]{1,20}))?", re.ASCII)


class InvalidPosition(ValueError):
    """The text is no id of an event."""


class Position(NamedTuple):
    """Behind one transition, in the order of recording; with a time alone: before all of that moment."""

    recorded_at: datetime
    task_id: UUID = UUID(int=0)
    attempt: int = 0
    state: str = ""


def encode(position: Position) -> str:
    """E.g. `1795254818123456-0193…-1-succeeded`: microseconds, task, attempt and state."""
    moment = str((position.recorded_at - _EPOCH) // _MICROSECOND)
    if not position.state:
        return moment
    return f"{moment}-{position.task_id.hex}-{position.attempt}-{position.state}"


def decode(text: str) -> Position:
    """Raises InvalidPosition."""
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        raise InvalidPosition("This is not the id of an event of this stream.")
    moment, task_id, attempt, state = found.groups()
    try:
        recorded_at = _EPOCH + int(moment) * _MICROSECOND
    except OverflowError:
        raise InvalidPosition("This id names a time that there is not.") from None
    if task_id is None:
        return Position(recorded_at)
    return Position(recorded_at, UUID(task_id), min(int(attempt), 2**31 - 1), state)
