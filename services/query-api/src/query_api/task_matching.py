"""Whether a task is one that a list was asked for. Pure."""

from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from query_api.search.meanings import is_true_of
from query_api.stories.belonging import belongs_to
from query_api.task_query import TaskQuery


class Kind(NamedTuple):
    """What the indexes tell of a task that lists are walked by; its state and attempt are those of now."""

    type: str
    state: str
    account_id: int | None
    attempt: int


class Facts(Protocol):
    """What a task is judged by: as it is, or as it was at a moment."""

    @property
    def task_id(self) -> UUID: ...
    @property
    def shop_id(self) -> int: ...
    @property
    def account_id(self) -> int | None: ...
    @property
    def type(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def attempt(self) -> int: ...
    @property
    def order_number(self) -> str | None: ...
    @property
    def source_id(self) -> str | None: ...
    @property
    def target_id(self) -> str | None: ...
    @property
    def parent_id(self) -> UUID | None: ...
    @property
    def root_id(self) -> UUID | None: ...
    @property
    def retry_of(self) -> UUID | None: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def completed_at(self) -> datetime | None: ...
    @property
    def error_kind(self) -> str | None: ...
    @property
    def fingerprint(self) -> str | None: ...


NAMED = (
    "source_id",
    "target_id",
    "error_kind",
    "fingerprint",
    "parent_id",
    "retry_of",
)


def may_match(kind: Kind, query: TaskQuery) -> bool:
    """Whether it is worth looking at a task of that kind; in the past it may have been in another state, but
    never at a later attempt."""
    return (
        _is_of(kind, query)
        and kind.attempt >= query.attempts_from
        and (query.as_of is not None or _is_in(kind, query))
    )


def matches(task: Facts, query: TaskQuery) -> bool:
    """But for its time of creation, which the ids tell, and for `has_retry`, which other tasks do."""
    return (
        _is_in(task, query)
        and _is_of(task, query)
        and (query.shop_ids is None or task.shop_id in query.shop_ids)
        and (not query.order_numbers or task.order_number in query.order_numbers)
        and (query.order is None or belongs_to(task, query.order))
        and all(getattr(query, name) in (None, getattr(task, name)) for name in NAMED)
        and (query.root_id is None or query.root_id in (task.task_id, task.root_id))
        and task.attempt >= query.attempts_from
        and query.started.holds(task.started_at)
        and query.completed.holds(task.completed_at)
        and (query.search is None or is_true_of(query.search, task))
    )


def _is_in(task: Kind | Facts, query: TaskQuery) -> bool:
    return not query.states or task.state in query.states


def _is_of(task: Kind | Facts, query: TaskQuery) -> bool:
    """What stays the same while a task goes on."""
    return (not query.types or task.type in query.types) and (
        not query.account_ids or task.account_id in query.account_ids
    )
