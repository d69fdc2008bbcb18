"""The numbers at the top of the board, from counters alone. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from query_api.recorder.fold import left_state
from shared.envelope import State
from shared.tasks import CATALOGUE, Group, TaskType

Counts = Mapping[tuple[str, State], int]
_OF_LATE = ("today", "succeeded_24h", "failed_24h", "queued", "processing", "retrying")


@dataclass(frozen=True, slots=True)
class Figures:
    """`today`: queued since local midnight; `…_24h`: ended in the last 24 hours; `queued`, `processing`,
    `retrying`: right now; `total`, `succeeded`, `failed`, `cancelled`: of all the log holds. `retrying`
    None: not told apart from `queued`."""

    today: int
    succeeded_24h: int
    failed_24h: int
    queued: int
    processing: int
    retrying: int | None
    total: int
    succeeded: int
    failed: int
    cancelled: int

    @property
    def is_active(self) -> bool:
        """Whether there is or lately was anything to do."""
        return any(getattr(self, name) for name in _OF_LATE)

    @property
    def under_way(self) -> int:
        return self.queued + self.processing + (self.retrying or 0)

    @property
    def error_rate_24h(self) -> float | None:
        """Failed out of all that ended; None when nothing did."""
        ended = self.succeeded_24h + self.failed_24h
        return self.failed_24h / ended if ended else None


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by type and state: of now, of today and of the last 24 hours; or as they were at a moment, when
    those that waited for another attempt are among the queued."""

    now: Counts
    today: Counts
    last_24h: Counts
    is_past: bool = False

    def figures(self, types: Iterable[str] | None = None) -> Figures:
        """Of some types, or of all there are."""
        wanted = None if types is None else frozenset(types)
        return Figures(
            today=_sum(self.today, State.QUEUED, wanted),
            succeeded_24h=_sum(self.last_24h, State.SUCCEEDED, wanted),
            failed_24h=_sum(self.last_24h, State.FAILED, wanted),
            queued=_sum(self.now, State.QUEUED, wanted),
            processing=_sum(self.now, State.PROCESSING, wanted),
            retrying=None if self.is_past else _sum(self.now, State.RETRYING, wanted),
            total=sum(_sum(self.now, state, wanted) for state in State),
            succeeded=_sum(self.now, State.SUCCEEDED, wanted),
            failed=_sum(self.now, State.FAILED, wanted),
            cancelled=_sum(self.now, State.CANCELLED, wanted),
        )

    def by_group(self) -> dict[Group, Figures]:
        return {group: self.figures(types_of(group)) for group in Group}

    def by_type(self) -> dict[TaskType, Figures]:
        return {task_type: self.figures([task_type]) for task_type in CATALOGUE}


def before(now: Counts, since: Counts) -> Counts:
    """How many were in each state before `since` came in: what left a state since was in it then. Counters do
    not tell first attempts from later ones, so all that waited counts as queued. Tasks that were dropped
    meanwhile are not counted."""
    counts: dict[tuple[str, State], int] = {}
    for task_type in {name for name, _ in (*now, *since)}:
        was = {state: now.get((task_type, state), 0) - since.get((task_type, state), 0) for state in State}
        for state in State:
            if (left := left_state(state, is_first=True)) is not None:
                was[left] += since.get((task_type, state), 0)
        was[State.QUEUED] += was.pop(State.RETRYING)
        counts |= {(task_type, state): max(n, 0) for state, n in was.items()}
    return counts


def types_of(group: Group) -> list[TaskType]:
    """The types of the catalogue that belong to a group."""
    return [spec.type for spec in CATALOGUE.values() if spec.group is group]


def _sum(counts: Counts, state: State, types: frozenset[str] | None) -> int:
    """What follows may be recorded first, so that a count is below nothing until the rest is."""
    found = sum(
        n
        for (task_type, counted), n in counts.items()
        if counted is state and (types is None or task_type in types)
    )
    return max(found, 0)
