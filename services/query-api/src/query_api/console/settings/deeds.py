"""The audit log as its page shows it, and its filters as they stand in the address, named as the API names
them. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from urllib.parse import quote, urlencode

from query_api.console.alerts.filters import with_offset
from query_api.console.entered import checked
from query_api.routes.audit import AuditParameters
from query_api.schemas.audit import DeedOut

PATH = "/settings/audit"
PAGE_SIZE = 50
_REPEATED = ("shop", "actor", "action")
_MOMENTS = ("since", "until")
_NAMES = (*_REPEATED, "subject", *_MOMENTS)
_PLACES: Mapping[str, str] = {
    "account": "/accounts",
    "alert": "/alerts",
    "failure": "/failures",
    "fetch": "/accounts",
    "import": "/imports",
    "operation": "/operations",
    "publish": "/accounts",
    "retention": "/settings/shops",
    "shipment": "/shipments",
    "shop": "/settings/shops",
    "task": "/tasks",
}
_IS_PLAIN = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Filters:
    """`values`: what the address holds, moments with their offset; `asked`: what that means."""

    values: Mapping[str, str]
    asked: AuditParameters

    def address(self, before: str | None = None) -> str:
        pairs = {**self.values, **({"before": before} if before else {})}
        return f"{PATH}?{urlencode(pairs)}" if pairs else PATH

    def only(self, name: str, value: str) -> str:
        """These filters with one of them so."""
        return f"{PATH}?{urlencode({**self.values, name: value})}"

    @property
    def count(self) -> int:
        return len(self.values)

    def value(self, name: str) -> str:
        return self.values.get(name, "")


@dataclass(frozen=True, slots=True)
class Row:
    """A deed; `address`: of what it was done to, where that has a page. `facts`: its detail in words."""

    deed: DeedOut
    address: str | None
    facts: Sequence[tuple[str, str]]


def parse_filters(parameters: Iterable[tuple[str, str]], zone: tzinfo) -> Filters:
    """Unknown parameters are ignored, moments without an offset are the viewer's. Raises Problem for values
    without a sense."""
    given = {name: value.strip() for name, value in parameters if value.strip()}
    values = {
        name: with_offset(given[name], zone) if name in _MOMENTS else given[name]
        for name in _NAMES
        if name in given
    }
    asked: dict[str, Any] = {name: [value] if name in _REPEATED else value for name, value in values.items()}
    asked |= {"before": given["before"]} if "before" in given else {}
    return Filters(values, checked(AuditParameters, asked | {"limit": PAGE_SIZE}))


def rows_of(deeds: Iterable[DeedOut]) -> list[Row]:
    return [Row(deed, _address_of(deed), _facts(deed.detail)) for deed in deeds]


def _address_of(deed: DeedOut) -> str | None:
    """Subjects of two words, such as `token 3`, have no page of their own."""
    if deed.subject is None or not _IS_PLAIN.fullmatch(deed.subject):
        return None
    words = deed.action.split(".")
    place = _PLACES.get(words[0]) or _PLACES.get(words[-1])
    return None if place is None else f"{place}/{quote(deed.subject)}"


def _facts(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Without what is not there."""
    return [
        (name.replace("_", " ").replace(" ids", ""), _said(value))
        for name, value in detail.items()
        if value not in (None, [], {}, "")
    ]


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict) and set(value) == {"from", "to"}:
        return f"{_end(value['from'])} → {_end(value['to'])}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _end(value: Any) -> str:
    return "—" if value is None else _said(value)
