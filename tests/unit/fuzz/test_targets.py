"""What ./dev fuzz tries takes what is right, and whatever breaks a promise is told."""

import pytest
from hypothesis import strategies as st

from tests.fuzz.engines import drawn
from tests.fuzz.target import Target, spliced
from tests.fuzz.targets import TARGETS

FEW = 5


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_what_is_right_breaks_nothing_and_neither_do_a_few_that_are_almost_right(target: Target) -> None:
    for example in target.examples:
        target.tries(example)
    assert drawn(target, FEW).found is None


def test_what_breaks_a_promise_is_told_with_its_input() -> None:
    def breaks(data: bytes) -> None:
        assert b"\x07" not in data

    tried = drawn(Target("bell", breaks, st.just(b"ring \x07"), []), FEW)
    assert tried.inputs > 0
    assert "AssertionError" in (tried.found or "")
    assert "ring" in (tried.found or "")


def test_every_input_is_counted() -> None:
    assert drawn(Target("any", lambda _: None, spliced([b"some text"]), []), FEW).inputs == FEW
