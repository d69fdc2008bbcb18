"""A minute's worth at once, then its share."""

import pytest

from query_api.rate_limit import RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_may_come_at_once_and_then_its_share() -> None:
    clock = Clock()
    limit = RateLimit(60, clock=clock)
    assert [limit.wait_s(1) for _ in range(60)] == [0.0] * 60
    assert limit.wait_s(1) == pytest.approx(1.0)
    clock.now += 0.75
    assert limit.wait_s(1) == pytest.approx(0.25)
    clock.now += 0.25
    assert limit.wait_s(1) == 0.0
    assert limit.wait_s(1) > 0


def test_tokens_do_not_use_up_each_others_share() -> None:
    limit = RateLimit(1, clock=Clock())
    assert [limit.wait_s(token) > 0 for token in (1, 2, 1, 2)] == [False, False, True, True]


def test_nothing_is_saved_up_beyond_a_minute() -> None:
    clock = Clock()
    limit = RateLimit(2, clock=clock)
    clock.now += 3_600
    assert [limit.wait_s(1) > 0 for _ in range(3)] == [False, False, True]
