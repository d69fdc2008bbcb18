"""The parts a list consists of, one after the other, each walked by an index of its own.

By creation a list has one part: ids tell the order. By another column it has the tasks with a value in the
order of that column's index, then those without one. Few tasks are sorted here, whatever the column.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from query_api.repository.driver import By, Driver
from query_api.repository.drivers import driver_of, facts_of, pick_ids, shops_of
from query_api.task_order import KEYS, Spot, in_order, is_after, value_of
from query_api.task_query import IdRange, Sort, TaskQuery, id_range
from shared.db.queries import load_queries_with
from shared.envelope import State
from shared.tasks import TaskType

FEW = 2_000
_LOWEST, _HIGHEST = UUID(int=0), UUID(int=2**128 - 1)
_ENDS: dict[str, tuple[Any, Any]] = {
    "timestamptz": (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)),
    "double precision": (float("-inf"), float("inf")),
    "integer": (-(2**31), 2**31 - 1),
}
_keyed = {
    sort: load_queries_with(
        __file__,
        "task_keys",
        {
            "t.started_at /* column */": f"t.{key.column}",
            "timestamptz /* type */": key.type,
            "t.started_at IS NOT NULL /* where */": key.where,
        },
    )
    for sort, key in KEYS.items()
}
# Tasks without a value are in these states, and few of those in them have one.
_WITHOUT = {
    Sort.STARTED: (State.QUEUED, State.CANCELLED),
    Sort.COMPLETED: (State.QUEUED, State.PROCESSING, State.RETRYING),
    Sort.DURATION: (State.QUEUED, State.PROCESSING, State.CANCELLED),
}


class Leg(Protocol):
    """`covered`: the filters that all its tasks pass. `is_sure`: they all have their value."""

    @property
    def covered(self) -> tuple[str, ...]: ...

    @property
    def is_sure(self) -> bool: ...

    def has(self, spot: Spot, /) -> bool:
        """Whether the spot lies in it; parts before that one are over."""

    async def spots(self, connection: Any, after: Spot | None, /, *, down: bool, wanted: int) -> list[Spot]:
        """At most so many after a spot of its own, from its end on without one. `down`: from high to low."""


@dataclass(frozen=True, slots=True)
class ById:
    """Tasks that a driver leads to, by their ids; all have the same `value`."""

    driver: Driver
    value: Any = None

    @property
    def covered(self) -> tuple[str, ...]:
        return self.driver.covered

    @property
    def is_sure(self) -> bool:
        return self.driver.query.sort not in KEYS

    def has(self, spot: Spot) -> bool:
        return bool(spot.value == self.value)

    async def spots(self, connection: Any, after: Spot | None, *, down: bool, wanted: int) -> list[Spot]:
        within = _beyond(id_range(self.driver.query), after, down=down)
        ids = await pick_ids(connection, self.driver, within, newest=down, wanted=wanted)
        return [Spot(self.value, task_id) for task_id in ids]


@dataclass(frozen=True, slots=True)
class ByKey:
    """Tasks of the query's shops that have a value in a column, by that value."""

    query: TaskQuery
    covered: tuple[str, ...] = ("shop_ids",)
    is_sure: bool = True

    def has(self, spot: Spot) -> bool:
        return spot.value is not None and (self.query.sort is not Sort.ATTEMPTS or spot.value > 1)

    async def spots(self, connection: Any, after: Spot | None, *, down: bool, wanted: int) -> list[Spot]:
        within = id_range(self.query)
        start = after or self._end(down=down)
        queries = _keyed[self.query.sort]
        records = (queries.down if down else queries.up)(
            connection,
            shop_ids=await shops_of(connection, self.query),
            low=within.low,
            high=within.high,
            value=start.value,
            id=start.task_id,
            wanted=wanted,
        )
        return [Spot(record["value"], record["task_id"]) async for record in records]

    def _end(self, *, down: bool) -> Spot:
        """Before the first task that can match."""
        lowest, highest = _ENDS[KEYS[self.query.sort].type]
        span = {Sort.STARTED: self.query.started, Sort.COMPLETED: self.query.completed}.get(self.query.sort)
        if span is not None:
            lowest, highest = span.since or lowest, span.until or highest
        return Spot(highest, _HIGHEST) if down else Spot(lowest, _LOWEST)


@dataclass(frozen=True, slots=True)
class Few:
    """Tasks that are all known, from the top of the list to its bottom."""

    listed: Sequence[Spot]
    descending: bool
    covered: tuple[str, ...] = ()
    is_sure: bool = True

    def has(self, _spot: Spot, /) -> bool:
        return True

    async def spots(self, _: Any, after: Spot | None, /, *, down: bool, wanted: int) -> list[Spot]:
        is_forward = down == self.descending
        listed = self.listed if is_forward else self.listed[::-1]
        beyond = [spot for spot in listed if after is None or self._is_beyond(spot, after, is_forward)]
        return list(beyond[:wanted])

    def _is_beyond(self, spot: Spot, other: Spot, is_forward: bool) -> bool:
        one, another = (spot, other) if is_forward else (other, spot)
        return is_after(one, another, descending=self.descending)


async def legs_of(connection: Any, query: TaskQuery) -> list[Leg]:
    """From the top of the list to its bottom."""
    walked = _also_of_now(query)
    driver = await driver_of(connection, walked)
    if query.sort is Sort.CREATED:
        return [ById(driver)]
    if driver.by not in (By.ALL, By.SHOP):
        ids = await pick_ids(connection, driver, id_range(walked), newest=True, wanted=FEW + 1)
        if len(ids) <= FEW:
            return [await _sorted(connection, driver, ids)]
    return _by_type(walked) if query.sort is Sort.TYPE else _by_key(walked)


def _also_of_now(query: TaskQuery) -> TaskQuery:
    """What ended before a moment is in the same state today; what was under way then may be in any."""
    if query.as_of is None or all(state.is_final for state in query.states):
        return query
    return replace(query, states=())


async def _sorted(connection: Any, driver: Driver, ids: Iterable[UUID]) -> Few:
    query = driver.query
    facts = await facts_of(connection, list(ids))
    spots = [Spot(value_of(fact, query.sort), task_id) for task_id, fact in facts.items()]
    return Few(in_order(spots, descending=query.descending), query.descending, driver.covered)


def _by_type(query: TaskQuery) -> list[Leg]:
    wanted = sorted(query.types or TaskType, reverse=query.descending)
    return [ById(Driver(replace(query, types=(one,)), By.TYPE), one.value) for one in wanted]


def _by_key(query: TaskQuery) -> list[Leg]:
    if query.sort is Sort.ATTEMPTS:
        once: Leg = ById(Driver(query, By.ALL if query.shop_ids is None else By.SHOP), 1)
        repeated: Leg = ByKey(query)
        return [repeated, once] if query.descending else [once, repeated]
    states = _WITHOUT[query.sort]
    asked = tuple(state for state in states if state in (query.states or states))
    keyed: list[Leg] = [ByKey(query)]
    if not asked:
        return keyed
    return [*keyed, ById(Driver(replace(query, states=asked, types=()), By.STATE))]


def _beyond(within: IdRange, after: Spot | None, *, down: bool) -> IdRange:
    if after is None:
        return within
    return within.below(after.task_id) if down else within.above(after.task_id)
