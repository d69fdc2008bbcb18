"""How far an import has come, how fast it goes, and how long it will still take. Pure."""

from dataclasses import dataclass
from datetime import datetime

from query_api.repository.imports import ImportRow

_ENDS = frozenset({"finished", "failed", "stopped"})


@dataclass(frozen=True, slots=True)
class Pace:
    """Of the step under way: objects a second (bytes while staging), and the seconds until its end."""

    per_second: float | None = None
    seconds_left: int | None = None


def pace(row: ImportRow, now: datetime) -> Pace:
    """Nothing is said before anything is done, nor of steps whose length nobody knows."""
    done, total = step(row)
    elapsed_s = (now - row.phase_at).total_seconds()
    if row.state in _ENDS or not done or elapsed_s <= 0:
        return Pace()
    per_second = done / elapsed_s
    left = None if total is None else max(0, round((total - done) / per_second))
    return Pace(round(per_second, 1), left)


def to_sync(row: ImportRow) -> int:
    """How many changes the CRM has to be told, of all kinds so far, and of an import before."""
    own = sum(int(counts.get("to_sync", 0)) for counts in _counts(row))
    return own + _number(row, "adopted")


def handed_over(row: ImportRow) -> int:
    return _number(row, "handed_over")


def step(row: ImportRow) -> tuple[int, int | None]:
    """What of how much is done in the step under way."""
    if row.state == "staging":
        return row.byte_offset, row.size
    if row.state == "processing":
        return row.processed, None if row.total is None else row.total - row.failed
    if row.state == "syncing":
        return handed_over(row), to_sync(row)
    return 0, None


def _number(row: ImportRow, name: str) -> int:
    found = row.summary.get(name, 0)
    return found if isinstance(found, int) else 0


def _counts(row: ImportRow) -> list[dict[str, int]]:
    return [counts for kind in row.kinds if isinstance(counts := row.summary.get(kind), dict)]
