"""How durations are spread: how many there are of each class, from which percentiles are told. Pure.

Counters can not keep every duration; classes, each about 1.6 times as long as the one before, tell any
percentile to within a class, for any span and any selection of counters, because they add up.

A spread is one whole number: twelve of its digits for each class, those of the shortest durations last. So
`+` adds all classes of two spreads at once, and `-` takes them out again, here and in Postgres.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

# Milliseconds at which a class ends and the next begins; the last has no end. What is counted relies on them:
# other edges need a column of their own.
EDGES_MS = (
    *(4, 6, 10, 16, 25, 40, 63, 100, 160, 250, 400, 630),
    *(1_000, 1_600, 2_500, 4_000, 6_300, 10_000, 16_000, 25_000, 40_000, 63_000, 100_000),
    *(160_000, 250_000, 400_000, 630_000, 1_000_000, 1_600_000, 3_600_000),
    *(7_200_000, 14_400_000, 28_800_000, 86_400_000),
)
Spread = int

_ROOM = 10**12  # more than there will ever be of one class
UNITS: tuple[Spread, ...] = tuple(_ROOM**place for place in range(len(EDGES_MS) + 1))


def spread_of(duration_ms: float) -> Spread:
    """Of a single duration; an edge belongs to the class it begins."""
    return UNITS[bisect_right(EDGES_MS, duration_ms)]


def percentiles_ms(spread: Spread, *shares: float) -> list[float | None]:
    """For each share the duration that so many of them do not exceed, as far as the classes tell; None when
    there are none.

    Of what lies in the last class only its beginning is known.
    """
    if not spread:
        return [None] * len(shares)
    classes = _classes(spread)
    reached = list(accumulate(classes))
    return [_percentile_ms(classes, reached, share * reached[-1]) for share in shares]


def _classes(spread: Spread) -> list[int]:
    """How many there are of each, up to the last there are any of."""
    classes = []
    while spread:
        spread, n = divmod(spread, _ROOM)
        classes.append(n)
    return classes


def _percentile_ms(classes: Sequence[int], reached: Sequence[int], wanted: float) -> float:
    place = bisect_left(reached, wanted)
    if place == len(EDGES_MS):
        return float(EDGES_MS[-1])
    start, end = EDGES_MS[place - 1] if place else 0, EDGES_MS[place]
    into = (wanted - (reached[place] - classes[place])) / classes[place]
    return round(start + (end - start) * into, 1)
