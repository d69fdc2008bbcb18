"""A small chart that needs no script. Pure."""

from collections.abc import Sequence
from math import inf

from markupsafe import Markup

WIDTH, HEIGHT = 120, 28
_CHART = Markup(
    '<svg class="sparkline" viewBox="0 0 {width} {height}" preserveAspectRatio="none" aria-hidden="true">'
    '<path class="sparkline-area" d="{area}"/><path class="sparkline-line" d="{line}"/></svg>'
)


def sparkline(values: Sequence[float | None]) -> Markup:
    """A line from left to right, as high as the largest value; gaps where there is none."""
    if len(values) < 2:
        return Markup("")
    highest = max((value for value in values if value is not None), default=0) or inf
    step = WIDTH / (len(values) - 1)
    points = [
        None
        if value is None
        else (round(index * step, 1), round(HEIGHT - 1.5 - (HEIGHT - 3) * value / highest, 1))
        for index, value in enumerate(values)
    ]
    runs = _runs(points)
    line = "".join("M" + "L".join(f"{x} {y}" for x, y in run) for run in runs)
    area = "".join(_closed(run) for run in runs)
    return _CHART.format(width=WIDTH, height=HEIGHT, line=line, area=area)


def _height(share: float) -> float:
    """Half the line's width from the edges, so that it is drawn whole."""
    return round(HEIGHT - 1.5 - (HEIGHT - 3) * share, 1)


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _closed(run: Sequence[tuple[float, float]]) -> str:
    line = "L".join(f"{x} {y}" for x, y in run)
    return f"M{run[0][0]} {HEIGHT}L{line}L{run[-1][0]} {HEIGHT}Z"
