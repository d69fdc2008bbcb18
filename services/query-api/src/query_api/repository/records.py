"""Rows of the log as the rest of the service sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.envelope import State
from shared.tracing import is_kept, trace_id_of


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task in its current state, or in the state it had at a moment."""

    task_id: UUID
    shop_id: int
    account_id: int | None
    type: str
    state: State
    attempt: int
    max_attempts: int
    source_id: str | None
    target_id: str | None
    order_number: str | None
    parent_id: UUID | None
    root_id: UUID | None
    retry_of: UUID | None
    created_at: datetime
    queued_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    due_at: datetime | None
    duration_ms: float | None
    items_processed: int | None
    items_failed: int | None
    items_total: int | None
    note: str | None
    summary: dict[str, Any] | None
    error_kind: str | None
    error_message: str | None
    error_status: int | None
    error_excerpt: str | None
    error_place: str | None
    remedy: str | None
    fingerprint: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class EventRow:
    """One transition as it was recorded; header and detail as they travelled, without bodies."""

    task_id: UUID
    attempt: int
    state: State
    occurred_at: datetime
    recorded_at: datetime
    service: str
    header: dict[str, Any]
    detail: dict[str, Any]

    @property
    def actor(self) -> str | None:
        """The person, or the clock, that wanted it."""
        return self.detail.get("actor")

    @property
    def by(self) -> str:
        """Who made it happen: somebody who wanted it, else the service that did it."""
        return self.actor or self.service

    @property
    def trace_id(self) -> str | None:
        return trace_id_of(self.header.get("traceparent"))

    @property
    def is_traced(self) -> bool:
        """Whether its trace was to be sent on."""
        return is_kept(self.header.get("traceparent"))

    @property
    def failure(self) -> dict[str, Any]:
        """Why the attempt did not succeed; empty: it did, or goes on."""
        return self.detail.get("failure") or {}


@dataclass(frozen=True, slots=True)
class Shop:
    id: int
    domain: str
    name: str
    timezone: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class AccountName:
    kind: str
    name: str

    def __str__(self) -> str:
        """Names that begin with the kind need no other word for it."""
        return self.name if self.name.lower().startswith(self.kind) else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Names:
    """What to call shops and accounts, by their ids."""

    domains: Mapping[int, str]
    accounts: Mapping[int, AccountName]


_TASK_FIELDS = tuple(field.name for field in fields(TaskRow))
_EVENT_FIELDS = tuple(field.name for field in fields(EventRow))


def task_row(record: Mapping[str, Any]) -> TaskRow:
    values = {name: record[name] for name in _TASK_FIELDS}
    return TaskRow(**(values | {"state": State(values["state"])}))


def event_row(record: Mapping[str, Any]) -> EventRow:
    values = {name: record[name] for name in _EVENT_FIELDS}
    return EventRow(**(values | {"state": State(values["state"])}))
