"""The steps of an order's story as they happened, and how far each part of its way has come. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from query_api.repository.records import EventRow, Names, TaskRow
from query_api.stories.order_words import Stage, line_of, sentence, stage_of
from shared.envelope import State

_WORST_FIRST = (State.FAILED, State.RETRYING, State.PROCESSING, State.QUEUED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Package:
    """A shipment's package that its target knows of."""

    account_id: int
    package_number: int
    carrier: str
    tracking_numbers: Sequence[str]
    synced_at: datetime


@dataclass(frozen=True, slots=True)
class Purchase:
    """The order as a supplier has it. `shop_told_at`: when the shop's order was marked with it."""

    account_id: int
    reference: str
    status: str
    tracking_numbers: Sequence[str]
    delivery_date: date | None
    placed_at: datetime
    updated_at: datetime
    shop_told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """`by`: who or what made it happen. `task` None: told from what is stored."""

    at: datetime
    stage: Stage
    what: str
    state: State
    by: str
    account_id: int | None = None
    task: TaskRow | None = None
    transitions: tuple[EventRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """What a story is made of; `topics`: of the webhooks that tasks received."""

    tasks: Sequence[TaskRow]
    events: Mapping[UUID, Sequence[EventRow]]
    topics: Mapping[UUID, str]
    packages: Sequence[Package]
    purchases: Sequence[Purchase]
    names: Names


def steps_of(parts: Parts, *, until: datetime | None = None) -> list[Step]:
    """`until`: without what was stored later."""
    told = [_of_task(task, parts) for task in parts.tasks]
    stored = [
        *(_of_package(package, parts.names) for package in parts.packages),
        *(step for purchase in parts.purchases for step in _of_purchase(purchase, parts.names)),
    ]
    happened = [step for step in stored if until is None or step.at <= until]
    return sorted([*told, *happened], key=lambda step: (step.at, step.task.task_id.int if step.task else 0))


def states_of(steps: Iterable[Step]) -> dict[Stage, State]:
    """Of each stage with steps the worst state, of several tasks about the same thing that of the newest."""
    newest: dict[tuple[Stage, str, str | None], Step] = {}
    for step in steps:
        task = step.task
        newest[step.stage, task.type if task else "", task.source_id if task else step.what] = step
    found: dict[Stage, set[State]] = {}
    for step in newest.values():
        found.setdefault(step.stage, set()).add(step.state)
    return {stage: _worst(found[stage]) for stage in Stage if stage in found}


def _worst(states: set[State]) -> State:
    return next((state for state in _WORST_FIRST if state in states), min(states))


def _of_task(task: TaskRow, parts: Parts) -> Step:
    events = tuple(parts.events.get(task.task_id, ()))
    return Step(
        at=events[-1].occurred_at if events else task.updated_at,
        stage=stage_of(task.type),
        what=line_of(task, system=_name(task.account_id, parts.names), topic=parts.topics.get(task.task_id)),
        state=task.state,
        by=_whose(events),
        account_id=task.account_id,
        task=task,
        transitions=events,
    )


def _whose(events: Sequence[EventRow]) -> str:
    """Who asked for the task, if somebody did; else who brought it where it is."""
    asked = next((event.actor for event in events if event.actor), None)
    return asked or (events[-1].service if events else "")


def _of_package(package: Package, names: Names) -> Step:
    name = _name(package.account_id, names) or "the shop or marketplace"
    what = sentence(f"{name} knows of package {package.package_number}: {_sent(package.carrier, package)}")
    return Step(package.synced_at, Stage.CONFIRMATION, what, State.SUCCEEDED, name, package.account_id)


def _of_purchase(purchase: Purchase, names: Names) -> Iterable[Step]:
    name = _name(purchase.account_id, names) or "the supplier"
    if purchase.updated_at > purchase.placed_at:
        due = f", expected {purchase.delivery_date}" if purchase.delivery_date else ""
        what = sentence(f"{name} says of {purchase.reference}: {_sent(purchase.status, purchase)}{due}")
        yield Step(purchase.updated_at, Stage.SUPPLIER, what, State.SUCCEEDED, name, purchase.account_id)
    if purchase.shop_told_at is not None:
        what = f"The shop's order is marked with {name} and {purchase.reference}"
        yield Step(
            purchase.shop_told_at, Stage.CONFIRMATION, what, State.SUCCEEDED, name, purchase.account_id
        )


def _sent(words: str, parcel: Package | Purchase) -> str:
    return " ".join([words, ", ".join(parcel.tracking_numbers)]).strip()


def _name(account_id: int | None, names: Names) -> str | None:
    account = names.accounts.get(account_id or 0)
    return str(account) if account else None
