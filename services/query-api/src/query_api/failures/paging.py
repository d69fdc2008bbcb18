"""A list of kinds of failure in the order that was asked for, page by page. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from query_api.failures.groups import Failure, FailureState
from query_api.places import Place, malformed, moment_of


class FailureSort(StrEnum):
    LAST = "last"
    FIRST = "first"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class FailureQuery:
    """Empty or None: any. `since`: failed then or later."""

    shop_ids: tuple[int, ...]
    since: datetime
    is_since_given: bool
    types: tuple[str, ...] = ()
    account_ids: tuple[int, ...] = ()
    error_kind: str | None = None
    states: tuple[FailureState, ...] = ()
    sort: FailureSort = FailureSort.LAST
    descending: bool = True

    @property
    def mark(self) -> bytes:
        """Equal for equal questions; a moment that was not asked for is none of the question."""
        names = {one.name for one in fields(self)} - (set() if self.is_since_given else {"since"})
        parts = [(name, _settled(getattr(self, name))) for name in sorted(names)]
        return hashlib.sha256(repr(("failures", parts)).encode()).digest()[:8]


@dataclass(frozen=True, slots=True)
class Page:
    failures: Sequence[Failure]
    next: Place | None
    previous: Place | None


def page_of(failures: Sequence[Failure], query: FailureQuery, place: Place | None, *, limit: int) -> Page:
    """Raises InvalidCursor for a place that is in no such list."""
    ordered = sorted(failures, key=lambda one: _key(one, query.sort), reverse=query.descending)
    keys = [_key(one, query.sort) for one in ordered]
    start, end = 0, limit
    if place is not None:
        start, end = _range(keys, place, query, limit)
    shown = ordered[start:end]
    return Page(
        shown,
        _place(shown[-1], query, is_forward=True) if shown and end < len(ordered) else None,
        _place(shown[0], query, is_forward=False) if shown and start > 0 else None,
    )


def _range(keys: Sequence[Any], place: Place, query: FailureQuery, limit: int) -> tuple[int, int]:
    at = _read(place, query.sort)
    if place.is_forward:
        start = sum(1 for key in keys if (key >= at if query.descending else key <= at))
        return start, start + limit
    end = sum(1 for key in keys if (key > at if query.descending else key < at))
    return max(end - limit, 0), end


def _key(failure: Failure, sort: FailureSort) -> tuple[Any, str]:
    value = {
        FailureSort.LAST: failure.last_at,
        FailureSort.FIRST: failure.first_at,
        FailureSort.COUNT: failure.n,
    }[sort]
    return value, failure.fingerprint


def _place(failure: Failure, query: FailureQuery, *, is_forward: bool) -> Place:
    value, fingerprint = _key(failure, query.sort)
    return Place((value.isoformat() if isinstance(value, datetime) else value, fingerprint), is_forward)


def _read(place: Place, sort: FailureSort) -> tuple[Any, str]:
    match place.keys:
        case (int(n), str(fingerprint)) if sort is FailureSort.COUNT:
            return n, fingerprint
        case (str(text), str(fingerprint)) if sort is not FailureSort.COUNT:
            return moment_of(text), fingerprint
    raise malformed()


def _settled(value: Any) -> Any:
    return sorted(value) if isinstance(value, tuple) else str(value)
