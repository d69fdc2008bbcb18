"""What may be asked of the list of tasks, and how it is checked."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from query_api.problems import invalid
from query_api.repository.records import Shop
from query_api.search.reading import read
from query_api.stories.belonging import OfOrder
from query_api.task_query import (
    SORTS,
    STATE_ALIASES,
    Sort,
    TaskQuery,
    UnknownWord,
    order_numbers_of,
    parse_groups,
    parse_states,
    parse_types,
)
from query_api.time_spans import Span
from shared import moments
from shared.envelope import State
from shared.tasks import Group, TaskType

Word = TypeVar("Word")
CLOCK_TOLERANCE = timedelta(seconds=5)


def _restore_plus(value: object) -> object:
    """`+01:00` reaches us as ` 01:00` from senders that do not escape it."""
    return value.replace(" ", "+") if isinstance(value, str) and value[-6:-5] == " " else value


Moment = Annotated[moments.Moment, BeforeValidator(_restore_plus)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")
]
RowNumber = Annotated[int, Field(ge=1, lt=2**63)]
_MOMENT = "RFC 3339 with an offset, e.g. 2026-11-21T08:00:00Z"
AsOf = Annotated[
    Moment | None, Field(description=f"Answer as the log was at that moment. {_MOMENT}", examples=[None])
]


class AsOfParameter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    as_of: AsOf = None


class TaskFilters(AsOfParameter):
    """All that are given have to hold."""

    q: Name | None = Field(
        default=None,
        description="A task's id, an order number, an entity's id, a tracking number, an account, a type, a "
        "state, or the beginning of one; or words of an error's message",
        examples=["1042"],
    )
    state: list[str] = Field(
        default=[],
        description=f"One of {', '.join([*State, *STATE_ALIASES])}; may be repeated",
        examples=[["failed"]],
    )
    type: list[str] = Field(
        default=[],
        description=f"A task type; may be repeated: {', '.join(TaskType)}",
        examples=[["SyncOrder"]],
    )
    group: list[str] = Field(
        default=[],
        description=f"All types of a group; may be repeated: {', '.join(Group)}",
        examples=[["order sync"]],
    )
    shop: list[str] = Field(default=[], description="A shop's domain; may be repeated")
    account: list[RowNumber] = Field(
        default=[], description="An account's id, as GET /api/v1/accounts lists them; may be repeated"
    )
    order_number: Name | None = Field(default=None, description="With or without #", examples=["1042"])
    order_id: Name | None = Field(
        default=None,
        description="Everything about the order with this id where it was placed: its parcels, refunds and "
        "notifications, too",
        examples=["5523001122334"],
    )
    source_id: Name | None = Field(
        default=None,
        description="The entity's id where the data comes from; of tasks about an order, the order's id",
        examples=["5523001122334"],
    )
    target_id: Name | None = Field(default=None, description="The entity's id where the data goes")
    error_kind: Name | None = Field(
        default=None, description="Machine word for what went wrong", examples=["authentication"]
    )
    fingerprint: Name | None = Field(default=None, description="Of equal failures")
    parent_id: UUID | None = Field(default=None, description="Tasks that this one caused")
    root_id: UUID | None = Field(default=None, description="This task and all it led to")
    retry_of: UUID | None = Field(default=None, description="Tasks with which people retried this one")
    has_retry: bool | None = Field(default=None, description="Whether a person retried it")
    attempts_min: int = Field(default=1, ge=1, le=1_000, description="At least so many attempts")
    created_from: Moment | None = Field(default=None, description=f"Created at or after. {_MOMENT}")
    created_to: Moment | None = Field(default=None, description=f"Created before. {_MOMENT}")
    started_from: Moment | None = Field(default=None, description=f"Last started at or after. {_MOMENT}")
    started_to: Moment | None = Field(default=None, description=f"Last started before. {_MOMENT}")
    completed_from: Moment | None = Field(default=None, description=f"Ended at or after. {_MOMENT}")
    completed_to: Moment | None = Field(default=None, description=f"Ended before. {_MOMENT}")


class SortedTasks(TaskFilters):
    sort: Literal[SORTS] = Field(  # type: ignore[valid-type]
        default="-created",
        description="The column to sort by, with `-` from the top down. Tasks without a value come last. "
        "The board of the past can be sorted by created and type",
    )


class TaskListParameters(SortedTasks):
    limit: int = Field(default=50, ge=1, le=500)
    cursor: str | None = Field(
        default=None,
        description="`next` or `previous` of an answer to the same query; only the limit may differ",
    )


def task_query(parameters: SortedTasks, shop_ids: tuple[int, ...] | None, now: datetime) -> TaskQuery:
    """`shop_ids`: the shops to look at, already narrowed to those the reader may see. Raises Problem."""
    sort = Sort(parameters.sort.removeprefix("-"))
    query = replace(
        filter_query(parameters, shop_ids, now), sort=sort, descending=parameters.sort.startswith("-")
    )
    if query.as_of is not None and sort not in (Sort.CREATED, Sort.TYPE):
        raise invalid("sort", "The board of the past can be sorted by created and type only.")
    return query


def filter_query(parameters: TaskFilters, shop_ids: tuple[int, ...] | None, now: datetime) -> TaskQuery:
    """What of the filters, whatever the order. Raises Problem."""
    states = _known("state", parse_states, parameters.state)
    names = ("source_id", "target_id", "error_kind", "fingerprint", "parent_id", "root_id", "retry_of")
    return TaskQuery(
        states=() if len(states) == len(State) else states,
        types=wanted_types(parameters.type, parameters.group),
        shop_ids=shop_ids,
        account_ids=tuple(dict.fromkeys(parameters.account)),
        order_numbers=order_numbers_of(parameters.order_number) if parameters.order_number else (),
        order=OfOrder(parameters.order_id) if parameters.order_id else None,
        has_retry=parameters.has_retry,
        attempts_from=parameters.attempts_min,
        created=Span(parameters.created_from, parameters.created_to),
        started=Span(parameters.started_from, parameters.started_to),
        completed=Span(parameters.completed_from, parameters.completed_to),
        search=read(parameters.q) if parameters.q else None,
        as_of=past(parameters.as_of, now),
        **{name: getattr(parameters, name) for name in names},
    )


def wanted_types(type_names: Sequence[str], group_names: Sequence[str]) -> tuple[TaskType, ...]:
    """Of these groups, and of these types where some are given; none: of all. Raises Problem when that leaves
    none."""
    types = _known("type", parse_types, type_names)
    of_groups = _known("group", parse_groups, group_names)
    if not (types and of_groups):
        return types or of_groups
    both = tuple(one for one in types if one in of_groups)
    if not both:
        raise invalid("type", "None of these types belongs to these groups, so no task could match.")
    return both


def past(as_of: datetime | None, now: datetime) -> datetime | None:
    """Raises Problem for a moment that lies ahead."""
    if as_of is not None and as_of > now + CLOCK_TOLERANCE:
        raise invalid("as_of", f"This moment has not come yet; it is {now.isoformat(timespec='seconds')}.")
    return as_of


def named_shops(domains: Sequence[str], visible: Sequence[Shop]) -> list[int]:
    """The ids of shops a reader named. Raises Problem for one that is not among those they may see."""
    by_domain = {shop.domain: shop.id for shop in visible}
    missing = [domain for domain in domains if domain.lower() not in by_domain]
    if missing:
        raise invalid(
            "shop", f"{missing[0]!r} is not a shop this token may see; GET /api/v1/shops lists those."
        )
    return [by_domain[domain.lower()] for domain in domains]


def zone_of(name: str) -> ZoneInfo:
    """Raises Problem for what is no time zone."""
    if name not in available_timezones():
        raise invalid("timezone", f"{name!r} is no IANA time zone; an example of one is Europe/Stockholm.")
    return ZoneInfo(name)


def _known(
    field: str, parse: Callable[[Sequence[str]], tuple[Word, ...]], words: Sequence[str]
) -> tuple[Word, ...]:
    try:
        return parse(words)
    except UnknownWord as unknown:
        raise invalid(field, f"{unknown.word!r} is not one of: {', '.join(unknown.known)}.") from unknown
