"""Retry policies as data: how often, how long between, and after which errors."""

import random
from dataclasses import dataclass
from enum import StrEnum


class Backoff(StrEnum):
    """How the wait grows with the number of failed attempts."""

    STEPS = "steps"
    LINEAR = "linear"
    EXPONENTIAL = "exponential"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`attempts` in all. Waits are in milliseconds and are later rounded up to a step of the wait ladder.

    STEPS takes them from `steps_ms`, the last repeats; LINEAR waits n times `base_ms`; EXPONENTIAL doubles
    `base_ms` up to `cap_ms`. `jitter` lengthens a wait by up to that share of it. `only_status`: the HTTP
    statuses after which there is a next attempt; None: every error that may pass. `rate_limits_count`: a rate
    limit uses up an attempt like any other error.
    """

    name: str
    attempts: int
    backoff: Backoff
    steps_ms: tuple[int, ...] = ()
    base_ms: int = 0
    cap_ms: int = 3_600_000
    jitter: float = 0.0
    only_status: frozenset[int] | None = None
    rate_limits_count: bool = False

    def delay_ms(self, failed_attempt: int, chance: float | None = None) -> float:
        """The wait after the n-th failed attempt; `chance` in [0, 1) replaces the random one."""
        chance = random.random() if chance is None else chance  # noqa: S311 - spreads load, guards nothing
        return min(self._plain_ms(failed_attempt), self.cap_ms) * (1 + self.jitter * chance)

    def allows(self, http_status: int | None) -> bool:
        """Whether there may be another attempt after an error with this status (None: no answer)."""
        return self.only_status is None or http_status in self.only_status

    def _plain_ms(self, failed_attempt: int) -> float:
        match self.backoff:
            case Backoff.STEPS:
                return self.steps_ms[min(failed_attempt, len(self.steps_ms)) - 1]
            case Backoff.LINEAR:
                return self.base_ms * failed_attempt
            case Backoff.EXPONENTIAL:
                return self.base_ms * 2.0 ** (failed_attempt - 1)


ONCE = RetryPolicy("once", 1, Backoff.STEPS, steps_ms=(1_500,))
LOCAL = RetryPolicy("local", 5, Backoff.STEPS, steps_ms=(1_500, 3_000, 15_000, 60_000))
OUTBOUND = RetryPolicy("outbound", 6, Backoff.STEPS, steps_ms=(1_500, 3_000, 15_000, 60_000, 300_000))
AWAITING = RetryPolicy(
    "awaiting", 10, Backoff.STEPS, steps_ms=(1_500, 3_000, 6_000, 15_000, 60_000, 300_000, 900_000)
)
PATIENT = RetryPolicy("patient", 10, Backoff.EXPONENTIAL, base_ms=15_000, cap_ms=900_000, jitter=0.2)
PERSISTENT = RetryPolicy(
    "persistent", 100, Backoff.STEPS, steps_ms=(15_000, 30_000, 60_000, 120_000, 300_000, 900_000)
)
FIVE_ATTEMPTS = RetryPolicy("five-attempts", 5, Backoff.EXPONENTIAL, base_ms=3_000, cap_ms=300_000)
LINEAR_THREE = RetryPolicy(
    "linear-three",
    4,
    Backoff.LINEAR,
    base_ms=1_500,
    only_status=frozenset({429, 503}),
    rate_limits_count=True,
)

_ALL = (ONCE, LOCAL, OUTBOUND, AWAITING, PATIENT, PERSISTENT, FIVE_ATTEMPTS, LINEAR_THREE)
POLICIES = {policy.name: policy for policy in _ALL}


def known_policy(name: str) -> str:
    """The name itself. Raises ValueError when there is no such policy."""
    if name not in POLICIES:
        raise ValueError(f"{name!r} is not one of {', '.join(POLICIES)}")
    return name
