"""The API on logs of several sizes: how long answers take, and how that grows."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

import httpx

from benchmarks.loading import load
from benchmarks.made_up import Scale
from benchmarks.measuring import Timings, p95
from benchmarks.measuring import measure as ask
from benchmarks.proof.figures import Target, percentile
from benchmarks.proof.ground import Ground, Plot
from benchmarks.proof.part import Amount, Part
from benchmarks.proof.programs import running
from benchmarks.proof.seeing import QUERIES, looking
from devstack.services import QUERY_API
from shared.envelope import utc_now

_DAYS = 90
_FAR_PAGES = 5
_TELLS = ("list", "statistics")


def measure(ground: Ground, amount: Amount) -> Mapping[str, float]:
    """Every question to every log, which take turns."""
    sizes = amount.query_sizes
    with ExitStack() as stack:
        plots = [stack.enter_context(ground.plot()) for _ in sizes]
        for plot, size in zip(plots, sizes, strict=True):
            load(plot.database_url, Scale(size, min(_DAYS, size // 1_000), utc_now()))
        found = asyncio.run(ask([plot.database_url for plot in plots], rounds=amount.query_rounds))
        answers = {
            name: value
            for size, timings in zip(sizes, found, strict=True)
            for name, value in _answers(size, timings).items()
        }
        return answers | _growth(found[0], found[-1]) | _largest(plots[-1], sizes[-1], found[-1])


def _answers(size: int, timings: Timings) -> dict[str, float]:
    areas = dict.fromkeys(area for area, _ in timings)
    return {
        f"{area}, {size:,} tasks: p{percent}, ms": percentile(_all_of(timings, area), percent)
        for area in areas
        for percent in (50, 95)
    }


def _growth(small: Timings, large: Timings) -> dict[str, float]:
    """How many times as long answers take, p95, in areas that have a target: all of one, and the worst."""
    figures: dict[str, float] = {}
    for area in _TELLS:
        grown = [p95(large[question]) / p95(small[question]) for question in small if question[0] == area]
        figures[f"{area}, all: large of small"] = p95(_all_of(large, area)) / p95(_all_of(small, area))
        figures[f"{area}, most grown: large of small"] = max(grown)
    return figures


def _largest(plot: Plot, size: int, timings: Timings) -> dict[str, float]:
    page = percentile(_all_of(timings, "list"), 50)
    far = asyncio.run(_far_page_ms(plot))
    return {"OFFSET 100,000: ms": far, "list page: p50, ms": page, "export: tasks/s": _exported(plot, size)}


async def _far_page_ms(plot: Plot) -> float:
    async with looking(plot.database_url) as connection:
        began = time.perf_counter()
        for _ in range(_FAR_PAGES):
            _ = [row async for row in QUERIES.far_page(connection)]
        return (time.perf_counter() - began) / _FAR_PAGES * 1_000


def _exported(plot: Plot, size: int) -> float:
    """Tasks a second, of all there are, as CSV over HTTP."""
    token = plot.administer("tokens", "create", "--name", "measuring", "--role", "admin").split()[-1]
    api = plot.service(QUERY_API)
    with running([api]):
        address = f"http://127.0.0.1:{api.environment['PORT']}/api/v1/tasks/export"
        began = time.perf_counter()
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.stream("GET", address, headers=headers, timeout=None) as answer:  # noqa: S113
            answer.raise_for_status()
            lines = sum(piece.count(b"\n") for piece in answer.iter_bytes())
        assert lines > size, f"{lines} lines of {size} tasks"
        return size / (time.perf_counter() - began)


def _all_of(timings: Timings, area: str) -> Sequence[float]:
    return [took for (one, _), some in timings.items() if one == area for took in some]


QUERIES_PART = Part(
    "queries",
    "Queries",
    "Every filter in every order, counts, the past, one task and statistics, asked of the API in its own "
    "process (so without a network) on made-up logs of several sizes that take turns; then a page by "
    "OFFSET, and an export of everything over HTTP, on the largest.",
    measure,
    (
        Target(
            "list p95, any filter and sort, largest of smallest log",
            "list, most grown: large of small",
            1.5,
            is_floor=False,
        ),
        Target(
            "list page, times as fast as OFFSET 100,000", "OFFSET 100,000: ms", 100, to="list page: p50, ms"
        ),
        Target(
            "statistics p95, largest of smallest log",
            "statistics, most grown: large of small",
            1.2,
            is_floor=False,
        ),
    ),
    most_runs=1,
)
