"""The board's filters as they stand in its address. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from query_api.problems import invalid
from query_api.task_query import TaskQuery, UnknownWord, parse_states, parse_types
from query_api.time_spans import Span
from shared.envelope import State
from shared.tasks import TaskType

QUICK_RANGES = (
    ("Last hour", timedelta(hours=1)),
    ("Last 24 hours", timedelta(hours=24)),
    ("Last 7 days", timedelta(days=7)),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty: not filtered by that. Moments are in UTC; `shop` is a domain."""

    states: tuple[State, ...] = ()
    types: tuple[TaskType, ...] = ()
    shop: str = ""
    created_from: datetime | None = None
    created_to: datetime | None = None
    newest_first: bool = True
    as_of: datetime | None = None

    @property
    def count(self) -> int:
        """How many things the list is filtered by."""
        return sum(map(bool, (self.states, self.types, self.shop, self.created_from or self.created_to)))

    @property
    def cleared(self) -> "Filters":
        return Filters(newest_first=self.newest_first, as_of=self.as_of)

    @property
    def reversed(self) -> "Filters":
        return replace(self, newest_first=not self.newest_first)

    def only(self, *states: State) -> "Filters":
        return replace(self, states=states)

    def query(self, shop_ids: tuple[int, ...] | None) -> TaskQuery:
        return TaskQuery(
            states=() if len(self.states) == len(State) else self.states,
            types=self.types,
            shop_ids=shop_ids,
            created=Span(self.created_from, self.created_to),
            descending=self.newest_first,
            as_of=self.as_of,
        )

    def address(self, cursor: str | None = None) -> str:
        """The page that shows this."""
        pairs = [("state", state.value) for state in self.states]
        pairs += [("type", task_type.value) for task_type in self.types]
        pairs += [("shop", self.shop)] if self.shop else []
        moments = (
            ("created_from", self.created_from),
            ("created_to", self.created_to),
            ("as_of", self.as_of),
        )
        pairs += [(name, moment_text(moment)) for name, moment in moments if moment is not None]
        pairs += [] if self.newest_first else [("sort", "created")]
        pairs += [("cursor", cursor)] if cursor else []
        return "/?" + urlencode(pairs) if pairs else "/"


def parse_filters(parameters: Iterable[tuple[str, str]]) -> Filters:
    """From the address's parameters; unknown ones are ignored. Raises Problem for values without a sense."""
    given: dict[str, list[str]] = {}
    for name, value in parameters:
        if value:
            given.setdefault(name, []).append(value)
    try:
        states, types = parse_states(given.get("state", ())), parse_types(given.get("type", ()))
    except UnknownWord as unknown:
        raise invalid("filter", f"There is no state or type {unknown.word!r}.") from unknown
    return Filters(
        states=states,
        types=types,
        shop=_last(given, "shop").lower(),
        created_from=_moment(given, "created_from"),
        created_to=_moment(given, "created_to"),
        newest_first=_last(given, "sort") != "created",
        as_of=_moment(given, "as_of"),
    )


def quick_ranges(filters: Filters, now: datetime) -> list[tuple[str, str]]:
    """Names and addresses of the usual ranges of creation, to the minute."""
    minute = now.astimezone(UTC).replace(second=0, microsecond=0)
    return [
        (name, replace(filters, created_from=minute - ago, created_to=None).address())
        for name, ago in QUICK_RANGES
    ]


def moment_text(moment: datetime) -> str:
    """As a `datetime-local` input takes it, in UTC, as precise as it needs to be."""
    plain = moment.astimezone(UTC).replace(tzinfo=None)
    if plain.microsecond:
        return plain.isoformat(timespec="milliseconds")
    return plain.isoformat(timespec="seconds" if plain.second else "minutes")


def _moment(given: dict[str, list[str]], name: str) -> datetime | None:
    text = _last(given, name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(name, f"{text!r} is no date and time, e.g. 2026-11-21T08:00.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _last(given: dict[str, list[str]], name: str) -> str:
    values: Sequence[str] = given.get(name, ())
    return values[-1] if values else ""
