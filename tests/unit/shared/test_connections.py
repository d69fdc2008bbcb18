"""The colours of a connection: what begins one, what ends it, and that it does not flap."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.call_outcomes import CallOutcome, outcome_of
from shared.connections.counts import Counts, one_call
from shared.connections.judging import Cause
from shared.connections.rules import Health, breaker_rules, health_rules, rule_faults
from shared.connections.status import Colour, Status, course, gravest, status_at

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RULES = Health()


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def calls(*, ms: float = 80, **outcomes: int) -> Counts:
    """So many calls that went so, each `ms` long: `calls(ok=37, failed=3)`."""
    total = Counts()
    for name, n in outcomes.items():
        for _ in range(n):
            total = total.plus(one_call(CallOutcome(name), ms))
    return total


def minutes(series: Sequence[Counts]) -> dict[datetime, Counts]:
    """One after the other, from noon on."""
    return {at(number): counts for number, counts in enumerate(series)}


def seen(counts: Mapping[datetime, Counts], minute: float, rules: Health = RULES) -> Status:
    return status_at(counts, at(minute), rules)


def colours(counts: Mapping[datetime, Counts], until: int, rules: Health = RULES) -> list[Colour]:
    return [status.colour for _, status in course(counts, NOON, at(until), rules)]


@pytest.mark.parametrize(
    ("counts", "colour", "reason"),
    [
        (calls(ok=40), Colour.GREEN, "No call failed in the last 10 minutes, of 40"),
        (
            calls(ok=39, failed=1),
            Colour.GREEN,
            "1 of 40 calls failed in the last 10 minutes, normal is up to 5 %",
        ),
        (
            calls(ok=37, failed=2, no_answer=1),
            Colour.YELLOW,
            "3 of 40 calls failed in the last 10 minutes, normal is up to 5 %",
        ),
        (
            calls(ok=20, ms=80).plus(calls(ok=2, ms=6_000)),
            Colour.YELLOW,
            "One call in twenty took 7.2 seconds or longer in the last 10 minutes, normal is up to 5",
        ),
        (
            calls(ok=1, rate_limited=9),
            Colour.YELLOW,
            "9 of 10 calls in the last 10 minutes were told to slow down",
        ),
        (
            calls(ok=10, failed=30),
            Colour.RED,
            "30 of 40 calls failed in the last 10 minutes: an extremely high error rate",
        ),
        (calls(no_answer=12), Colour.RED, "Unavailable: the last 12 calls all failed"),
        (calls(refused=3), Colour.RED, "The credentials were refused, 3 calls in a row"),
        (calls(ok=0), Colour.NONE, "Unknown: it has not run for 10 minutes"),
    ],
)
def test_each_colour_has_its_reason_in_words(counts: Counts, colour: Colour, reason: str) -> None:
    status = seen({NOON: counts}, 0)
    assert (status.colour, status.reason) == (colour, reason)


def test_rejected_data_does_not_colour_the_connection() -> None:
    assert seen({NOON: calls(rejected=40)}, 0).colour is Colour.GREEN
    assert seen({NOON: calls(rejected=39, failed=1)}, 0).colour is Colour.GREEN


def test_what_is_too_little_to_tell_a_rate_is_not_judged_by_it() -> None:
    assert seen({NOON: calls(ok=3, failed=1)}, 0).colour is Colour.GREEN
    assert seen({NOON: calls(ok=2, failed=2)}, 0).colour is Colour.YELLOW
    assert seen({NOON: calls(failed=1)}, 0).colour is Colour.YELLOW
    assert seen({NOON: calls(failed=2)}, 0).colour is Colour.RED
    once = {NOON: calls(failed=1), at(5): calls(ok=1)}
    assert colours(once, 5)[4:] == [Colour.YELLOW, Colour.GREEN]


def test_a_quiet_account_turns_none_after_ten_minutes() -> None:
    counts = {NOON: calls(ok=5)}
    assert seen(counts, 10).colour is Colour.GREEN
    quiet = seen(counts, 11)
    assert (quiet.colour, quiet.cause) == (Colour.NONE, Cause.QUIET)
    assert seen(counts | {at(15): calls(ok=1)}, 15).colour is Colour.GREEN


def test_red_comes_at_once_when_nothing_is_answered_any_more() -> None:
    busy = [calls(ok=200)] * 9
    status = seen(minutes([*busy, calls(no_answer=6)]), 9)
    assert (status.colour, status.cause) == (Colour.RED, Cause.UNAVAILABLE)
    assert seen(minutes([*busy, calls(no_answer=4)]), 9).colour is Colour.GREEN


def test_credentials_that_work_again_end_the_red_at_once() -> None:
    counts = minutes([calls(ok=40), calls(refused=2), calls(ok=60)])
    assert colours(counts, 2) == [Colour.GREEN, Colour.RED, Colour.GREEN]


GREEN, YELLOW, RED, NONE = calls(ok=20), calls(ok=16, failed=4), calls(no_answer=20), calls(ok=0)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (GREEN, YELLOW, (Colour.GREEN, Colour.YELLOW)),
        (GREEN, RED, (Colour.GREEN, Colour.RED)),
        (GREEN, NONE, (Colour.GREEN, Colour.NONE)),
        (YELLOW, GREEN, (Colour.YELLOW, Colour.GREEN)),
        (YELLOW, RED, (Colour.YELLOW, Colour.RED)),
        (YELLOW, NONE, (Colour.YELLOW, Colour.NONE)),
        (RED, GREEN, (Colour.YELLOW, Colour.GREEN)),
        (RED, YELLOW, (Colour.RED, Colour.YELLOW)),
        (RED, NONE, (Colour.RED, Colour.NONE)),
        (NONE, GREEN, (Colour.NONE, Colour.GREEN)),
        (NONE, YELLOW, (Colour.NONE, Colour.YELLOW)),
        (NONE, RED, (Colour.NONE, Colour.RED)),
    ],
)
def test_each_colour_can_follow_each_other(
    before: Counts, after: Counts, change: tuple[Colour, Colour]
) -> None:
    """Out of red it goes by way of yellow: what failed stays in sight for a while."""
    path = colours(minutes([before] * 12 + [after] * 24), 35)
    assert [pair for pair in pairwise(path) if pair[0] is not pair[1]][-1] == change


def test_red_turns_green_at_once_when_little_had_failed() -> None:
    path = colours(minutes([calls(ok=400), calls(no_answer=5), calls(ok=100)]), 2)
    assert path == [Colour.GREEN, Colour.RED, Colour.GREEN]


def test_yellow_ends_only_well_below_where_it_began() -> None:
    counts = minutes([calls(ok=94, failed=6), calls(ok=60)])
    status = seen(counts, 1)
    assert status.colour is Colour.YELLOW
    assert status.reason == (
        "6 of 160 calls failed in the last 10 minutes, it counts as normal again from 2.5 %"
    )
    assert seen({NOON: calls(ok=154, failed=6)}, 0).colour is Colour.GREEN
    assert seen(counts | {at(2): calls(ok=100)}, 2).colour is Colour.GREEN


@given(above=st.integers(51, 95), below=st.integers(26, 50), swaps=st.lists(st.integers(1, 4), max_size=12))
def test_it_does_not_flap_around_a_threshold(above: int, below: int, swaps: list[int]) -> None:
    """Minutes alternate between more errors than normal and fewer, in any rhythm."""
    rules = Health(window_minutes=1)
    series: list[Counts] = []
    for number, length in enumerate(swaps):
        failed = above if number % 2 else below
        series += [Counts(calls=1_000, ok=1_000 - failed, failed=failed)] * length
    path = colours(minutes(series), len(series), rules)
    changes = [pair for pair in pairwise(path[: len(series)]) if pair[0] is not pair[1]]
    assert len(changes) <= 1


@given(st.lists(st.sampled_from([GREEN, YELLOW, RED, NONE, calls(refused=3)]), max_size=60))
def test_a_course_says_at_each_minute_what_was_said_at_that_minute(series: list[Counts]) -> None:
    counts = minutes(series)
    for minute, status in course(counts, NOON, at(len(series)), RULES):
        assert status == status_at({m: c for m, c in counts.items() if m <= minute}, minute, RULES)


@given(st.lists(st.floats(0, 60_000), min_size=1, max_size=50), st.sampled_from([0.5, 0.95]))
def test_quantiles_lie_in_the_class_of_the_true_one(durations: list[float], share: float) -> None:
    total = Counts()
    for duration in durations:
        total = total.plus(one_call(CallOutcome.OK, duration))
    told = total.quantile_ms(share)
    true = sorted(durations)[min(len(durations) - 1, round(share * len(durations) + 0.499999) - 1)]
    assert told is not None
    assert one_call(CallOutcome.OK, told).latency.index(1) in (
        place := one_call(CallOutcome.OK, true).latency.index(1),
        place - 1,
    )


def test_without_calls_there_is_no_rate_and_no_duration() -> None:
    assert (Counts().error_rate, Counts().quantile_ms(0.5)) == (None, None)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "ok"), (204, "ok"), (303, "ok"), (301, "failed"), (400, "rejected"), (404, "rejected"),
        (401, "refused"), (403, "refused"), (408, "failed"), (429, "rate_limited"), (503, "failed"),
        (None, "no_answer"),
    ],
)  # fmt: skip
def test_the_status_tells_how_a_call_went(status: int | None, outcome: str) -> None:
    assert outcome_of(status) == outcome


def test_unknown_connections_do_not_hide_known_ones() -> None:
    assert gravest([Colour.NONE, Colour.GREEN]) is Colour.GREEN
    assert gravest([Colour.GREEN, Colour.YELLOW, Colour.RED]) is Colour.RED
    assert gravest([]) is Colour.NONE


def test_an_account_may_have_its_own_rules() -> None:
    rules = health_rules({"health": {"yellow_error_rate": 0.2, "slow_ms": 1_000}})
    assert seen({NOON: calls(ok=37, failed=3)}, 0, rules).colour is Colour.GREEN
    assert seen({NOON: calls(ok=40, ms=2_000)}, 0, rules).cause is Cause.SLOW
    assert breaker_rules({"breaker": {"enabled": True}}).enabled


def test_rules_that_can_not_be_used_count_as_none() -> None:
    assert health_rules({"health": {"yellow_error_rate": 2}}) == RULES
    assert health_rules({"health": {"red_error_rate": 0.01}}) == RULES
    assert not breaker_rules({"breaker": "yes"}).enabled


def test_what_is_wrong_with_rules_is_named() -> None:
    wrong = {"health": {"slow_ms": 0, "red_error_rate": 2}, "breaker": {"pause_s": 1, "enable": True}}
    assert rule_faults(wrong).keys() == {
        "health.slow_ms",
        "health.red_error_rate",
        "breaker.pause_s",
        "breaker.enable",
    }
    assert rule_faults({"health": {"red_error_rate": 0.01}}) == {
        "health": "'red_error_rate' has to be greater than 'yellow_error_rate'"
    }
    assert rule_faults({"health": {}, "schedules": {}}) == {}
