"""The parts of a list that go by the values of a column, each walked by that column's index."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from query_api.repository.drivers import shops_of
from query_api.task_order import KEYS, Key, Spot
from query_api.task_query import Sort, TaskQuery, id_range
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


_keyed = {sort: _queries_by(key, key.where) for sort, key in KEYS.items()}
_troubled = {sort: _queries_by(key, f"{key.where} AND {_OF_TROUBLE}") for sort, key in _TROUBLE_KEYS.items()}


@dataclass(frozen=True, slots=True)
class ByKey:
    """Tasks of the query's shops that have a value in a column, by that value."""

    query: TaskQuery
    covered: tuple[str, ...] = ("shop_ids",)
    is_sure: bool = True

    def has(self, spot: Spot) -> bool:
        return spot.value is not None and (self.query.sort is not Sort.ATTEMPTS or spot.value > 1)

    async def spots(self, connection: Any, after: Spot | None, *, down: bool, wanted: int) -> list[Spot]:
        queries = _keyed[self.query.sort]
        terms = await _terms(connection, self.query, after or _end(self.query, down=down), wanted)
        records = (queries.down if down else queries.up)(connection, **terms)
        return [Spot(record["value"], record["task_id"]) async for record in records]


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
        terms = await _terms(connection, query, after or _end(query, down=down), wanted)
        records = (queries.troubled_down if down else queries.troubled_up)(
            connection,
            **terms,
            states=list(query.states),
            types=list(query.types) or None,
            account_ids=list(query.account_ids) or None,
            error_kind=query.error_kind,
            fingerprint=query.fingerprint,
        )
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


def _end(query: TaskQuery, *, down: bool) -> Spot:
    """Before the first task that can match."""
    lowest, highest = _ENDS[_TROUBLE_KEYS[query.sort].type]
    span = {Sort.STARTED: query.started, Sort.COMPLETED: query.completed}.get(query.sort)
    if span is not None:
        lowest, highest = span.since or lowest, span.until or highest
    return Spot(highest, _HIGHEST) if down else Spot(lowest, _LOWEST)
