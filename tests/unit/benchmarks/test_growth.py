"""How growth is told."""

import pytest

from benchmarks.proof.queries.growth import area_growth, filter_growth, question_growth, with_more
from benchmarks.proof.queries.part import growth_figures
from benchmarks.proof.queries.questions import Asked

BY_START = Asked("list", "type by started", "type")
BY_END = Asked("list", "type by completed", "type")
OF_ALL = Asked("list", "all by started", "all")
ONE = Asked("task", "one task")
SMALL = {BY_START: [10.0, 10.0], BY_END: [10.0, 10.0], OF_ALL: [10.0, 10.0], ONE: [1.0, 1.0]}
LARGE = {BY_START: [10.0, 10.0], BY_END: [20.0, 20.0], OF_ALL: [30.0, 30.0], ONE: [4.0, 4.0]}


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


def test_a_filter_and_the_area_have_figures_of_their_own() -> None:
    statistics = Asked("statistics", "board")
    small, large = {**SMALL, statistics: [1.0]}, {**LARGE, BY_END: [50.0, 50.0], statistics: [1.0]}
    figures = growth_figures(small, large)
    assert figures["list, all: large of small"] == 5
    assert figures["lists of all: large of small"] == 3
