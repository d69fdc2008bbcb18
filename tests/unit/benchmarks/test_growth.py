"""How growth is told."""

import pytest

from benchmarks.proof.queries.growth import (
    area_growth,
    doubtful_lists,
    filter_growth,
    question_growth,
    with_more,
)
from benchmarks.proof.queries.part import growth_figures
from benchmarks.proof.queries.questions import Asked

BY_START = Asked("list", "type by started", "type")
BY_END = Asked("list", "type by completed", "type")
OF_ALL = Asked("list", "all by started", "all")
ONE = Asked("task", "one task")
BOARD = Asked("statistics", "board")
SMALL = {BY_START: [10.0] * 2, BY_END: [10.0] * 2, OF_ALL: [10.0] * 2, ONE: [1.0] * 2, BOARD: [1.0]}
LARGE = {BY_START: [10.0] * 2, BY_END: [20.0] * 2, OF_ALL: [30.0] * 2, ONE: [4.0] * 2, BOARD: [1.0]}
MOSTLY_EQUAL = ({**SMALL, BY_START: [10.0] * 50}, {**LARGE, BY_START: [10.0] * 50})


def test_each_question_grows_by_itself() -> None:
    assert question_growth(SMALL, LARGE, "list") == {BY_START: 1, BY_END: 2, OF_ALL: 3}


def test_a_filter_grows_as_its_lists_do_taken_together() -> None:
    assert filter_growth(SMALL, LARGE) == {"type": 2, "all": 3}


def test_an_area_grows_as_all_its_answers_do() -> None:
    assert area_growth(SMALL, LARGE, "task") == 4
    assert area_growth(SMALL, LARGE, "list") == 3


def test_a_question_that_is_asked_again_is_judged_by_all_answers() -> None:
    large = with_more({BY_START: [90.0]}, {BY_START: [10.0] * 30})
    small = with_more({BY_START: [10.0], BY_END: [10.0]}, {BY_START: [10.0] * 30})
    assert question_growth(small, large, "list") == {BY_START: pytest.approx(1)}


def test_what_seems_to_have_grown_is_doubtful_and_all_of_a_filter_that_seems_to() -> None:
    assert doubtful_lists(SMALL, LARGE, 2.5) == {OF_ALL}
    assert doubtful_lists(SMALL, LARGE, 1.5) == {BY_START, BY_END, OF_ALL}
    assert doubtful_lists(*MOSTLY_EQUAL, 1.5) == {BY_END, OF_ALL}


def test_a_filter_and_the_area_have_figures_of_their_own() -> None:
    figures = growth_figures((SMALL, {**LARGE, OF_ALL: [50.0, 50.0]}), ({}, {}))
    assert figures["list, all: large of small"] == 5
    assert figures["lists of all: large of small"] == 5
    assert figures["list, above 1.5: number"] == 2
    assert figures["list, asked again: number"] == 0


def test_a_filter_is_judged_by_what_was_asked_again_when_that_was_all_of_it() -> None:
    small = {BY_START: [10.0] * 9, BY_END: [10.0] * 9}
    figures = growth_figures((SMALL, LARGE), (small, {**small, BY_END: [11.0] * 9}))
    assert figures["lists of type: large of small"] == pytest.approx(1.1)
    assert figures["lists of all: large of small"] == 3, "was not asked again"
    assert figures["list, most grown: large of small"] == 3
    assert figures["list, asked again: number"] == 2


def test_a_filter_that_did_not_seem_to_have_grown_is_not_judged_by_one_of_its_lists() -> None:
    figures = growth_figures(MOSTLY_EQUAL, ({BY_END: [10.0]}, {BY_END: [90.0]}))
    assert figures["lists of type: large of small"] == 1
    assert figures["list, most grown: large of small"] == 9
