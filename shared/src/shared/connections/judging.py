"""What the calls of a window say about a connection at one moment, by itself. Pure."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from shared.connections.counts import Counts
from shared.connections.rules import Health

SLOWEST = 0.95
# Of few calls so many errors count all the same.
FEW_ERRORS = 2


class Level(IntEnum):
    """How bad it is."""

    GREEN = 0
    YELLOW = 1
    RED = 2


class Cause(StrEnum):
    """Why a connection has its colour."""

    NORMAL = "normal"
    ERRORS = "errors"
    RATE_LIMITED = "rate_limited"
    SLOW = "slow"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    QUIET = "quiet"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Seen:
    """The calls of the window, and those of its newest minutes since the other side last answered well."""

    window: Counts
    since_answered: Counts


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on it is bad."""

    min_calls: int
    yellow_error_rate: float
    red_error_rate: float
    rate_limited_rate: float
    slow_ms: float


Verdict = tuple[Level, Cause]


def entering(rules: Health) -> Limits:
    """What has to be exceeded for a colour to begin."""
    return Limits(
        min_calls=rules.min_calls,
        yellow_error_rate=rules.yellow_error_rate,
        red_error_rate=rules.red_error_rate,
        rate_limited_rate=rules.rate_limited_rate,
        slow_ms=rules.slow_ms,
    )


def leaving(rules: Health) -> Limits:
    """What has to be kept for a colour to end."""
    return Limits(
        min_calls=rules.min_calls,
        yellow_error_rate=rules.yellow_error_rate * rules.calm,
        red_error_rate=rules.red_error_rate * rules.calm,
        rate_limited_rate=rules.rate_limited_rate * rules.calm,
        slow_ms=rules.slow_ms * rules.calm,
    )


def judged(seen: Seen, limits: Limits) -> Verdict:
    """The gravest thing these calls show. Rejected data is no trouble of the connection."""
    return _red(seen, limits) or _yellow(seen.window, limits) or (Level.GREEN, Cause.NORMAL)


def _red(seen: Seen, limits: Limits) -> Verdict | None:
    window, lately = seen.window, seen.since_answered
    if lately.refused:
        return Level.RED, Cause.REFUSED
    enough = limits.min_calls if lately.calls < window.calls else FEW_ERRORS
    if lately.unavailable >= enough:
        return Level.RED, Cause.UNAVAILABLE
    if window.calls >= limits.min_calls and window.unavailable > limits.red_error_rate * window.calls:
        return Level.RED, Cause.ERRORS
    return None


def _yellow(window: Counts, limits: Limits) -> Verdict | None:
    has_many = window.calls >= limits.min_calls
    is_judged = has_many or window.errors >= FEW_ERRORS or window.errors == window.calls
    if is_judged and window.errors > limits.yellow_error_rate * window.calls:
        return Level.YELLOW, Cause.ERRORS
    if has_many and window.rate_limited > limits.rate_limited_rate * window.calls:
        return Level.YELLOW, Cause.RATE_LIMITED
    if has_many and (window.quantile_ms(SLOWEST) or 0) > limits.slow_ms:
        return Level.YELLOW, Cause.SLOW
    return None
