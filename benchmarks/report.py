"""Two measurements side by side. Pure."""

from collections.abc import Iterator

from benchmarks.measuring import Timings, p95

WORTH_TELLING = 1.5
SHOWN = 15


def compared(small: Timings, large: Timings) -> Iterator[str]:
    """p95 of each area, then the questions whose answers grew the most."""
    yield f"{'p95, ms':32} {'small':>9} {'large':>9} {'ratio':>7}"
    for area in dict.fromkeys(area for area, _ in small):
        one, other = (p95(_all_of(timings, area)) for timings in (small, large))
        yield _line(area, one, other)
    grown = [(f"{area}: {name}", p95(small[area, name]), p95(large[area, name])) for area, name in small]
    grown.sort(key=lambda line: line[1] / line[2])
    for name, one, other in grown[:SHOWN]:
        yield _line(name, one, other)
    more = sum(other > WORTH_TELLING * one for _, one, other in grown)
    yield f"{more} of {len(grown)} questions take more than {WORTH_TELLING} times as long."


def _all_of(timings: Timings, area: str) -> list[float]:
    return [took for (one, _), some in timings.items() if one == area for took in some]


def _line(name: str, one: float, other: float) -> str:
    return f"{name[:32]:32} {one:9.1f} {other:9.1f} {other / one:7.2f}"
