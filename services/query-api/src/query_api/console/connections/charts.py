"""What charts of a connection's past draw, and the strip of its colours. Pure."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from query_api.schemas.connections import PointOut, SeriesOut
from shared.connections.status import Colour

Value = Callable[[PointOut], float | None]


@dataclass(frozen=True, slots=True)
class Line:
    """`tone`: one of the tokens of colour."""

    label: str
    tone: str
    value: Value
    is_filled: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    lines: tuple[Line, ...]
    points: Sequence[PointOut]

    @property
    def data(self) -> str:
        """As static/scripts/charts.js takes it."""
        is_sparse = 2 * sum(one.calls > 0 for one in self.points) < len(self.points)
        columns = [
            {
                "label": line.label,
                "tone": line.tone,
                "isFilled": line.is_filled and not is_sparse,
                "hasPoints": is_sparse,
            }
            for line in self.lines
        ]
        return json.dumps({"columns": columns, "rows": [self._row(one) for one in self.points]})

    @property
    def rows(self) -> list[tuple[datetime, list[float | None]]]:
        """Where there were calls, the newest first."""
        return [
            (one.at, [line.value(one) for line in self.lines]) for one in reversed(self.points) if one.calls
        ]

    def _row(self, one: PointOut) -> list[float | None]:
        return [int(one.at.timestamp()), *(line.value(one) for line in self.lines)]


@dataclass(frozen=True, slots=True)
class Stretch:
    """So many steps of one colour, from the `start`-th on."""

    colour: Colour
    start: int
    length: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """Of one part of a system."""

    series: SeriesOut

    @property
    def calls(self) -> int:
        return sum(point.calls for point in self.series.points)

    @property
    def charts(self) -> list[Chart]:
        errors = Line("Error rate, %", "bad", _error_percent, is_filled=True)
        slow, usual = (
            Line("95 of 100 within, ms", "warn", _p95),
            Line("Half within, ms", "busy", _p50, is_filled=True),
        )
        points = self.series.points
        return [Chart("Error rate", (errors,), points), Chart("Latency", (usual, slow), points)]

    @property
    def length(self) -> int:
        return len(self.series.points)

    @property
    def stretches(self) -> list[Stretch]:
        return stretches((point.at, point.status) for point in self.series.points)


def stretches(points: Iterable[tuple[datetime, Colour]]) -> list[Stretch]:
    """The colours that follow each other."""
    found: list[Stretch] = []
    start = 0
    for colour, group in groupby(points, key=lambda point: point[1]):
        held = list(group)
        found.append(Stretch(colour, start, len(held), held[0][0]))
        start += len(held)
    return found


def _error_percent(point: PointOut) -> float | None:
    return None if point.error_rate is None else round(point.error_rate * 100, 2)


def _p50(point: PointOut) -> float | None:
    return None if point.p50_ms is None else round(point.p50_ms, 1)


def _p95(point: PointOut) -> float | None:
    return None if point.p95_ms is None else round(point.p95_ms, 1)
