"""The orders a list of tasks can have, and where in them a task stands. Pure.

Tasks without a value, such as those that have not ended, come after all others, whichever way a list goes.
Of equal ones the newest comes first where the order is descending.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cmp_to_key, partial
from operator import attrgetter
from typing import Any
from uuid import UUID

from query_api.places import Place, id_of, malformed, moment_of
from query_api.task_matching import Kind
from query_api.task_query import Sort

_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Spot:
    """A task's place in a list. `value`: what it is sorted by; None: by its id alone, or it has none.
    `kind`: of the task, where the index that led to it tells."""

    value: Any
    task_id: UUID
    kind: Kind | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Key:
    """A column with an index of its own: the rows it holds are those for which `holds` is true."""

    column: str
    type: str
    where: str


KEYS: Mapping[Sort, Key] = {
    Sort.STARTED: Key("started_at", "timestamptz", "t.started_at IS NOT NULL"),
    Sort.COMPLETED: Key("completed_at", "timestamptz", "t.completed_at IS NOT NULL"),
    Sort.DURATION: Key("duration_ms", "double precision", "t.duration_ms IS NOT NULL"),
    Sort.ATTEMPTS: Key("attempt", "integer", "t.attempt > 1"),
}
_ATTRIBUTES = {sort: key.column for sort, key in KEYS.items()} | {Sort.TYPE: "type"}


def value_of(task: Any, sort: Sort) -> Any:
    """What a task is sorted by."""
    return None if sort is Sort.CREATED else attrgetter(_ATTRIBUTES[sort])(task)


def in_order(spots: Iterable[Spot], *, descending: bool) -> list[Spot]:
    """As a list shows them."""
    return sorted(spots, key=cmp_to_key(partial(_compared, descending=descending)))


def is_after(spot: Spot, other: Spot, *, descending: bool) -> bool:
    """Further down in such a list."""
    return _compared(spot, other, descending=descending) > 0


def place_of(spot: Spot, *, is_forward: bool) -> Place:
    value = spot.value.isoformat() if isinstance(spot.value, datetime) else spot.value
    return Place((value, str(spot.task_id)), is_forward)


def spot_of(place: Place, sort: Sort) -> Spot:
    """Raises InvalidCursor for a place that somebody made up."""
    if len(place.keys) != 2:
        raise malformed()
    return Spot(_value(place.keys[0], sort), id_of(place))


def _compared(one: Spot, other: Spot, *, descending: bool) -> int:
    if (one.value is None) != (other.value is None):
        return 1 if one.value is None else -1
    left = (one.task_id,) if one.value is None else (one.value, one.task_id)
    right = (other.task_id,) if other.value is None else (other.value, other.task_id)
    if left == right:
        return 0
    return 1 if (left < right) == descending else -1


def _value(kept: Any, sort: Sort) -> Any:
    match sort, kept:
        case (_, None) if sort not in (Sort.ATTEMPTS, Sort.TYPE):
            return None
        case (Sort.STARTED | Sort.COMPLETED, str()):
            return moment_of(kept)
        case (Sort.DURATION, int() | float()) if not isinstance(kept, bool):
            return float(kept)
        case (Sort.ATTEMPTS, int()) if not isinstance(kept, bool) and abs(kept) <= _LARGEST:
            return kept
        case (Sort.TYPE, str()) if "\0" not in kept:
            return kept
    raise malformed()
