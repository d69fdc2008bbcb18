"""Shopify's search syntax, as far as lists use it; what is not understood is ignored, with a warning."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Getter = Callable[[Any], Any]
_WORDS = re.compile(r"""\s*((?:[^\s'"]|'[^']*'|"[^"]*")+)""")
_TERM = re.compile(r"(?P<minus>-?)(?P<field>\w+):(?P<comparison>>=|<=|>|<)?(?P<value>.+)", re.DOTALL)
_BARE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "": operator.eq,
}


@dataclass(frozen=True)
class Term:
    """One condition; `alternatives` of the same group follow each other with OR between them."""

    field: str
    comparison: str
    value: Any
    negated: bool
    getter: Getter

    def holds(self, resource: Any) -> bool:
        found = self.getter(resource)
        values = found if isinstance(found, tuple) else (found,)
        compare = _COMPARE[self.comparison]
        return any(value is not None and compare(value, self.value) for value in values) != self.negated


@dataclass
class Search:
    """Holds for a resource when one alternative of every group does."""

    text: str
    groups: list[list[Term]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)

    def holds(self, resource: Any) -> bool:
        return all(any(term.holds(resource) for term in group) for group in self.groups)

    def bound(self, name: str, comparisons: tuple[str, ...]) -> Any:
        """The tightest limit these comparisons set for a field on their own, or None."""
        alone = [group[0] for group in self.groups if len(group) == 1 and not group[0].negated]
        values = [term.value for term in alone if term.field == name and term.comparison in comparisons]
        return (max(values) if ">" in comparisons else min(values)) if values else None


@dataclass(frozen=True)
class Searchable:
    """The fields of one kind of resource: when it happened, what it is called, and what has an order."""

    times: Mapping[str, Getter]
    texts: Mapping[str, Getter]
    plain: Getter
    numbers: Mapping[str, Getter] = field(default_factory=dict)


def parse(text: str | None, searchable: Searchable) -> Search:
    """Read a search text; never fails."""
    search = Search(text or "")
    joined = False
    for word in (match[1] for match in _WORDS.finditer(search.text)):
        if word in ("AND", "OR"):
            joined = word == "OR" and bool(search.groups)
            continue
        term = _term(word.strip("()"), searchable, search.warnings)
        if term is not None and joined:
            search.groups[-1].append(term)
        elif term is not None:
            search.groups.append([term])
        joined = False
    return search


def _term(word: str, searchable: Searchable, warnings: list[dict[str, str]]) -> Term | None:
    match = _TERM.fullmatch(word)
    if match is None:
        return Term("", "", _plain(word), negated=False, getter=_lowered(searchable.plain))
    name, raw = match["field"], match["value"]
    comparison, negated = match["comparison"] or "", bool(match["minus"])
    if name in searchable.texts:
        return Term(name, comparison, _plain(raw), negated, _lowered(searchable.texts[name]))
    if name in searchable.numbers and raw.isdecimal():
        return Term(name, comparison, int(raw), negated, searchable.numbers[name])
    if name not in searchable.times:
        warnings.append(_warning(name, "Invalid search field for this query.", "invalid_field"))
        return None
    moment = _moment(raw)
    if moment is None:
        warnings.append(_warning(name, f"Input `{raw}` is not an accepted value.", "invalid_value"))
        return None
    return Term(name, comparison, moment, negated, searchable.times[name])


def _moment(raw: str) -> datetime | None:
    """A quoted timestamp or a bare date: a time of day without quotes is not understood."""
    text = raw.strip("'\"")
    if text == raw and not _BARE_DATE.fullmatch(raw):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _plain(raw: str) -> str:
    return raw.strip("'\"").lower()


def _lowered(getter: Getter) -> Getter:
    def lowered(resource: Any) -> Any:
        found = getter(resource)
        values = found if isinstance(found, tuple) else (found,)
        return tuple(str(value).lower() for value in values if value is not None)

    return lowered


def _warning(name: str, message: str, code: str) -> dict[str, str]:
    return {"field": name, "message": message, "code": code}
