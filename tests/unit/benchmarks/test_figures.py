"""What is made of the figures of several runs."""

import pytest

from benchmarks.proof.figures import Target, medians, percentile, spread

AT_LEAST_TWICE = Target("ours, of theirs", "ours", 2, to="theirs")


def test_a_ratio_is_taken_within_each_run_before_their_median_is() -> None:
    runs = [{"ours": 20, "theirs": 10}, {"ours": 300, "theirs": 100}, {"ours": 4, "theirs": 4}]
    assert AT_LEAST_TWICE.value(runs) == 2
    assert medians(runs)["ours"] / medians(runs)["theirs"] == 2
    assert AT_LEAST_TWICE.value([*runs, {"ours": 50, "theirs": 10}]) == 2.5


def test_a_run_that_lacks_a_figure_says_nothing_of_a_target() -> None:
    assert AT_LEAST_TWICE.value([{"ours": 20}, {"ours": 30, "theirs": 10}]) == 3
    assert AT_LEAST_TWICE.value([{"ours": 20}]) is None


def test_a_target_without_anything_to_compare_with_is_about_the_figure_itself() -> None:
    memory = Target("memory", "memory, MB", 150, is_floor=False)
    assert memory.value([{"memory, MB": 90}, {"memory, MB": 110}]) == 100


@pytest.mark.parametrize(
    ("is_floor", "value", "is_met"),
    [(True, 2.0, True), (True, 1.99, False), (False, 2.0, True), (False, 2.01, False)],
)
def test_a_bound_itself_is_good_enough(is_floor: bool, value: float, is_met: bool) -> None:
    assert Target("", "", 2, is_floor=is_floor).is_met(value) is is_met


def test_nothing_at_all_is_infinitely_less() -> None:
    assert AT_LEAST_TWICE.value([{"ours": 1, "theirs": 0}]) == float("inf")


def test_percentiles_and_spread() -> None:
    assert percentile([7.0], 99) == 7
    assert percentile([float(n) for n in range(101)], 95) == 95
    assert spread([9, 10, 12]) == pytest.approx(0.3)
    assert spread([0, 0]) == 0
