"""How long the system needed to be itself again after each fault. Pure."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from tests.chaos import history as told
from tests.chaos.history import History

NOTICED_WITHIN = timedelta(seconds=3)
_DONE = ("succeeded", "failed")


@dataclass(frozen=True)
class Recovery:
    """`lasted_s`: until the fault was over. From then on: until a task ended again and its end was recorded,
    and until every process said that it was ready. None: never again."""

    kind: str
    lasted_s: float
    working_s: float | None
    ready_s: float | None


@dataclass(frozen=True)
class Figures:
    """Of all faults of a kind."""

    kind: str
    times: int
    working: tuple[float, float] | None
    ready: tuple[float, float] | None


def recoveries(history: History) -> list[Recovery]:
    """One for each fault that is over."""
    begun = {entry.facts["number"]: entry.at for entry in history.entries(told.INJECTED)}
    ends, readiness = _ends(history), _moments_all_were_ready(history)
    return [
        Recovery(
            entry.facts["kind"],
            (entry.at - begun[entry.facts["number"]]).total_seconds(),
            _until_work(ends, entry.at),
            _until_ready(readiness, entry.at),
        )
        for entry in history.entries(told.HEALED)
    ]


def by_kind(found: list[Recovery]) -> list[Figures]:
    """Median and longest of each kind, in seconds."""
    grouped: dict[str, list[Recovery]] = defaultdict(list)
    for recovery in found:
        grouped[recovery.kind].append(recovery)
    return [
        Figures(
            kind,
            len(some),
            _middle_and_most([one.working_s for one in some]),
            _middle_and_most([one.ready_s for one in some]),
        )
        for kind, some in sorted(grouped.items())
    ]


def until_quiet_s(history: History) -> float | None:
    """From the end of the last fault until everything was done and recorded."""
    healed = [entry.at for entry in history.entries(told.HEALED)]
    recorded = [datetime.fromisoformat(step["recorded_at"]) for step in history.of(told.TRANSITION)]
    if not healed or not recorded:
        return None
    return max(0.0, (max(recorded) - max(healed)).total_seconds())


def _middle_and_most(seconds: list[float | None]) -> tuple[float, float] | None:
    known = [one for one in seconds if one is not None]
    return (median(known), max(known)) if known and len(known) == len(seconds) else None


def _ends(history: History) -> list[tuple[datetime, datetime]]:
    """When tasks ended, and when that was recorded."""
    steps = (step for step in history.of(told.TRANSITION) if step["state"] in _DONE)
    times = (datetime.fromisoformat(step[name]) for step in steps for name in ("occurred_at", "recorded_at"))
    return sorted(zip(times, times, strict=True))


def _until_work(ends: list[tuple[datetime, datetime]], since: datetime) -> float | None:
    later = ends[bisect_right(ends, since, key=lambda end: end[0]) :]
    known = [recorded for _, recorded in later if recorded > since]  # clocks may have been ahead
    return (min(known) - since).total_seconds() if known else None


def _moments_all_were_ready(history: History) -> list[tuple[datetime, bool]]:
    """Each change, with whether all processes were ready from then on."""
    away: set[str] = set()
    course = []
    for entry in history.entries(told.READY):
        (away.discard if entry.facts["is_ready"] else away.add)(entry.facts["process"])
        course.append((entry.at, not away))
    return course


def _until_ready(course: list[tuple[datetime, bool]], since: datetime) -> float | None:
    """0 where nobody was seen to be away."""
    noticed = bisect_right(course, since + NOTICED_WITHIN, key=lambda change: change[0])
    if noticed == 0 or course[noticed - 1][1]:
        changes = [at for at, _ in course[:noticed] if at > since]
        return (changes[-1] - since).total_seconds() if changes else 0.0
    again = next((at for at, all_ready in course[noticed:] if all_ready), None)
    return None if again is None else (again - since).total_seconds()
