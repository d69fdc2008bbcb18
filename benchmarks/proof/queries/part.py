"""The API on logs of several sizes: how long answers take, and how that grows."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace

import httpx

from benchmarks.loading import load
from benchmarks.made_up import Scale
from benchmarks.proof.figures import Target, percentile
from benchmarks.proof.ground import Ground, Plot
from benchmarks.proof.part import Amount, Part
from benchmarks.proof.programs import running
from benchmarks.proof.queries.asking import ask
from benchmarks.proof.queries.far_pages import SIX_ORDERS, compare_far_pages
from benchmarks.proof.queries.growth import (
    Timings,
    area_growth,
    doubtful_filters,
    doubtful_lists,
    filter_growth,
    of_area,
    question_growth,
    with_more,
)
from benchmarks.proof.queries.questions import Asked
from benchmarks.proof.seeing import seen
from devstack.services import QUERY_API
from shared.envelope import utc_now

_DAYS = 90
_FAR_DOWN = 100_000
_TEN_MILLION = 10_000_000
_JUDGED_BY = f"{SIX_ORDERS}, ten million tasks"
_TELLS = ("list", "statistics")
_TOLERATED = 1.5
_MORE = 5  # times as many rounds
_ANEW = (2, 3, 4)  # seeds


def measure(ground: Ground, amount: Amount) -> Mapping[str, float]:
    """Every question to every log, which take turns; then again what seems to have grown."""
    with ExitStack() as stack:
        plots = [stack.enter_context(log) for log in _logs(ground, amount)]
        sizes = [int(asyncio.run(seen(plot.database_url, "tasks"))) for plot in plots]
        urls = [plot.database_url for plot in plots]
        found = asyncio.run(ask(urls, rounds=amount.query_rounds, sorts=amount.query_sorts))
        answers = {
            name: value
            for size, timings in zip(sizes, found, strict=True)
            for name, value in _answers(size, timings).items()
        }
        growth = growth_figures(found, _asked_again(urls, found, amount))
        return answers | growth | _largest(plots[-1], sizes[-1])


def _logs(ground: Ground, amount: Amount) -> list[AbstractContextManager[Plot]]:
    """Those that are given, or new ones."""
    if amount.query_logs:
        return [_given(ground, url) for url in amount.query_logs]
    return [_made(ground, size) for size in amount.query_sizes]


@contextmanager
def _given(ground: Ground, database_url: str) -> Iterator[Plot]:
    with ground.plot() as plot:
        yield replace(plot, database_url=database_url)


@contextmanager
def _made(ground: Ground, size: int) -> Iterator[Plot]:
    with ground.plot() as plot:
        load(plot.database_url, Scale(size, min(_DAYS, size // 1_000), utc_now()))
        yield plot


def _answers(size: int, timings: Timings) -> dict[str, float]:
    areas = dict.fromkeys(asked.area for asked in timings)
    return {
        f"{area}, {size:,} tasks: p{percent}, ms": percentile(of_area(timings, area), percent)
        for area in areas
        for percent in (50, 95)
    }


def _asked_again(urls: Sequence[str], found: Sequence[Timings], amount: Amount) -> list[Timings]:
    """All answers to what is doubtful, of which more are asked for while it is: the 95th percentile of few is
    the slowest of them, and of hundreds of lists some seem to have grown by chance."""
    rounds, again = _MORE * amount.query_rounds, [dict[Asked, Sequence[float]]() for _ in found]
    doubtful = doubtful_lists(found[0], found[-1], _TOLERATED)
    for seed in _ANEW:
        if not doubtful:
            break
        more = asyncio.run(ask(urls, rounds=rounds, sorts=amount.query_sorts, only=doubtful, seed=seed))
        for answers, timings, some in zip(again, found, more, strict=True):
            answers.update(with_more({**timings, **answers}, some))
        doubtful = doubtful_lists(again[0], again[-1], _TOLERATED)
    return [*again]


def growth_figures(found: Sequence[Timings], again: Sequence[Timings]) -> dict[str, float]:
    """Of areas that have a target, of each filter, and of lists; what was asked again is judged by that.

    Both are of each log, the smallest first.
    """
    first, second = (found[0], found[-1]), (again[0], again[-1])
    filters, lists = filter_growth(*first), question_growth(*first, "list")
    doubtful = doubtful_filters(*first, _TOLERATED)
    filters |= {one: times for one, times in filter_growth(*second).items() if one in doubtful}
    lists |= question_growth(*second, "list")
    above = {asked: times for asked, times in lists.items() if times > _TOLERATED}
    return {
        **{f"{area}, all: large of small": area_growth(*first, area) for area in _TELLS},
        **{f"lists of {name}: large of small": grown for name, grown in filters.items()},
        "list, most grown filter: large of small": max(filters.values()),
        "list, filters and orders: number": len(lists),
        "list, asked again: number": len(second[0]),
        f"list, above {_TOLERATED}: number": len(above),
        **{f"list, {asked.name}: large of small": times for asked, times in above.items()},
        "list, most grown: large of small": max(lists.values()),
    }


def _largest(plot: Plot, size: int) -> dict[str, float]:
    far_pages = asyncio.run(compare_far_pages(plot.database_url, min(_FAR_DOWN, size - 100)))
    if size >= _TEN_MILLION:
        far_pages[_JUDGED_BY] = far_pages[SIX_ORDERS]
    return {**far_pages, "export: tasks/s": _exported(plot, size)}


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


QUERIES = Part(
    "queries",
    "Queries",
    "Every filter in every order, counts, the past, one task and statistics, asked of the API in its own "
    "process (so without a network) on made-up logs of several sizes that take turns; lists that seem to "
    "have grown more than 1.5 times, and all of a filter that seems to, are asked again, five times as "
    "often, and what still seems to, twice more; all their answers count. Then, on the largest, a page "
    "100,000 tasks down in six orders, by OFFSET in SQL and by cursor as the API finds it, newest first also "
    "by both as Postgres tells of itself, and an export of everything over HTTP.",
    measure,
    (
        Target(
            "list p95 over all filters and sorts, largest of smallest log",
            "list, all: large of small",
            _TOLERATED,
            is_floor=False,
        ),
        Target(
            "list p95 of the filter that grew most, over its orders, largest of smallest log",
            "list, most grown filter: large of small",
            _TOLERATED,
            is_floor=False,
        ),
        Target(
            "list p95 of the filter and sort that grew most, largest of smallest log",
            "list, most grown: large of small",
            _TOLERATED,
            is_floor=False,
        ),
        Target(
            "page by cursor, times as fast as OFFSET 100,000 of ten million: median of six orders",
            _JUDGED_BY,
            100,
        ),
        Target(
            "page by cursor, times as fast as OFFSET 100,000: newest first, in Postgres alone",
            "far page in Postgres: by OFFSET, ms",
            100,
            to="far page in Postgres: by cursor, ms",
        ),
        Target(
            "statistics p95 over all questions, largest of smallest log",
            "statistics, all: large of small",
            1.2,
            is_floor=False,
        ),
    ),
    most_runs=1,
)
