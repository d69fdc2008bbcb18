"""Which stretch of the past a history shows, and in which steps. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Step = Literal["minute", "hour"]

SHOWN = timedelta(hours=1)
LONGEST: dict[Step, timedelta] = {"minute": timedelta(days=1), "hour": timedelta(days=7)}


class Unshowable(Exception):
    """`field` is what has to be different, `text` how."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
        self.text = text


@dataclass(frozen=True, slots=True)
class Span:
    start: datetime
    end: datetime
    step: Step


def span_of(
    start: datetime | None, end: datetime | None, step: Step | None, *, known_until: datetime
) -> Span:
    """By default the last hour; minutes for up to a day, else hours. Raises Unshowable."""
    end = min(end or known_until, known_until)
    start = start or end - SHOWN
    if start > end:
        raise Unshowable("from", f"It lies after the end, {end.isoformat(timespec='seconds')}.")
    step = step or ("minute" if end - start <= LONGEST["minute"] else "hour")
    if end - start > LONGEST[step]:
        raise Unshowable("from", f"By {step} at most {LONGEST[step].days * 24} hours are shown at once.")
    return Span(start, end, step)
