"""The filters of the list of alerts as they stand in its address, named as the API names them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urlencode

from query_api.console.entered import checked
from query_api.routes.alert_parameters import AlertsParameters

PATH = "/alerts"
PAGE_SIZE = 25
_REPEATED = ("state", "rule", "severity", "shop")
_NAMES = (*_REPEATED, "since")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """`pairs`: what the address holds, moments with their offset; `asked`: what that means."""

    pairs: Pairs
    asked: AlertsParameters

    def address(self, cursor: str | None = None) -> str:
        return _address([*self.pairs, *([("cursor", cursor)] if cursor else [])])

    def without(self, name: str, value: str) -> str:
        return _address([pair for pair in self.pairs if pair != (name, value)])

    def values(self, name: str) -> list[str]:
        return [value for given, value in self.pairs if given == name]

    def has(self, name: str, value: str) -> bool:
        return (name, value) in self.pairs

    @property
    def count(self) -> int:
        return len(self.pairs)


def parse_filters(parameters: Iterable[tuple[str, str]], zone: tzinfo) -> Filters:
    """From the address's parameters; unknown ones are ignored, moments without an offset are the viewer's.
    Raises Problem for values without a sense."""
    given = [(name, value.strip()) for name, value in parameters if value.strip()]
    known = dict.fromkeys((name, _absolute(name, value, zone)) for name, value in given if name in _NAMES)
    last = {name: value for name, value in known if name not in _REPEATED}
    lists = {name: [value for other, value in known if other == name] for name in _REPEATED}
    cursor = {name: value for name, value in given if name == "cursor"}
    asked = checked(AlertsParameters, {**last, **lists, **cursor, "limit": PAGE_SIZE})
    return Filters(tuple(pair for pair in known if pair[0] in _REPEATED or last[pair[0]] == pair[1]), asked)


def _absolute(name: str, value: str, zone: tzinfo) -> str:
    return with_offset(value, zone) if name == "since" else value


def with_offset(text: str, zone: tzinfo) -> str:
    """A moment of the viewer's clock, for everybody; what is no moment stays as it is, to be refused."""
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        return text if moment.tzinfo else moment.replace(tzinfo=zone).isoformat()
    except (ValueError, OverflowError):
        return text


def _address(pairs: Sequence[tuple[str, str]]) -> str:
    return f"{PATH}?{urlencode(pairs)}" if pairs else PATH
