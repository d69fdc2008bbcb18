"""What a list of tasks was asked for, in the terms of the log. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from shared.envelope import State
from shared.identity import NEWEST_PLAUSIBLE_TRIGGER
from shared.tasks import TaskType

STATE_ALIASES: dict[str, tuple[State, ...]] = {
    "pending": (State.QUEUED, State.PROCESSING, State.RETRYING),
    "success": (State.SUCCEEDED,),
    "error": (State.FAILED,),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LAST_MILLISECOND = 2**48 - 1
_REACHES = (timedelta(days=2), timedelta(days=16))
_LOWEST, _HIGHEST = UUID(int=0), UUID(int=2**128 - 1)


class UnknownWord(ValueError):
    """A filter names something that does not exist; `known` are the words that do."""

    def __init__(self, word: str, known: Iterable[str]) -> None:
        super().__init__(word)
        self.word = word
        self.known = tuple(known)


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Empty `states` or `types`: any. `shop_ids` None: every shop. `created_to` is exclusive."""

    states: tuple[State, ...] = ()
    types: tuple[TaskType, ...] = ()
    shop_ids: tuple[int, ...] | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    newest_first: bool = True
    as_of: datetime | None = None

    @property
    def fingerprint(self) -> bytes:
        """Equal for equal questions, whatever the order their values were given in."""
        moments = (self.created_from, self.created_to, self.as_of)
        parts = (
            sorted(self.states),
            sorted(self.types),
            None if self.shop_ids is None else sorted(self.shop_ids),
            self.newest_first,
            *(moment and moment.astimezone(UTC).isoformat() for moment in moments),
        )
        return hashlib.sha256(repr(parts).encode()).digest()[:8]


@dataclass(frozen=True, slots=True)
class IdRange:
    """Task ids from `low` up to, not including, `high`."""

    low: UUID = _LOWEST
    high: UUID = _HIGHEST

    def below(self, task_id: UUID) -> "IdRange":
        return IdRange(self.low, min(self.high, task_id))

    def above(self, task_id: UUID) -> "IdRange":
        return IdRange(max(self.low, UUID(int=task_id.int + 1)), self.high)


def id_range(query: TaskQuery) -> IdRange:
    """The ids of the tasks created in the query's range; ids carry their time of creation in milliseconds."""
    low = _first_id(query.created_from) if query.created_from else _LOWEST
    high = _first_id(query.created_to) if query.created_to else _HIGHEST
    if query.as_of is not None:
        high = min(high, _first_id(query.as_of + NEWEST_PLAUSIBLE_TRIGGER))
    return IdRange(low, high)


def spans(within: IdRange, *, newest: bool, now: datetime) -> list[IdRange]:
    """The range cut into parts to be looked through one after the other, the small and likely ones first.

    Most pages are full after the first part, which touches only a few days of the log.
    """
    edge = min(within.high, _first_id(now)) if newest else within.low
    if edge == _LOWEST:
        return [within]
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


def _shifted(task_id: UUID, by: timedelta) -> UUID:
    """The first id that is so much younger or older than another."""
    milliseconds = (task_id.int >> 80) + by // _MILLISECOND
    return UUID(int=min(max(milliseconds, 0), _LAST_MILLISECOND) << 80)


def _first_id(moment: datetime) -> UUID:
    """The smallest id of the first millisecond at or after the moment."""
    milliseconds = -((_EPOCH - moment) // _MILLISECOND)
    return UUID(int=min(max(milliseconds, 0), _LAST_MILLISECOND) << 80)
