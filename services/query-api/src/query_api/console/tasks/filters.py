"""The board's filters as they stand in its address, under the names the API gives them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from types import MappingProxyType
from urllib.parse import urlencode

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from query_api.routes.parameters import SortedTasks
from shared.envelope import State
from shared.tasks import TaskType

Pairs = tuple[tuple[str, str], ...]
QUICK_RANGES = (
    ("Last hour", timedelta(hours=1)),
    ("Last 24 hours", timedelta(hours=24)),
    ("Last 7 days", timedelta(days=7)),
)
USUAL_SORT = "-created"
MOMENTS = tuple(name for name in SortedTasks.model_fields if name.endswith(("_from", "_to", "as_of")))
_NOT_FILTERS = ("sort", "as_of")
_REPEATED = ("state", "type", "group", "shop", "account")
_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "q": "Search",
        "order_number": "Order",
        "order_id": "Order ID",
        "source_id": "Source ID",
        "target_id": "Target ID",
        "error_kind": "Kind of error",
        "fingerprint": "Equal failures",
        "parent_id": "Caused by",
        "root_id": "All that came of",
        "retry_of": "Retries of",
        "has_retry": "Retried",
        "attempts_min": "Attempts, at least",
        "created_from": "Created from",
        "created_to": "Created before",
        "started_from": "Started from",
        "started_to": "Started before",
        "completed_from": "Completed from",
        "completed_to": "Completed before",
    }
)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in words; `address`: the board without it."""

    label: str
    value: str
    address: str


@dataclass(frozen=True, slots=True)
class Filters:
    """`pairs`: what the address holds, moments with their offset; `asked`: what that means."""

    pairs: Pairs
    asked: SortedTasks

    def address(self, cursor: str | None = None) -> str:
        """The page that shows this."""
        return _address([*self.pairs, *([("cursor", cursor)] if cursor else [])])

    @property
    def query(self) -> str:
        """As the API takes it."""
        return urlencode(self.pairs)

    def with_only(self, name: str, *values: str) -> str:
        """The board with one filter given other values, or none."""
        return _address(
            [pair for pair in self.pairs if pair[0] != name] + [(name, value) for value in values]
        )

    def without(self, name: str, value: str) -> str:
        return _address([pair for pair in self.pairs if pair != (name, value)])

    def sorted_by(self, column: str) -> str:
        """The board sorted by a column: from the top down first, and the other way round after that."""
        wanted = column if self.asked.sort == f"-{column}" else f"-{column}"
        return self.with_only("sort", *([] if wanted == USUAL_SORT else [wanted]))

    def direction_of(self, column: str) -> str | None:
        """`ascending`, `descending`, or None where the list is not sorted by it."""
        if self.asked.sort.removeprefix("-") != column:
            return None
        return "descending" if self.asked.sort.startswith("-") else "ascending"

    @property
    def cleared(self) -> str:
        """The board with all there is, in the same order."""
        return _address([pair for pair in self.pairs if pair[0] in _NOT_FILTERS])

    def only(self, name: str, value: str) -> str:
        """The board with one filter alone, in the same order and as of the same moment."""
        return _address([*(pair for pair in self.pairs if pair[0] in _NOT_FILTERS), (name, value)])

    @property
    def count(self) -> int:
        return sum(name not in _NOT_FILTERS for name, _ in self.pairs)

    def values(self, name: str) -> list[str]:
        return [value for given, value in self.pairs if given == name]

    def value(self, name: str) -> str:
        return next(iter(self.values(name)), "")

    def has(self, state: State) -> bool:
        return state.value in self.values("state")

    def has_type(self, task_type: TaskType) -> bool:
        return task_type.value in self.values("type")

    def chips(self, zone: tzinfo, names: Mapping[str, str]) -> list[Chip]:
        """What is not shown by the form's own controls. `names`: of accounts, by their ids."""
        chips = []
        for name, value in self.pairs:
            words = names.get(value, value) if name == "account" else value
            label = _LABELS.get(name) or (name.capitalize() if name in ("group", "type", "account") else None)
            if label:
                chips.append(Chip(label, _worded(name, words, zone), self.without(name, value)))
        return chips


def parse_filters(parameters: Iterable[tuple[str, str]], zone: tzinfo = UTC) -> Filters:
    """From the address's parameters; unknown ones are ignored, moments without an offset are the viewer's.
    Raises RequestValidationError for values without a sense."""
    known = SortedTasks.model_fields
    given = [(name, value.strip()) for name, value in parameters if name in known and value.strip()]
    pairs = [(name, _with_offset(value, zone) if name in MOMENTS else value) for name, value in given]
    pairs = [pair for pair in dict.fromkeys(pairs) if pair != ("sort", USUAL_SORT)]
    last = {name: value for name, value in pairs if name not in _REPEATED}
    lists = {name: [value for given, value in pairs if given == name] for name in _REPEATED}
    try:
        asked = SortedTasks.model_validate(last | lists)
    except ValidationError as error:
        raise RequestValidationError(
            [{**one, "loc": ("query", *one["loc"])} for one in error.errors()]
        ) from error
    return Filters(tuple(pair for pair in pairs if pair[0] in _REPEATED or last[pair[0]] == pair[1]), asked)


def quick_ranges(filters: Filters, now: datetime) -> list[tuple[str, str]]:
    """Names and addresses of the usual ranges of creation, to the minute."""
    minute = now.astimezone(UTC).replace(second=0, microsecond=0)
    pairs = [pair for pair in filters.pairs if pair[0] not in ("created_from", "created_to")]
    return [
        (name, _address([*pairs, ("created_from", (minute - ago).isoformat())])) for name, ago in QUICK_RANGES
    ]


def moment_text(moment: datetime, zone: tzinfo = UTC) -> str:
    """As a `datetime-local` input takes it, as precise as it needs to be."""
    plain = moment.astimezone(zone).replace(tzinfo=None)
    if plain.microsecond:
        return plain.isoformat(timespec="milliseconds")
    return plain.isoformat(timespec="seconds" if plain.second else "minutes")


def _with_offset(text: str, zone: tzinfo) -> str:
    """What is no moment stays as it is, to be refused."""
    try:
        moment = datetime.fromisoformat(text)
        return text if moment.tzinfo else moment.replace(tzinfo=zone).isoformat()
    except (ValueError, OverflowError):
        return text


def _worded(name: str, value: str, zone: tzinfo) -> str:
    if name in MOMENTS:
        return moment_text(datetime.fromisoformat(value.replace(" ", "+")), zone).replace("T", " ")
    return {"true": "yes", "false": "no"}.get(value, value) if name == "has_retry" else value


def _address(pairs: Sequence[tuple[str, str]]) -> str:
    return "/?" + urlencode(pairs) if pairs else "/"
