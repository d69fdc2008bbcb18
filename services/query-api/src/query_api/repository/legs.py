"""The parts a list consists of, one after the other, each walked by an index of its own.

By creation a list has one part: ids tell the order. By another column it has the tasks with a value in the
order of that column's index, then those without one. Few tasks are sorted here, whatever the column.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from query_api.repository.driver import By, Driver, in_states
from query_api.repository.drivers import driver_of, facts_of, leads_to_more, number_of, pick_ids, types_there
from query_api.repository.keyed import ByKey, ByTrouble, by_key, is_of_errors, is_of_trouble
from query_api.repository.meant import WITH_ERRORS
from query_api.task_order import KEYS, Spot, in_order, is_after, value_of
from query_api.task_query import IdRange, Sort, TaskQuery, id_range
from shared.envelope import State
from shared.tasks import TaskType

FEW = 2_000
# Of what did not simply succeed so many are passed for each that matches, rather than sort those that match.
PASSED_FOR_ONE = 200
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
    is_empty: bool = False

    @property
    def covered(self) -> tuple[str, ...]:
        return self.driver.covered

    @property
    def is_sure(self) -> bool:
        return self.driver.query.sort not in KEYS

    def has(self, spot: Spot) -> bool:
        return bool(spot.value == self.value)

    async def spots(self, connection: Any, after: Spot | None, *, down: bool, wanted: int) -> list[Spot]:
        if self.is_empty:
            return []
        within = _beyond(id_range(self.driver.query), after, down=down)
        ids = await pick_ids(connection, self.driver, within, newest=down, wanted=wanted)
        return [Spot(self.value, task_id) for task_id in ids]


@dataclass(frozen=True, slots=True)
class Few:
    """Tasks that are all known, from the top to the bottom of the list; or of the part `holds` tells."""

    listed: Sequence[Spot]
    descending: bool
    covered: tuple[str, ...] = ()
    is_sure: bool = True
    holds: Callable[[Spot], bool] | None = None

    def has(self, spot: Spot, /) -> bool:
        return self.holds is None or self.holds(spot)

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
    walked = _of_errors(_also_of_now(query))
    driver = await driver_of(connection, walked)
    if query.sort is Sort.CREATED:
        return [ById(driver)]
    if driver.by not in (By.ALL, By.SHOP) and not await _is_walked(connection, driver):
        ids = await pick_ids(connection, driver, id_range(walked), newest=True, wanted=FEW + 1)
        if len(ids) <= FEW:
            return [await _sorted(connection, driver, ids)]
    if query.sort is Sort.TYPE:
        return [ByTrouble(walked)] if is_of_trouble(walked) else await _by_type(connection, walked)
    return await _open(connection, walked) or _by_key(walked)


async def _is_walked(connection: Any, driver: Driver) -> bool:
    """Whether counters tell to walk an index in the list's order, without looking how many tasks there are.

    Past others that did not simply succeed either it is quick to walk, unless there are too many of them.
    """
    query, few = driver.query, FEW
    if driver.by in (By.STATE, By.TYPE) and not query.account_ids and is_of_trouble(query):
        not_succeeded = await number_of(connection, replace(query, types=()))
        few = min(FEW, not_succeeded // PASSED_FOR_ONE)
    return await leads_to_more(connection, driver, few)


async def _open(connection: Any, query: TaskQuery) -> list[Leg] | None:
    """Where many wait for their first attempt and few are under way: these sorted, and the rest."""
    begun = tuple(state for state in query.states if state is not State.QUEUED)
    if State.QUEUED not in query.states or any(one.is_final for one in begun):
        return None
    by_attempts = query.sort is Sort.ATTEMPTS
    without = (
        query.states if by_attempts else tuple(one for one in _WITHOUT[query.sort] if one in query.states)
    )
    rest: Leg = ById(in_states(query, without), 1 if by_attempts else None)
    if not begun:
        return [rest]
    driver = in_states(query, begun)
    ids = await pick_ids(connection, driver, id_range(query), newest=True, wanted=FEW + 1)
    if len(ids) > FEW:
        return None
    holds = _is_repeated if by_attempts else _has_value
    few = await _sorted(connection, driver, ids)
    part: Leg = replace(few, listed=[spot for spot in few.listed if holds(spot)], holds=holds)
    return [rest, part] if by_attempts and not query.descending else [part, rest]


def _has_value(spot: Spot) -> bool:
    return spot.value is not None


def _is_repeated(spot: Spot) -> bool:
    """Whatever is queued is at its first attempt."""
    return bool(spot.value > 1)


def _also_of_now(query: TaskQuery) -> TaskQuery:
    """What ended before a moment is in the same state today; what was under way then may be in any."""
    if query.as_of is None or all(state.is_final for state in query.states):
        return query
    return replace(query, states=())


def _of_errors(query: TaskQuery) -> TaskQuery:
    """Only tasks in some states have an error."""
    if query.states or not is_of_errors(query):
        return query
    return replace(query, states=WITH_ERRORS)


async def _sorted(connection: Any, driver: Driver, ids: Iterable[UUID]) -> Few:
    query = driver.query
    facts = await facts_of(connection, list(ids))
    spots = [Spot(value_of(fact, query.sort), task_id) for task_id, fact in facts.items()]
    return Few(in_order(spots, descending=query.descending), query.descending, driver.covered)


async def _by_type(connection: Any, query: TaskQuery) -> list[Leg]:
    """One part for each type, as counters tell of which there are none."""
    wanted = sorted(query.types or TaskType, reverse=query.descending)
    there = await types_there(connection, query)
    return [
        ById(Driver(replace(query, types=(one,)), By.TYPE), one.value, is_empty=one not in there)
        for one in wanted
    ]


def _by_key(query: TaskQuery) -> list[Leg]:
    is_of_trouble_only = is_of_trouble(query)
    if query.sort is Sort.ATTEMPTS:
        if is_of_trouble_only:
            return [ByTrouble(query)]
        once: Leg = ById(Driver(query, By.ALL if query.shop_ids is None else By.SHOP), 1)
        repeated: Leg = ByKey(query)
        return [repeated, once] if query.descending else [once, repeated]
    states = _WITHOUT[query.sort]
    if query.sort is Sort.COMPLETED and query.states and not any(state.is_final for state in query.states):
        return [ById(in_states(query, query.states))]
    asked = tuple(state for state in states if state in (query.states or states))
    keyed: list[Leg] = [ByTrouble(query)] if is_of_trouble_only else [*by_key(query)]
    if not asked:
        return keyed
    return [*keyed, ById(in_states(query, asked))]


def _beyond(within: IdRange, after: Spot | None, *, down: bool) -> IdRange:
    if after is None:
        return within
    return within.below(after.task_id) if down else within.above(after.task_id)
