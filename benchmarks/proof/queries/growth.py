"""How many times as long a large log takes to answer as a small one: at the 95th percentile. Pure."""

from collections.abc import Mapping, Sequence

from benchmarks.proof.figures import percentile
from benchmarks.proof.queries.questions import Asked

Timings = Mapping[Asked, Sequence[float]]  # ms


def of_area(timings: Timings, area: str) -> list[float]:
    return [took for asked, some in timings.items() if asked.area == area for took in some]


def area_growth(small: Timings, large: Timings, area: str) -> float:
    """All its answers taken together."""
    return _growth(of_area(small, area), of_area(large, area))


def question_growth(small: Timings, large: Timings, area: str) -> dict[Asked, float]:
    """Of each of its questions."""
    return {asked: _growth(small[asked], large[asked]) for asked in small if asked.area == area}


def filter_growth(small: Timings, large: Timings) -> dict[str, float]:
    """Of each filter's lists, in all orders taken together."""
    filters = dict.fromkeys(asked.filter for asked in small if asked.filter)
    return {one: _growth(_of_filter(small, one), _of_filter(large, one)) for one in filters}


def doubtful_filters(small: Timings, large: Timings, tolerated: float) -> set[str]:
    """Those whose lists taken together seem to have grown more."""
    return {one for one, times in filter_growth(small, large).items() if times > tolerated}


def doubtful_lists(small: Timings, large: Timings, tolerated: float) -> set[Asked]:
    """Those that seem to have grown more, and all of a doubtful filter."""
    filters = doubtful_filters(small, large, tolerated)
    lists = question_growth(small, large, "list")
    return {asked for asked, times in lists.items() if times > tolerated or asked.filter in filters}


def with_more(timings: Timings, more: Timings) -> Timings:
    """The questions of `more`, with all their answers."""
    return {asked: [*timings[asked], *some] for asked, some in more.items()}


def _of_filter(timings: Timings, name: str) -> list[float]:
    return [took for asked, some in timings.items() if asked.filter == name for took in some]


def _growth(small: Sequence[float], large: Sequence[float]) -> float:
    return percentile(large, 95) / percentile(small, 95)
