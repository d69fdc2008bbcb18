"""What may be asked of the list of tasks, and how it is checked."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from query_api.problems import invalid
from query_api.repository.records import Shop
from query_api.task_query import STATE_ALIASES, TaskQuery, UnknownWord, parse_states, parse_types
from shared.envelope import State
from shared.tasks import TaskType

Word = TypeVar("Word")
CLOCK_TOLERANCE = timedelta(seconds=5)


def _restore_plus(value: object) -> object:
    """`+01:00` reaches us as ` 01:00` from senders that do not escape it."""
    return value.replace(" ", "+") if isinstance(value, str) and value[-6:-5] == " " else value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside of the years 1 to 9999") from None


Moment = Annotated[AwareDatetime, BeforeValidator(_restore_plus), AfterValidator(_in_utc)]
_MOMENT = "RFC 3339 with an offset, e.g. 2026-11-21T08:00:00Z"
AsOf = Annotated[
    Moment | None, Field(description=f"Answer as the log was at that moment. {_MOMENT}", examples=[None])
]


class AsOfParameter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    as_of: AsOf = None


class TaskListParameters(AsOfParameter):
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
    shop: list[str] = Field(default=[], description="A shop's domain; may be repeated")
    created_from: Moment | None = Field(default=None, description=f"Created at or after. {_MOMENT}")
    created_to: Moment | None = Field(default=None, description=f"Created before. {_MOMENT}")
    sort: Literal["-created", "created"] = Field(
        default="-created", description="By time of creation: `-created` newest first, `created` oldest first"
    )
    limit: int = Field(default=50, ge=1, le=500)
    cursor: str | None = Field(
        default=None,
        description="`next` or `previous` of an answer to the same query; only the limit may differ",
    )


def task_query(parameters: TaskListParameters, shop_ids: tuple[int, ...] | None, now: datetime) -> TaskQuery:
    """`shop_ids`: the shops to look at, already narrowed to those the reader may see. Raises Problem."""
    states = _known("state", parse_states, parameters.state)
    return TaskQuery(
        states=() if len(states) == len(State) else states,
        types=_known("type", parse_types, parameters.type),
        shop_ids=shop_ids,
        created_from=parameters.created_from,
        created_to=parameters.created_to,
        newest_first=parameters.sort == "-created",
        as_of=past(parameters.as_of, now),
    )


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
