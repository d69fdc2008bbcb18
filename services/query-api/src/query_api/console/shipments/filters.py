"""The filters of the list of shipments as they stand in its address, named as the API names them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from types import MappingProxyType
from urllib.parse import urlencode

from query_api.console.alerts.filters import with_offset
from query_api.console.entered import checked
from query_api.console.shipments.columns import Column
from query_api.routes.shipment_parameters import ShipmentFilter, ShipmentListParameters

PATH = "/shipments"
PAGE_SIZE = 50
USUAL_SORT = "-created"
MOMENTS = ("created_from", "created_to", "last_attempt_from", "last_attempt_to")
QUICK_RANGES = (
    ("Last 24 hours", timedelta(hours=24)),
    ("Last 7 days", timedelta(days=7)),
    ("Last 30 days", timedelta(days=30)),
)
_REPEATED = ("state", "shop", "account_id")
_NAMES = (*ShipmentFilter.model_fields, "sort")
_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "account_id": "Account",
        "shipment_id": "Shipment ID",
        "created_from": "Created from",
        "created_to": "Created before",
        "last_attempt_from": "Last attempt from",
        "last_attempt_to": "Last attempt before",
    }
)
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in words; `address`: the list without it."""

    label: str
    value: str
    address: str


@dataclass(frozen=True, slots=True)
class Filters:
    """`pairs`: what the address holds, moments with their offset; `asked`: what that means."""

    pairs: Pairs
    asked: ShipmentListParameters

    def address(self, cursor: str | None = None, *, path: str = PATH) -> str:
        """The page that shows this."""
        return _address([*self.pairs, *([("cursor", cursor)] if cursor else [])], path)

    @property
    def query(self) -> str:
        return urlencode(self.pairs)

    @property
    def count(self) -> int:
        return sum(name != "sort" for name, _ in self.pairs)

    @property
    def cleared(self) -> str:
        """All there are, in the same order."""
        return _address([pair for pair in self.pairs if pair[0] == "sort"])

    @property
    def wanted(self) -> ShipmentFilter:
        """Without the order."""
        given = self.asked.model_dump(include=set(ShipmentFilter.model_fields), exclude_defaults=True)
        return ShipmentFilter(**given)

    def values(self, name: str) -> list[str]:
        return [value for given, value in self.pairs if given == name]

    def value(self, name: str) -> str:
        return next(iter(self.values(name)), "")

    def sorted_by(self, column: Column) -> str:
        """Numbers and moments from the largest down first, words from A; the other way round after that."""
        first, second = f"-{column.sort}", f"{column.sort}"
        if column.is_text:
            first, second = second, first
        wanted = second if self.asked.sort == first else first
        kept = [pair for pair in self.pairs if pair[0] != "sort"]
        return _address([*kept, *([] if wanted == USUAL_SORT else [("sort", wanted)])])

    def direction_of(self, column: Column) -> str | None:
        """`ascending`, `descending`, or None where the list is not sorted by it."""
        if column.sort is None or self.asked.sort.removeprefix("-") != column.sort:
            return None
        return "descending" if self.asked.sort.startswith("-") else "ascending"

    def chips(self, accounts: Mapping[str, str], zone: tzinfo) -> list[Chip]:
        """What the form's open controls do not show. `accounts`: names by ids."""
        return [
            Chip(_LABELS[name], self._worded(name, value, accounts, zone), self._without(name, value))
            for name, value in self.pairs
            if name in _LABELS
        ]

    def quick_ranges(self, now: datetime) -> list[tuple[str, str]]:
        """Names and addresses of the usual ranges of creation, to the minute."""
        minute = now.astimezone(UTC).replace(second=0, microsecond=0)
        kept = [pair for pair in self.pairs if pair[0] not in ("created_from", "created_to")]
        return [
            (name, _address([*kept, ("created_from", (minute - ago).isoformat())]))
            for name, ago in QUICK_RANGES
        ]

    def _worded(self, name: str, value: str, accounts: Mapping[str, str], zone: tzinfo) -> str:
        if name in MOMENTS:
            moment: datetime = getattr(self.asked, name)
            return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
        return accounts.get(value, value) if name == "account_id" else value

    def _without(self, name: str, value: str) -> str:
        return _address([pair for pair in self.pairs if pair != (name, value)])


def parse_filters(parameters: Iterable[tuple[str, str]], zone: tzinfo = UTC) -> Filters:
    """From the address's parameters; unknown ones are ignored, moments without an offset are the viewer's.
    Raises Problem for values without a sense."""
    given = [(name, value.strip()) for name, value in parameters if value.strip()]
    known = dict.fromkeys((name, _absolute(name, value, zone)) for name, value in given if name in _NAMES)
    last = {name: value for name, value in known if name not in _REPEATED}
    lists = {name: [value for other, value in known if other == name] for name in _REPEATED}
    cursor = {name: value for name, value in given if name == "cursor"}
    asked = checked(ShipmentListParameters, {**last, **lists, **cursor, "limit": PAGE_SIZE})
    kept = [pair for pair in known if pair[0] in _REPEATED or last[pair[0]] == pair[1]]
    return Filters(tuple(pair for pair in kept if pair != ("sort", USUAL_SORT)), asked)


def _absolute(name: str, value: str, zone: tzinfo) -> str:
    return with_offset(value, zone) if name in MOMENTS else value


def _address(pairs: Sequence[tuple[str, str]], path: str = PATH) -> str:
    return f"{path}?{urlencode(pairs)}" if pairs else path
