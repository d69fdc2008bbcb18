"""What new transitions tell of connections: calls by minute, and the last call of each. Pure.

Only the transitions carry the calls, and their bodies are kept for a shorter time than the log: a rebuild
leaves these numbers as they are.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from shared.call_outcomes import CallOutcome
from shared.connections.counts import Counts, one_call
from shared.connections.status import minute_of
from shared.envelope import Call, Transition
from shared.tasks import Api

LONGEST_MESSAGE = 500
_NO_TROUBLE = frozenset({CallOutcome.OK, CallOutcome.REJECTED})


class Connection(NamedTuple):
    """One part of one account's system."""

    account_id: int
    category: str


class LastCall(NamedTuple):
    """The newest call of a connection, and the newest that went wrong for another reason than its data."""

    called_at: datetime
    error_at: datetime | None = None
    error_message: str | None = None
    error_task_id: UUID | None = None


class ApiCalls:
    """The calls of some transitions, added up."""

    def __init__(self) -> None:
        self._counts: dict[tuple[Connection, datetime], Counts] = {}
        self._last: dict[Connection, LastCall] = {}

    def add(self, transition: Transition) -> None:
        for call in transition.detail.calls:
            account_id = call.account_id or transition.task.account_id
            if account_id is not None:
                category = call.category or transition.task.spec.api or Api.SETTINGS
                self._count(Connection(account_id, category), call, transition)

    def by_minute(self) -> list[tuple[tuple[Connection, datetime], Counts]]:
        """In lock order."""
        return sorted(self._counts.items())

    def last(self) -> list[tuple[Connection, LastCall]]:
        """In lock order."""
        return sorted(self._last.items(), key=lambda item: item[0])

    def _count(self, connection: Connection, call: Call, transition: Transition) -> None:
        place = (connection, minute_of(call.started_at))
        counted = one_call(call.went, call.duration_ms)
        self._counts[place] = self._counts[place].plus(counted) if place in self._counts else counted
        last = _last_call(call, transition)
        before = self._last.get(connection)
        self._last[connection] = last if before is None else _later(before, last)


def _last_call(call: Call, transition: Transition) -> LastCall:
    if call.went in _NO_TROUBLE:
        return LastCall(call.started_at)
    return LastCall(call.started_at, call.started_at, _message(call, transition), transition.task.id)


def _later(before: LastCall, after: LastCall) -> LastCall:
    errors = [last for last in (before, after) if last.error_at is not None]
    called_at = max(before.called_at, after.called_at)
    if not errors:
        return LastCall(called_at)
    newest = max(errors, key=lambda last: last.error_at or called_at)
    return newest._replace(called_at=called_at)


def _message(call: Call, transition: Transition) -> str:
    """In the words of the attempt's error when that came of this call: those are fit for people to see."""
    failure = transition.detail.failure
    is_last = call is transition.detail.calls[-1]
    if failure is not None and is_last and failure.http_status == call.status:
        return failure.message[:LONGEST_MESSAGE]
    if call.status is None:
        return f"{call.api} gave no answer ({call.error or 'interrupted'})"
    return f"{call.api} answered {call.status} ({call.went.replace('_', ' ')})"


def count_columns(counted: Iterable[tuple[tuple[Connection, datetime], Counts]]) -> Mapping[str, Any]:
    """One array for each column. The latencies are texts: arrays of arrays can not be taken apart."""
    rows = [
        (*connection, minute, *counts[:-1], "{" + ",".join(map(str, counts.latency)) + "}")
        for (connection, minute), counts in counted
    ]
    names = ("account_ids", "categories", "minutes", *Counts._fields)
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def last_columns(last: Iterable[tuple[Connection, LastCall]]) -> Mapping[str, Any]:
    """One array for each column."""
    rows = [(*connection, *call) for connection, call in last]
    return dict(zip(("account_ids", "categories", *LastCall._fields), zip(*rows, strict=True), strict=True))
