"""Series as charts and as the tables that stand in for them. Pure."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from query_api.schemas.figures import FlowPointOut

Value = Callable[[FlowPointOut], float | None]


@dataclass(frozen=True, slots=True)
class Line:
    """`tone`: a colour of the style sheet."""

    label: str
    tone: str
    value: Value
    is_filled: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """`data`: as `charts.js` reads it."""

    title: str
    labels: tuple[str, ...]
    rows: list[tuple[FlowPointOut, list[float | None]]]
    data: str


def charts_of(points: Sequence[FlowPointOut]) -> list[Chart]:
    return [_chart(title, lines, points) for title, lines in _CHARTS]


def _chart(title: str, lines: Sequence[Line], points: Sequence[FlowPointOut]) -> Chart:
    rows = [(point, [line.value(point) for line in lines]) for point in points]
    data = {
        "columns": [
            {"label": line.label, "tone": line.tone, "isFilled": line.is_filled, "hasPoints": True}
            for line in lines
        ],
        "rows": [[int(point.start.timestamp()), *values] for point, values in rows],
    }
    return Chart(title, tuple(line.label for line in lines), rows, json.dumps(data, separators=(",", ":")))


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds / 1_000, 3)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 2)


_CHARTS = (
    (
        "Tasks that ended",
        (
            Line("Succeeded", "good", lambda point: point.succeeded, is_filled=True),
            Line("Failed", "bad", lambda point: point.failed),
        ),
    ),
    (
        "Success rate, %",
        (Line("Succeeded of all that ended", "good", lambda point: _percent(point.success_rate)),),
    ),
    (
        "Duration of attempts, seconds",
        (
            Line("Half took no longer", "busy", lambda point: _seconds(point.duration_p50_ms)),
            Line("95 % took no longer", "warn", lambda point: _seconds(point.duration_p95_ms)),
        ),
    ),
    (
        "Waiting for a worker, seconds",
        (
            Line("Half waited no longer", "busy", lambda point: _seconds(point.wait_p50_ms)),
            Line("95 % waited no longer", "warn", lambda point: _seconds(point.wait_p95_ms)),
        ),
    ),
)
