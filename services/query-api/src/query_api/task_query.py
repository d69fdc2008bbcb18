"""What a list of tasks was asked for, in the terms of the log. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any
from uuid import UUID

from query_api.search.meanings import Search
from query_api.stories.belonging import OfOrder
from query_api.time_spans import ANY_TIME, Span
from shared.envelope import State
from shared.identity import NEWEST_PLAUSIBLE_TRIGGER, created_at
from shared.tasks import CATALOGUE, Group, TaskType

STATE_ALIASES: dict[str, tuple[State, ...]] = {
    "pending": (State.QUEUED, State.PROCESSING, State.RETRYING),
    "success": (State.SUCCEEDED,),
    "error": (State.FAILED,),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LAST_MILLISECOND = 2**48 - 1
NEAR = timedelta(minutes=15)
_REACHES = (timedelta(days=2), timedelta(days=16))
_LOWEST, _HIGHEST = UUID(int=0), UUID(int=2**128 - 1)


class UnknownWord(ValueError):
    """A filter names something that does not exist; `known` are the words that do."""

    def __init__(self, word: str, known: Iterable[str]) -> None:
        super().__init__(word)
        self.word = word
        self.known = tuple(known)


class Sort(StrEnum):
    """The columns a list can be sorted by."""

    CREATED = "created"
    STARTED = "started"
    COMPLETED = "completed"
    DURATION = "duration"
    ATTEMPTS = "attempts"
    TYPE = "type"


SORTS = tuple(f"{sign}{sort}" for sort in Sort for sign in ("-", ""))


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Empty tuples (but for `shop_ids`), None, and open stretches of time: not filtered by that.

    `root_id`: that task and all it led to. `has_retry`: whether a person retried it.
    """

    states: tuple[State, ...] = ()
    types: tuple[TaskType, ...] = ()
    shop_ids: tuple[int, ...] | None = None
    account_ids: tuple[int, ...] = ()
    order_numbers: tuple[str, ...] = ()
    order: OfOrder | None = None
    source_id: str | None = None
    target_id: str | None = None
    error_kind: str | None = None
    fingerprint: str | None = None
    parent_id: UUID | None = None
    root_id: UUID | None = None
    retry_of: UUID | None = None
    has_retry: bool | None = None
    attempts_from: int = 1
    created: Span = ANY_TIME
    started: Span = ANY_TIME
    completed: Span = ANY_TIME
    search: Search | None = None
    sort: Sort = Sort.CREATED
    descending: bool = True
    as_of: datetime | None = None

    @property
    def mark(self) -> bytes:
        """Equal for equal questions, whatever the order their values were given in."""
        parts = [(one.name, _settled(getattr(self, one.name))) for one in fields(self)]
        return hashlib.sha256(repr(parts).encode()).digest()[:8]


def _settled(value: Any) -> Any:
    match value:
        case Span():
            return (_settled(value.since), _settled(value.until))
        case Search():
            return value.text
        case OfOrder():
            return value.order_id
        case datetime():
            return value.astimezone(UTC).isoformat()
        case tuple():
            return sorted(value)
        case _:
            return value


@dataclass(frozen=True, slots=True)
class IdRange:
    """Task ids from `low` up to, not including, `high`."""

    low: UUID = _LOWEST
    high: UUID = _HIGHEST

    def cut(self, other: "IdRange") -> "IdRange":
        return IdRange(max(self.low, other.low), min(self.high, other.high))

    def below(self, task_id: UUID) -> "IdRange":
        return IdRange(self.low, min(self.high, task_id))

    def above(self, task_id: UUID) -> "IdRange":
        return IdRange(max(self.low, UUID(int=task_id.int + 1)), self.high)


def id_range(query: TaskQuery) -> IdRange:
    """The ids of the tasks created in the query's range; ids carry their time of creation in milliseconds.

    What began or ended before a moment was created before it, however far ahead a sender's clock may be.
    """
    low = _first_id(query.created.since) if query.created.since else _LOWEST
    high = _first_id(query.created.until) if query.created.until else _HIGHEST
    for until in (query.as_of, query.started.until, query.completed.until):
        if until is not None:
            high = min(high, _first_id(_later(until, NEWEST_PLAUSIBLE_TRIGGER)))
    return IdRange(low, high)


def near(within: IdRange) -> Span:
    """When almost all tasks of a range of ids began and ended: soon after they were created."""
    since = None if within.low == _LOWEST else _created_at(within.low) - NEAR
    until = None if within.high == _HIGHEST else _later(_created_at(within.high), NEAR)
    return Span(since, until)


def spans(within: IdRange, *, newest: bool, end: UUID) -> list[IdRange]:
    """The range cut into parts to be looked through one after the other, the small and likely ones first.

    `end`: where the log has its newest or its oldest tasks, about. Most pages are full after the first part,
    which touches only a few days of the log.
    """
    edge = min(within.high, end) if newest else max(within.low, end)
    cuts = [_shifted(edge, -reach if newest else reach) for reach in _REACHES]
    borders = [within.high, *cuts, within.low] if newest else [within.low, *cuts, within.high]
    parts = [
        IdRange(*sorted(pair)) for pair in pairwise(min(max(cut, within.low), within.high) for cut in borders)
    ]
    return [part for part in parts if part.low < part.high]


def parse_states(words: Iterable[str]) -> tuple[State, ...]:
    """States and their aliases (pending, success, error). Raises UnknownWord."""
    states: dict[State, None] = {}
    for word in words:
        states |= dict.fromkeys(_states_of(word))
    return tuple(state for state in State if state in states)


def parse_types(words: Iterable[str]) -> tuple[TaskType, ...]:
    """Raises UnknownWord."""
    return tuple(dict.fromkeys(_type_of(word) for word in words))


def order_numbers_of(text: str) -> tuple[str, ...]:
    """How an order's number may be written: shops put a # before it, people often leave it out."""
    bare = text.removeprefix("#")
    return (bare, f"#{bare}") if bare else (text,)


def parse_groups(words: Iterable[str]) -> tuple[TaskType, ...]:
    """The types of these groups. Raises UnknownWord."""
    groups = {_group_of(word) for word in words}
    return tuple(spec.type for spec in CATALOGUE.values() if spec.group in groups)


def _states_of(word: str) -> tuple[State, ...]:
    name = word.lower()
    if name in STATE_ALIASES:
        return STATE_ALIASES[name]
    try:
        return (State(name),)
    except ValueError:
        raise UnknownWord(word, [*State, *STATE_ALIASES]) from None


def _type_of(word: str) -> TaskType:
    by_name = {task_type.lower(): task_type for task_type in TaskType}
    try:
        return by_name[word.lower()]
    except KeyError:
        raise UnknownWord(word, TaskType) from None


def _group_of(word: str) -> Group:
    try:
        return Group(word.lower())
    except ValueError:
        raise UnknownWord(word, Group) from None


def _shifted(task_id: UUID, by: timedelta) -> UUID:
    """The first id that is so much younger or older than another."""
    milliseconds = (task_id.int >> 80) + by // _MILLISECOND
    return UUID(int=min(max(milliseconds, 0), _LAST_MILLISECOND) << 80)


def _later(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment


def _created_at(task_id: UUID) -> datetime:
    try:
        return created_at(task_id)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _first_id(moment: datetime) -> UUID:
    """The smallest id of the first millisecond at or after the moment, however far away."""
    milliseconds = -((_EPOCH - moment) // _MILLISECOND)
    return UUID(int=min(max(milliseconds, 0), _LAST_MILLISECOND) << 80)
