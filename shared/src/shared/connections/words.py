"""The reason of a connection's colour, for people. Pure."""

from collections.abc import Callable, Mapping

from shared.connections.counts import Counts
from shared.connections.judging import SLOWEST, Cause, Level, Seen
from shared.connections.rules import Health

UNREADABLE = "Error reading API status"


def reason(level: Level, cause: Cause, seen: Seen, rules: Health) -> str:
    """With the numbers it was drawn from."""
    if level is Level.RED and cause is Cause.ERRORS:
        window = seen.window
        return f"{_failed(window, window.unavailable)} {_ago(rules)}: an extremely high error rate"
    return _WORDS[cause](seen, rules)


def _unreadable(_: Seen, __: Health) -> str:
    return UNREADABLE


def _quiet(_: Seen, rules: Health) -> str:
    return f"Unknown: it has not run for {_minutes(rules)}"


def _refused(seen: Seen, _: Health) -> str:
    return f"The credentials were refused, {_calls(seen.since_answered.refused)} in a row"


def _unavailable(seen: Seen, _: Health) -> str:
    return f"Unavailable: the last {_calls(seen.since_answered.calls)} all failed"


def _rate_limited(seen: Seen, rules: Health) -> str:
    window = seen.window
    return f"{window.rate_limited} of {_calls(window.calls)} {_ago(rules)} were told to slow down"


def _errors(seen: Seen, rules: Health) -> str:
    window = seen.window
    said = f"{_failed(window, window.errors)} {_ago(rules)}"
    if window.errors > rules.yellow_error_rate * window.calls:
        return f"{said}, normal is up to {_percent(rules.yellow_error_rate)}"
    return f"{said}, it counts as normal again from {_percent(rules.yellow_error_rate * rules.calm)}"


def _slow(seen: Seen, rules: Health) -> str:
    p95_s = (seen.window.quantile_ms(SLOWEST) or 0) / 1000
    said = f"One call in twenty took {p95_s:.1f} seconds or longer {_ago(rules)}"
    return f"{said}, normal is up to {rules.slow_ms / 1000:g}"


def _normal(seen: Seen, rules: Health) -> str:
    window = seen.window
    if window.errors:
        said = f"{_failed(window, window.errors)} {_ago(rules)}"
        is_many = window.calls >= rules.min_calls
        return f"{said}, normal is up to {_percent(rules.yellow_error_rate)}" if is_many else said
    return f"No call failed {_ago(rules)}, of {window.calls}"


def _failed(window: Counts, n: int) -> str:
    return f"{n} of {_calls(window.calls)} failed"


def _calls(n: int) -> str:
    return f"{n} call" if n == 1 else f"{n} calls"


def _ago(rules: Health) -> str:
    return f"in the last {_minutes(rules)}"


def _minutes(rules: Health) -> str:
    return "minute" if rules.window_minutes == 1 else f"{rules.window_minutes} minutes"


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


_WORDS: Mapping[Cause, Callable[[Seen, Health], str]] = {
    Cause.NORMAL: _normal,
    Cause.ERRORS: _errors,
    Cause.RATE_LIMITED: _rate_limited,
    Cause.SLOW: _slow,
    Cause.UNAVAILABLE: _unavailable,
    Cause.REFUSED: _refused,
    Cause.QUIET: _quiet,
    Cause.UNREADABLE: _unreadable,
}
