"""What a task's events say about the task, and how events move the counters. Pure.

Recorder and rebuild share these rules. Both results are the same in whatever order events come and however
they are split into batches: the projection takes its parts from the latest event that has a say in them, and
each new event moves the counters once, by whole numbers.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import add
from typing import Any, NamedTuple, assert_never
from uuid import UUID

from query_api.recorder.events import Event, Json
from query_api.spreads import Spread, spread_of
from shared.envelope import State
from shared.identity import created_at

ENDS_AN_ATTEMPT = frozenset({State.RETRYING, State.FAILED, State.SUCCEEDED, State.CANCELLED})
NO_ACCOUNT = 0
_MILLISECOND = timedelta(milliseconds=1)


class TaskRow(NamedTuple):
    """A row of ledger.tasks.

    The latest event gives a task's position, up to `updated_at`; the latest end of an attempt its report.
    """

    task_id: UUID
    shop_id: int
    account_id: int | None
    type: str
    state: str
    state_rank: int
    attempt: int
    max_attempts: int
    source_id: str | None
    order_number: str | None
    parent_id: str | None
    root_id: str | None
    retry_of: str | None
    created_at: datetime
    queued_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    due_at: datetime | None
    updated_at: datetime
    report_order: int
    target_id: str | None
    duration_ms: float | None
    items_processed: int | None
    items_failed: int | None
    items_total: int | None
    note: str | None
    summary: Json | None
    error_kind: str | None
    error_message: str | None
    error_status: int | None
    error_excerpt: str | None
    error_place: str | None
    remedy: str | None
    fingerprint: str | None


def task_row(events: Sequence[Event]) -> TaskRow:
    """What some events of one task say about it; folds of parts merge into the fold of the whole."""
    latest = max(events, key=_order)
    report = latest if latest.state in ENDS_AN_ATTEMPT else _last_end(events)
    return TaskRow._make((*_position(latest), *_report(report)))


def _order(event: Event) -> int:
    return event.order


def _last_end(events: Sequence[Event]) -> Event | None:
    return max((event for event in events if event.state in ENDS_AN_ATTEMPT), key=_order, default=None)


def _position(event: Event) -> tuple[Any, ...]:
    header, detail = event.header.get, event.detail.get
    return (
        event.task_id,
        event.header["shop_id"],
        header("account_id"),
        event.header["type"],
        event.state,
        event.state.rank,
        event.attempt,
        event.header["max_attempts"],
        header("source_id"),
        header("order_number"),
        header("parent_id"),
        header("root_id"),
        header("retry_of"),
        created_at(event.task_id),
        datetime.fromisoformat(event.header["queued_at"]),
        _moment(detail("started_at")),
        event.occurred_at if event.state.is_final else None,
        _moment(detail("due_at")),
        event.occurred_at,
    )


def _report(event: Event | None) -> tuple[Any, ...]:
    if event is None:
        return _NO_REPORT
    detail = event.detail.get
    failure = (detail("failure") or {}).get
    return (
        event.order,
        detail("target_id"),
        detail("duration_ms"),
        detail("items_processed"),
        detail("items_failed"),
        detail("items_total"),
        detail("note"),
        detail("summary"),
        failure("kind"),
        failure("message"),
        failure("http_status"),
        failure("response_excerpt"),
        failure("place"),
        failure("remedy"),
        failure("fingerprint"),
    )


_NO_REPORT = (0, *[None] * 14)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


class Kind(NamedTuple):
    """What counters tell apart."""

    shop_id: int
    type: str
    account_id: int
    state: str


class Tally(NamedTuple):
    """Tasks that came into a state, and what they reported. Whole milliseconds: their sums are exact.

    `spread`: how long the attempts took that ended so, and those that began had waited.
    """

    n: int
    duration_ms: int
    items_processed: int
    items_failed: int
    spread: Spread = 0


Bucket = tuple[datetime, Kind]
_Group = tuple[int, int, str, int, State, bool]
_ZEROS = [0] * len(Tally._fields)


class Counters:
    """How events move the counters: sums by minute, kind and first or later attempt tell all. `weight` -1: as
    they are taken out again."""

    def __init__(self, *, weight: int = 1) -> None:
        self._weight = weight
        self._sums: dict[_Group, list[int]] = defaultdict(_ZEROS.copy)

    def add(self, event: Event) -> None:
        _, attempt, state, occurred_at, _, header, detail = event
        minute = int(occurred_at.timestamp()) // 60
        account_id = header.get("account_id") or NO_ACCOUNT
        sums = self._sums[minute, header["shop_id"], header["type"], account_id, state, attempt == 1]
        sums[0] += self._weight
        if detail:
            self._add_report(sums, detail)
            self._add_duration(sums, _spread_ms(event))

    def _add_report(self, sums: list[int], detail: Json) -> None:
        sums[1] += self._weight * round(detail.get("duration_ms") or 0)
        sums[2] += self._weight * (detail.get("items_processed") or 0)
        sums[3] += self._weight * (detail.get("items_failed") or 0)

    def _add_duration(self, sums: list[int], spread_ms: float | None) -> None:
        if spread_ms is not None:
            sums[4] += self._weight * spread_of(spread_ms)

    def now(self) -> list[tuple[Kind, int]]:
        """Changes of ledger.task_counts, in lock order."""
        changes: dict[Kind, int] = defaultdict(int)
        for (_, shop_id, task_type, account_id, state, is_first), (n, *_) in self._sums.items():
            changes[Kind(shop_id, task_type, account_id, state)] += n
            left = left_state(state, is_first=is_first)
            if left is not None:
                changes[Kind(shop_id, task_type, account_id, left)] -= n
        return sorted((kind, n) for kind, n in changes.items() if n)

    def by_minute(self) -> list[tuple[Bucket, Tally]]:
        """Changes of ledger.task_counts_by_minute, in lock order."""
        return self._by(minutes=1)

    def by_hour(self) -> list[tuple[Bucket, Tally]]:
        """Changes of ledger.task_counts_by_hour, in lock order."""
        return self._by(minutes=60)

    def _by(self, *, minutes: int) -> list[tuple[Bucket, Tally]]:
        totals: dict[tuple[int, Kind], list[int]] = {}
        for (minute, shop_id, task_type, account_id, state, _), sums in self._sums.items():
            bucket = (minute // minutes, Kind(shop_id, task_type, account_id, state))
            totals[bucket] = list(map(add, totals.get(bucket, _ZEROS), sums))
        return [
            ((datetime.fromtimestamp(number * minutes * 60, UTC), kind), Tally._make(total))
            for (number, kind), total in sorted(totals.items())
        ]


def _spread_ms(event: Event) -> float | None:
    """What of an event is told by percentiles: how long an attempt took, or had waited for its worker."""
    detail = event.detail.get
    if event.state in ENDS_AN_ATTEMPT:
        duration_ms: float | None = detail("duration_ms")
        return duration_ms
    return _waited_ms(event) if event.state is State.PROCESSING else None


def _waited_ms(event: Event) -> float | None:
    """Of events that do not say it yet it is known for first attempts, with the delay that was wanted."""
    waited_ms: float | None = event.detail.get("waited_ms")
    started_at = event.detail.get("started_at")
    if waited_ms is not None or event.attempt > 1 or started_at is None:
        return waited_ms
    waited = datetime.fromisoformat(started_at) - datetime.fromisoformat(event.header["queued_at"])
    return waited / _MILLISECOND


def left_state(state: State, *, is_first: bool) -> State | None:
    """The state a task leaves when it comes into `state`, in its first attempt or in a later one."""
    match state:
        case State.QUEUED:
            return None
        case State.PROCESSING | State.CANCELLED:
            return State.QUEUED if is_first else State.RETRYING
        case State.RETRYING | State.FAILED | State.SUCCEEDED:
            return State.PROCESSING
        case _:
            assert_never(state)
