"""Percentiles out of classes of duration."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.spreads import EDGES_MS, class_of, percentiles_ms

WIDEST = max(end / start for start, end in pairwise(EDGES_MS[4:-4]))


def spread_of(durations: list[float]) -> list[int]:
    spread = [0] * (len(EDGES_MS) + 1)
    for duration in durations:
        spread[class_of(duration)] += 1
    return spread


def test_classes_are_in_order_and_narrow_enough_to_be_of_use() -> None:
    assert list(EDGES_MS) == sorted(set(EDGES_MS))
    assert WIDEST <= 2.25


def test_an_edge_belongs_to_the_class_it_begins() -> None:
    assert [class_of(EDGES_MS[0] - 0.001), class_of(EDGES_MS[0]), class_of(math.inf)] == [0, 1, len(EDGES_MS)]


@pytest.mark.parametrize("nothing", [(), (0, 0), [0] * 40])
def test_of_nothing_there_is_no_percentile(nothing: list[int]) -> None:
    assert percentiles_ms(nothing, 0.5, 0.95) == [None, None]


def test_a_percentile_lies_within_the_class_it_is_in() -> None:
    assert percentiles_ms([0, 0, 4], 0.5, 1) == [8, 10]
    assert percentiles_ms([10, 0, 10], 0.5) == [4]
    assert percentiles_ms([19, 1], 0.95) == [4]
    assert percentiles_ms([18, 2], 0.95) == [5]


def test_of_the_longest_only_the_beginning_of_their_class_is_known() -> None:
    assert percentiles_ms(spread_of([1e12]), 0.5) == [86_400_000]


@given(st.lists(st.floats(10, 3e6), min_size=1, max_size=200), st.sampled_from([0.5, 0.95]))
def test_no_percentile_is_off_by_more_than_a_class(durations: list[float], share: float) -> None:
    exact = sorted(durations)[math.ceil(share * len(durations)) - 1]
    [told] = percentiles_ms(spread_of(durations), share)
    assert told is not None
    assert exact / WIDEST - 0.1 <= told <= exact * WIDEST + 0.1


@given(st.lists(st.floats(0, 1e9), min_size=1), st.lists(st.floats(0, 1e9), min_size=1))
def test_spreads_add_up(some: list[float], others: list[float]) -> None:
    added = [a + b for a, b in zip(spread_of(some), spread_of(others), strict=True)]
    assert added == spread_of(some + others)
