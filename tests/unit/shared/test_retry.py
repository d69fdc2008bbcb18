"""The named policies, to the wait."""

from datetime import timedelta

import pytest

from shared.errors import Answer, RateLimited, Rejected, Retryable, Unavailable
from shared.retry import FIVE_ATTEMPTS, LINEAR_THREE, OUTBOUND, PATIENT, POLICIES, RetryPolicy
from shared.verdicts import Fail, Retry, decide
from tests.factories import header


def _waits(policy: RetryPolicy, chance: float = 0.0) -> list[float]:
    return [policy.delay_ms(n, chance) for n in range(1, policy.attempts)]


@pytest.mark.parametrize(
    ("policy", "waits"),
    [
        (OUTBOUND, [1_500, 3_000, 15_000, 60_000, 300_000]),
        (FIVE_ATTEMPTS, [3_000, 6_000, 12_000, 24_000]),
        (LINEAR_THREE, [1_500, 3_000, 4_500]),
        (PATIENT, [15_000, 30_000, 60_000, 120_000, 240_000, 480_000, 900_000, 900_000, 900_000]),
    ],
)
def test_the_waits_of_a_policy(policy: RetryPolicy, waits: list[float]) -> None:
    assert _waits(policy) == waits


def test_jitter_only_lengthens_and_within_its_share() -> None:
    assert PATIENT.delay_ms(1, 0.999) == pytest.approx(15_000 * 1.1998)


def test_policies_are_known_by_their_names() -> None:
    assert all(policy.name == name for name, policy in POLICIES.items())


@pytest.mark.parametrize(
    ("status", "ends"), [(429, Retry), (503, Retry), (500, Fail), (422, Fail), (None, Fail)]
)
def test_linear_three_only_repeats_after_429_and_503(status: int | None, ends: type) -> None:
    task = header(retry_policy="linear-three", max_attempts=4)
    assert isinstance(decide(Retryable("x", answer=Answer(status)), task, 1, was_calling=True), ends)


def test_linear_three_counts_rate_limits_and_stops_after_three_repeats() -> None:
    task = header(retry_policy="linear-three", max_attempts=4)
    limited = RateLimited("429", answer=Answer(429))
    steps = [decide(limited, task, attempt, was_calling=True) for attempt in (1, 2, 3, 4)]
    assert [step.delay_ms for step in steps if isinstance(step, Retry)] == [1_500, 3_000, 4_500]
    assert isinstance(steps[-1], Fail)


def test_linear_three_counts_a_rate_limit_like_429_and_never_our_own_restraint() -> None:
    task = header(retry_policy="linear-three", max_attempts=4)
    throttled = decide(RateLimited("throttled", answer=Answer(200)), task, 1, was_calling=True)
    own_budget = decide(RateLimited("no budget", after=timedelta(seconds=3)), task, 4, was_calling=False)
    assert isinstance(throttled, Retry)
    assert (throttled.delay_ms, throttled.max_attempts) == (1_500, 4)
    assert isinstance(own_budget, Retry)
    assert (own_budget.delay_ms, own_budget.max_attempts) == (3_000, 5)


def test_a_longer_wish_of_the_other_side_wins_over_the_policy() -> None:
    task = header(retry_policy="five-attempts", max_attempts=5)
    step = decide(Unavailable("503", after=timedelta(seconds=20)), task, 1, was_calling=True)
    assert isinstance(step, Retry)
    assert step.delay_ms == 30_000


def test_an_accounts_policy_replaces_the_types_and_an_unknown_one_does_not() -> None:
    assert header(retry_policy="linear-three").policy is LINEAR_THREE
    assert header(retry_policy="gone").policy is OUTBOUND


def test_what_is_rejected_is_never_repeated_under_any_policy() -> None:
    for name in POLICIES:
        assert isinstance(decide(Rejected("no"), header(retry_policy=name), 1, was_calling=True), Fail)
