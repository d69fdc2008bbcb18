"""The parts of a list that go by the values of a column, each walked by that column's index."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from query_api.repository.drivers import shops_of
from query_api.repository.plans import planned_once
from query_api.task_matching import Kind
from query_api.task_order import KEYS, Key, Spot
from query_api.task_query import NEAR, Sort, TaskQuery, id_range, near
from query_api.time_spans import ANY_TIME, Span
from shared.db.queries import load_queries_with
from shared.envelope import State

_TROUBLED = (State.RETRYING, State.FAILED, State.CANCELLED)
_OF_TROUBLE = "(t.error_kind IS NOT NULL OR t.state IN ('retrying', 'failed', 'cancelled'))"
# Their indexes hold all of them, whatever their value.
_TROUBLE_KEYS = {
    **KEYS,
    Sort.ATTEMPTS: replace(KEYS[Sort.ATTEMPTS], where="TRUE"),
    Sort.TYPE: Key('type COLLATE "C"', "text", "TRUE"),
}
_NEAR_MINUTES = NEAR // timedelta(minutes=1)
_OF_TIME = (Sort.STARTED, Sort.COMPLETED)
_LOWEST, _HIGHEST = UUID(int=0), UUID(int=2**128 - 1)
_ENDS: dict[str, tuple[Any, Any]] = {
    "timestamptz": (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)),
    "double precision": (float("-inf"), float("inf")),
    "integer": (-(2**31), 2**31 - 1),
    "text": ("", "\U0010ffff"),
}


def _queries_by(key: Key, where: str) -> Any:
    marks = {
        "t.started_at /* column */": f"t.{key.column}",
        "timestamptz /* type */": key.type,
        "t.started_at IS NOT NULL /* where */": where,
    }
    return load_queries_with(__file__, "task_keys", marks)


def _is_far(key: Key) -> str:
    """Word for word as their indexes say it."""
    near_by = f"INTERVAL '-{_NEAR_MINUTES} minutes' AND INTERVAL '{_NEAR_MINUTES} minutes'"
    return f"t.{key.column} - t.created_at NOT BETWEEN {near_by}"


_keyed = {sort: _queries_by(key, key.where) for sort, key in KEYS.items()}
_far = {sort: _queries_by(KEYS[sort], f"{KEYS[sort].where} AND {_is_far(KEYS[sort])}") for sort in _OF_TIME}
_troubled = {sort: _queries_by(key, f"{key.where} AND {_OF_TROUBLE}") for sort, key in _TROUBLE_KEYS.items()}


@dataclass(frozen=True, slots=True)
class ByKey:
    """Tasks of the query's shops that have a value in a column, by that value. `values`: only these moments;
    `is_far`: only what began or ended long after it was created, or before."""

    query: TaskQuery
    values: Span = ANY_TIME
    is_far: bool = False
    covered: tuple[str, ...] = ("shop_ids",)
    is_sure: bool = True

    def has(self, spot: Spot) -> bool:
        if spot.value is None or (self.query.sort is Sort.ATTEMPTS and spot.value <= 1):
            return False
        return self.values.holds(spot.value)

    async def spots(self, connection: Any, after: Spot | None, *, down: bool, wanted: int) -> list[Spot]:
        query, queries = self.query, (_far if self.is_far else _keyed)[self.query.sort]
        terms = await _terms(connection, query, after or _end(query, self.values, down=down), wanted)
        least, most = _ENDS[KEYS[query.sort].type]
        records = (
            queries.down(connection, **terms, least=self.values.since or least)
            if down
            else queries.up(connection, **terms, most=self.values.until or most)
        )
        async with planned_once(connection):
            return [Spot(value, task_id, Kind(*kind)) async for task_id, value, *kind in records]


def by_key(query: TaskQuery) -> list[ByKey]:
    """From the top of the list to its bottom.

    Of what was created in a part of a day, in the order of when it began or ended: most did so at once, so
    the index is walked where they lie, and not past all else of that day; the others have a small one.
    """
    if query.sort not in _OF_TIME:
        return [ByKey(query)]
    nearby, asked = near(id_range(query)), _asked_for(query)
    parts = [ByKey(query, nearby)]
    if nearby.since is not None and (asked.since is None or asked.since < nearby.since):
        parts.insert(0, ByKey(query, Span(None, nearby.since), is_far=True))
    last = min(filter(None, (asked.until, query.as_of)), default=None)
    if nearby.until is not None and (last is None or last > nearby.until):
        parts.append(ByKey(query, Span(nearby.until, None), is_far=True))
    return parts[::-1] if query.descending else parts


@dataclass(frozen=True, slots=True)
class ByTrouble:
    """The same of tasks that did not simply succeed: so few that other filters are applied on the way.

    The query names their states.
    """

    query: TaskQuery
    covered: tuple[str, ...] = ("shop_ids", "states", "types", "account_ids", "error_kind", "fingerprint")
    is_sure: bool = True

    def has(self, spot: Spot) -> bool:
        return spot.value is not None

    async def spots(self, connection: Any, after: Spot | None, *, down: bool, wanted: int) -> list[Spot]:
        query, queries = self.query, _troubled[self.query.sort]
        terms = await _terms(connection, query, after or _end(query, ANY_TIME, down=down), wanted)
        records = (queries.troubled_down if down else queries.troubled_up)(
            connection,
            **terms,
            states=list(query.states),
            types=list(query.types) or None,
            account_ids=list(query.account_ids) or None,
            error_kind=query.error_kind,
            fingerprint=query.fingerprint,
        )
        async with planned_once(connection):
            return [Spot(record["value"], record["task_id"]) async for record in records]


def is_of_trouble(query: TaskQuery) -> bool:
    """Whether only tasks that did not simply succeed match: now, or for good if it is about the past."""
    return bool(query.states and all(state in _TROUBLED for state in query.states)) or is_of_errors(query)


def is_of_errors(query: TaskQuery) -> bool:
    """Whether only tasks with an error match, now."""
    if query.as_of is not None:
        return False
    is_of_words_alone = query.search is not None and query.search.are_only_frequent_words
    return is_of_words_alone or query.error_kind is not None or query.fingerprint is not None


async def _terms(connection: Any, query: TaskQuery, start: Spot, wanted: int) -> dict[str, Any]:
    within = id_range(query)
    return {
        "shop_ids": await shops_of(connection, query),
        "low": within.low,
        "high": within.high,
        "value": start.value,
        "id": start.task_id,
        "wanted": wanted,
    }


def _end(query: TaskQuery, values: Span, *, down: bool) -> Spot:
    """Before the first task that can match and has one of the values."""
    lowest, highest = _ENDS[_TROUBLE_KEYS[query.sort].type]
    both = (_asked_for(query), values)
    if not down:
        return Spot(max((span.since for span in both if span.since), default=lowest), _LOWEST)
    untils = [span.until for span in both if span.until]
    return Spot(min(untils), _LOWEST) if untils else Spot(highest, _HIGHEST)


def _asked_for(query: TaskQuery) -> Span:
    """The moments the query asks for, of those it is sorted by."""
    return {Sort.STARTED: query.started, Sort.COMPLETED: query.completed}.get(query.sort, ANY_TIME)
