"""What the page of one task shows."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from query_api.auth import Reader, Role
from query_api.backend import Backend
from query_api.console.accounts.words import KIND_TITLES
from query_api.console.formatting import elapsed_ms
from query_api.console.tasks.exchanges import ExchangeView, exchange_view
from query_api.console.tasks.support import support_text
from query_api.operations.port import Verdict
from query_api.operations.retry_verdict import RETRIABLE
from query_api.problems import not_found
from query_api.repository.history import events_of
from query_api.repository.payloads import payloads_of
from query_api.repository.records import EventRow, Shop, TaskRow
from query_api.repository.shops import names_for, visible_shops
from query_api.repository.task_tree import tree_of
from query_api.repository.tasks import find_task
from query_api.stories.trees import Relation, arranged
from shared.envelope import State, utc_now

DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Step:
    """A transition on the timeline. `gap_ms`: since the one before."""

    event: EventRow
    gap_ms: float | None


@dataclass(frozen=True, slots=True)
class Relative:
    """A task of the tree; those it led to follow it, one level deeper."""

    task: TaskRow
    depth: int
    relation: Relation | None


@dataclass(frozen=True, slots=True)
class DetailView:
    """`as_of`: it is shown as it was then. `exchanges` None: the visitor's role does not see data;
    `is_withheld`: nor the answer there is. `retry_verdict`: why it is not to be retried, or not just so.
    `trace_address` None: it was not sent on, or nobody said where traces are looked at."""

    task: TaskRow
    as_of: datetime | None
    shop: Shop
    account: str | None
    account_kind: str | None
    steps: list[Step]
    trace_address: str | None
    retry_verdict: Verdict | None
    tree: list[Relative]
    is_tree_cut: bool
    exchanges: list[ExchangeView] | None
    is_withheld: bool
    now: datetime

    @property
    def duration_ms(self) -> float | None:
        task = self.task
        return elapsed_ms(task.started_at, self.now) if task.state is State.PROCESSING else task.duration_ms

    @property
    def trace_id(self) -> str | None:
        return self.steps[0].event.trace_id if self.steps else None

    @property
    def may_be_retried(self) -> bool:
        """Without another question."""
        return self.task.state in RETRIABLE and self.retry_verdict is None

    @property
    def may_be_cancelled(self) -> bool:
        return self.task.state in (State.QUEUED, State.RETRYING)

    @property
    def may_be_deleted(self) -> bool:
        return self.task.state.is_final

    @property
    def support_text(self) -> str:
        return support_text(self.task, self.shop, self.account, [step.event for step in self.steps])


async def detail_view(
    connection: Any, backend: Backend, reader: Reader, task_id: UUID, as_of: datetime | None
) -> DetailView:
    """Raises 404 for tasks of shops the reader may not see, and of those that were not there yet."""
    task = await find_task(connection, task_id, as_of=as_of)
    if task is None or not reader.may_see_shop(task.shop_id):
        raise not_found("There is no such task that your token may see. It may be older than tasks are kept.")
    shops = await visible_shops(connection, reader.shop_ids)
    tree = await tree_of(connection, task, as_of=as_of)
    account = (await names_for(connection, [task])).accounts.get(task.account_id or 0)
    events = await events_of(connection, task_id, as_of=as_of)
    return DetailView(
        as_of=as_of,
        task=task if reader.may_see_payloads else replace(task, error_excerpt=None),
        shop=next(shop for shop in shops if shop.id == task.shop_id),
        account=str(account) if account else None,
        account_kind=KIND_TITLES.get(account.kind, account.kind) if account else None,
        steps=_steps(events),
        trace_address=_trace_address(events, backend.trace_url_template),
        retry_verdict=None if as_of else await _retry_verdict(connection, backend, reader, task),
        tree=relatives(tree.tasks),
        is_tree_cut=tree.is_cut,
        exchanges=await _exchanges(connection, backend, reader, task, events),
        is_withheld=task.error_excerpt is not None and not reader.may_see_payloads,
        now=as_of or utc_now(),
    )


async def _retry_verdict(connection: Any, backend: Backend, reader: Reader, task: TaskRow) -> Verdict | None:
    """Of those that somebody who may act could retry."""
    if task.state not in RETRIABLE or not reader.role.includes(Role.OPERATOR):
        return None
    return (await backend.operations.retrying.judge(connection, [task], None)).get(task.task_id)


async def _exchanges(
    connection: Any, backend: Backend, reader: Reader, task: TaskRow, events: list[EventRow]
) -> list[ExchangeView] | None:
    """What it received, and what it sent in the attempts that are over."""
    if not reader.may_see_payloads:
        return None
    over = {event.attempt for event in events if event.state not in (State.QUEUED, State.PROCESSING)}
    found = await payloads_of(connection, backend.vault, task.task_id, task.shop_id)
    return [
        exchange_view(exchange, task.task_id)
        for exchange in found
        if exchange.position == 0 or exchange.attempt in over
    ]


def relatives(tasks: list[TaskRow]) -> list[Relative]:
    by_id = {task.task_id: task for task in tasks}
    return [
        Relative(by_id[node.task_id], min(node.depth, DEEPEST), node.relation) for node in arranged(tasks)
    ]


def _trace_address(events: list[EventRow], template: str) -> str | None:
    """A task's events are all of one trace."""
    trace_id = events[0].trace_id if events and events[0].is_traced else None
    return template.replace("{trace_id}", trace_id) if template and trace_id else None


def _steps(events: list[EventRow]) -> list[Step]:
    earlier: list[EventRow | None] = [None, *events[:-1]]
    return [Step(event, _gap_ms(before, event)) for before, event in zip(earlier, events, strict=True)]


def _gap_ms(before: EventRow | None, event: EventRow) -> float | None:
    if before is None:
        return None
    return max(timedelta(), event.occurred_at - before.occurred_at) / timedelta(milliseconds=1)
