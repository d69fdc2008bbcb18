"""What a sender has sent: counts, answer times and the last deliveries, bounded."""

import math
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT_DELIVERIES = 5_000
KEPT_ANSWER_TIMES = 10_000


@dataclass
class DeliveryRecord:
    """One delivery (or one copy of it) on its way; `state` is pending, delivered or failed."""

    webhook_id: str
    topic: str
    resource_id: str
    is_copy: bool
    state: str = "pending"
    attempts: int = 0
    status: int | None = None
    error: str | None = None
    answered_ms: float | None = None


@dataclass
class Ledger:
    counts: Counter[str] = field(default_factory=Counter)
    by_status: Counter[str] = field(default_factory=Counter)
    answer_times: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT_ANSWER_TIMES))
    records: deque[DeliveryRecord] = field(default_factory=lambda: deque(maxlen=KEPT_DELIVERIES))

    def opened(self, record: DeliveryRecord) -> None:
        self.records.append(record)
        self.counts["duplicates" if record.is_copy else "distinct"] += 1

    def attempted(self, record: DeliveryRecord) -> None:
        """Count one attempt that got an answer or an error."""
        self.counts["sent"] += 1
        self.counts["retried"] += record.attempts > 1
        self.by_status[str(record.status) if record.status is not None else (record.error or "error")] += 1
        if record.answered_ms is not None:
            self.answer_times.append(record.answered_ms)

    def closed(self, record: DeliveryRecord, *, delivered: bool) -> None:
        record.state = "delivered" if delivered else "failed"
        self.counts["delivered" if delivered else "failed_for_good"] += 1

    def describe(self) -> dict[str, Any]:
        names = ("sent", "distinct", "duplicates", "retried", "delivered", "failed_for_good")
        times = sorted(self.answer_times)
        return {
            **{name: self.counts[name] for name in names},
            "answer_ms": {"p50": percentile(times, 0.5), "p99": percentile(times, 0.99)},
            "by_status": dict(self.by_status),
        }

    def last(self, limit: int) -> list[dict[str, Any]]:
        """The newest records, newest first."""
        newest = list(self.records)[-limit:] if limit > 0 else []
        return [asdict(record) for record in reversed(newest)]


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of the ordered values do not exceed."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
