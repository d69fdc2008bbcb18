"""Calls of one connection, counted: by how they went and how long they took. Pure."""

from bisect import bisect_left
from itertools import accumulate
from typing import Any, NamedTuple

from shared.call_outcomes import CallOutcome

# Milliseconds up to which a call belongs to a class of duration; the last class has no end.
DURATIONS_MS = (50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
_NO_LATENCY = (0,) * (len(DURATIONS_MS) + 1)


class Counts(NamedTuple):
    """Calls of a minute or of several. `latency`: how many there are of each class of duration."""

    calls: int = 0
    ok: int = 0
    rejected: int = 0
    refused: int = 0
    rate_limited: int = 0
    failed: int = 0
    no_answer: int = 0
    total_ms: int = 0
    latency: tuple[int, ...] = _NO_LATENCY

    @property
    def unavailable(self) -> int:
        """Calls the other side did not get done."""
        return self.failed + self.no_answer

    @property
    def errors(self) -> int:
        """Calls that went wrong for a reason that lies with the connection and not with the data."""
        return self.unavailable + self.refused

    @property
    def answered(self) -> int:
        """Calls that show the other side alive and the credentials good."""
        return self.ok + self.rejected + self.rate_limited

    @property
    def error_rate(self) -> float | None:
        return self.errors / self.calls if self.calls else None

    def plus(self, other: "Counts", sign: int = 1) -> "Counts":
        return Counts(
            self.calls + sign * other.calls,
            self.ok + sign * other.ok,
            self.rejected + sign * other.rejected,
            self.refused + sign * other.refused,
            self.rate_limited + sign * other.rate_limited,
            self.failed + sign * other.failed,
            self.no_answer + sign * other.no_answer,
            self.total_ms + sign * other.total_ms,
            tuple(a + sign * b for a, b in zip(self.latency, other.latency, strict=True)),
        )

    def quantile_ms(self, share: float) -> float | None:
        """The duration this share of the calls stays below, as far as the classes tell; None without calls.

        Of calls in the last class only its beginning is known.
        """
        wanted = share * sum(self.latency)
        if not wanted:
            return None
        reached = list(accumulate(self.latency))
        place = bisect_left(reached, wanted)
        if place == len(DURATIONS_MS):
            return float(DURATIONS_MS[-1])
        start, end = DURATIONS_MS[place - 1] if place else 0, DURATIONS_MS[place]
        before = reached[place] - self.latency[place]
        return start + (end - start) * (wanted - before) / self.latency[place]


def one_call(went: CallOutcome, duration_ms: float) -> Counts:
    """The counts of a single call."""
    place = bisect_left(DURATIONS_MS, duration_ms)
    latency = tuple(int(number == place) for number in range(len(_NO_LATENCY)))
    counted: dict[str, Any] = {"calls": 1, went.value: 1, "total_ms": round(duration_ms), "latency": latency}
    return Counts(**counted)
