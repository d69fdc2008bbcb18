"""A breaker opens when a connection is unavailable, opens again for longer, and closes when it answers."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.connections.breaker import Position, Rules, next_position
from shared.connections.counts import Counts
from shared.connections.rules import Breaker, Health
from shared.connections.status import ByMinute, minute_of

NOON = datetime(2026, 11, 20, 12, 0, 10, tzinfo=UTC)
ON = Rules(Breaker(enabled=True, pause_s=120, longest_pause_s=600), Health())
OFF = Rules(Breaker(), Health())
GOOD, BAD = Counts(calls=20, ok=20), Counts(calls=20, no_answer=20)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def counts(*found: tuple[datetime, Counts]) -> dict[str, ByMinute]:
    return {"orders": {minute_of(moment): counted for moment, counted in found}}


def opened(times: int = 1) -> Position:
    return Position("orders", NOON, after(120), times, "Orders: away")


def test_an_unavailable_connection_opens_it_for_a_while() -> None:
    position = next_position(counts((NOON, BAD)), ON, None, NOON)
    assert position is not None
    assert (position.times, position.category, position.open_until) == (1, "orders", after(120))
    assert position.reason == (
        "Orders: Unavailable: the last 20 calls all failed. Its tasks wait until 12:02:10 UTC"
    )


@pytest.mark.parametrize(
    "found",
    [GOOD, Counts(calls=20, rejected=20), Counts(calls=20, refused=20), Counts(calls=20, ok=15, failed=5)],
)
def test_nothing_else_opens_it(found: Counts) -> None:
    assert next_position(counts((NOON, found)), ON, None, NOON) is None


def test_an_account_without_a_breaker_goes_on() -> None:
    assert next_position(counts((NOON, BAD)), OFF, None, NOON) is None


def test_while_it_is_open_nothing_changes() -> None:
    assert next_position(counts((NOON, BAD), (after(60), GOOD)), ON, opened(), after(119)) is None


def test_after_the_pause_only_what_is_found_then_counts() -> None:
    assert next_position(counts((NOON, BAD)), ON, opened(), after(121)) is None


@pytest.mark.parametrize(("times", "pause_s"), [(1, 240), (2, 480), (3, 600), (40, 600)])
def test_unavailable_again_is_a_longer_pause_up_to_the_longest(times: int, pause_s: int) -> None:
    now = after(130)
    position = next_position(counts((NOON, BAD), (now, BAD)), ON, opened(times), now)
    assert position is not None
    assert (position.times, position.open_until - now) == (times + 1, timedelta(seconds=pause_s))


def test_an_answer_closes_it_and_the_next_time_is_the_first_again() -> None:
    now = after(130)
    closed = next_position(counts((NOON, BAD), (now, GOOD)), ON, opened(3), now)
    assert closed is not None
    assert closed.times == 0
    assert next_position(counts((NOON, BAD), (now, GOOD)), ON, closed, now) is None
    later = after(300)
    again = next_position(counts((NOON, BAD), (now, GOOD), (later, BAD)), ON, closed, later)
    assert again is not None
    assert again.times == 1


def test_an_answer_of_another_part_does_not_close_it() -> None:
    found = counts((NOON, BAD)) | {"products": {minute_of(after(130)): GOOD}}
    assert next_position(found, ON, opened(), after(130)) is None


def test_what_nobody_asked_for_long_is_forgotten() -> None:
    closed = next_position({}, ON, opened(3), after(120 + 600))
    assert closed is not None
    assert closed.times == 0


def test_switching_it_off_ends_the_pause() -> None:
    closed = next_position(counts((NOON, BAD)), OFF, opened(), after(30))
    assert closed is not None
    assert (closed.times, closed.open_until) == (0, after(30))
