"""Percentiles out of classes of duration."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.spreads import EDGES_MS, UNITS, percentiles_ms, spread_of

WIDEST = max(end / start for start, end in pairwise(EDGES_MS[4:-4]))


def spread_of_all(durations: list[float]) -> int:
    return sum(map(spread_of, durations))


def test_classes_are_in_order_and_narrow_enough_to_be_of_use() -> None:
    assert list(EDGES_MS) == sorted(set(EDGES_MS))
    assert WIDEST <= 2.25


def test_an_edge_belongs_to_the_class_it_begins() -> None:
    of_edges = [spread_of(EDGES_MS[0] - 0.001), spread_of(EDGES_MS[0]), spread_of(math.inf)]
    assert of_edges == [UNITS[0], UNITS[1], UNITS[len(EDGES_MS)]]


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentiles_ms(0, 0.5, 0.95) == [None, None]


def test_a_percentile_lies_within_the_class_it_is_in() -> None:
    first, second, third, *_ = UNITS
    assert percentiles_ms(4 * third, 0.5, 1) == [8, 10]
    assert percentiles_ms(10 * first + 10 * third, 0.5) == [4]
    assert percentiles_ms(19 * first + second, 0.95) == [4]
    assert percentiles_ms(18 * first + 2 * second, 0.95) == [5]


def test_of_the_longest_only_the_beginning_of_their_class_is_known() -> None:
    assert percentiles_ms(spread_of(1e12), 0.5) == [86_400_000]


@given(st.lists(st.floats(10, 3e6), min_size=1, max_size=200), st.sampled_from([0.5, 0.95]))
def test_no_percentile_is_off_by_more_than_a_class(durations: list[float], share: float) -> None:
    exact = sorted(durations)[math.ceil(share * len(durations)) - 1]
    [told] = percentiles_ms(spread_of_all(durations), share)
    assert told is not None
    assert exact / WIDEST - 0.1 <= told <= exact * WIDEST + 0.1


def test_a_class_has_room_for_a_million_million() -> None:
    full = sum((10**12 - 1) * unit for unit in UNITS)
    shares = [place / len(UNITS) for place in range(1, len(UNITS))]
    assert percentiles_ms(full, *shares) == pytest.approx(EDGES_MS)
