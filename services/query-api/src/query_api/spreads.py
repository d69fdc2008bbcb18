"""How durations are spread: how many there are of each class, from which percentiles are told. Pure.

Counters can not keep every duration; classes, each about 1.6 times as long as the one before, tell any
percentile to within a class, for any span and any selection of counters, because they add up.
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

Spread = Sequence[int]


def class_of(duration_ms: float) -> int:
    """The place of the class a duration belongs to; an edge belongs to the class it begins."""
    return bisect_right(EDGES_MS, duration_ms)


def percentiles_ms(spread: Spread, *shares: float) -> list[float | None]:
    """For each share the duration that so many of them do not exceed, as far as the classes tell; None when
    there are none.

    Of what lies in the last class only its beginning is known. Classes at the end may be left out.
    """
    reached = list(accumulate(spread))
    if not reached or not reached[-1]:
        return [None] * len(shares)
    return [_percentile_ms(spread, reached, share * reached[-1]) for share in shares]


def _percentile_ms(spread: Spread, reached: Sequence[int], wanted: float) -> float:
    place = bisect_left(reached, wanted)
    if place == len(EDGES_MS):
        return float(EDGES_MS[-1])
    start, end = EDGES_MS[place - 1] if place else 0, EDGES_MS[place]
    into = (wanted - (reached[place] - spread[place])) / spread[place]
    return round(start + (end - start) * into, 1)
