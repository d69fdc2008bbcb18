"""Pages of the task list, walked by keyset: of the board as it is, or as it was at a moment.

What no index tells is judged task by task, a bounded number for each page. So a page may be short, even
empty, and still have a next one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import dropwhile
from typing import Any
from uuid import UUID

from query_api.places import Place, malformed
from query_api.repository.drivers import facts_of, of_accounts_shops, retried_among
from query_api.repository.history import tasks_at
from query_api.repository.legs import Leg, legs_of
from query_api.repository.order_parts import with_order
from query_api.repository.records import TaskRow
from query_api.repository.searching import looked_up, with_worded
from query_api.repository.tasks import tasks_by_id
from query_api.task_matching import Facts, matches, may_match
from query_api.task_order import Spot, place_of, spot_of, value_of
from query_api.task_query import TaskQuery

SCAN_CHUNK = 500
SCAN_LIMIT = 5_000
_NOT_JUDGED = ("sort", "descending", "as_of", "created")


@dataclass(frozen=True, slots=True)
class Page:
    """Tasks in the order asked for. `is_short`: the search was interrupted before the page was full."""

    tasks: list[TaskRow]
    next: Place | None
    previous: Place | None
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Matches in the direction of the walk; `resume_at`: the last one looked at, when there may be more."""

    spots: list[Spot]
    resume_at: Spot | None


async def list_page(connection: Any, query: TaskQuery, place: Place | None, *, limit: int) -> Page:
    """Raises InvalidCursor."""
    is_forward = place is None or place.is_forward
    after = None if place is None else spot_of(place, query.sort)
    found = await find(connection, query, after, is_forward=is_forward, limit=limit)
    tasks = await _tasks(connection, query, [spot.task_id for spot in found.spots])
    onward = place_of(found.resume_at, is_forward=is_forward) if found.resume_at else None
    back = _way_back(found.spots, place, is_forward=is_forward)
    is_short = onward is not None and len(found.spots) < limit
    if is_forward:
        return Page(tasks, next=onward, previous=back, is_short=is_short)
    return Page(tasks[::-1], next=back, previous=onward, is_short=is_short)


async def find(
    connection: Any, query: TaskQuery, after: Spot | None, *, is_forward: bool, limit: int
) -> Found:
    """At most `limit` matches after a spot, in the order of the list or against it. Raises InvalidCursor."""
    query = await with_order(connection, await looked_up(connection, query))
    query = await of_accounts_shops(connection, query)
    legs = await legs_of(connection, query)
    down = query.descending == is_forward
    walk = _Walk(connection, query, limit)
    for leg in _from(legs if is_forward else legs[::-1], after):
        if await walk.along(leg, after if after and leg.has(after) else None, down=down):
            break
    return walk.found()


class _Walk:
    """Goes along a list until a page is full, or enough has been looked at."""

    def __init__(self, connection: Any, query: TaskQuery, limit: int) -> None:
        self._connection = connection
        self._query = query
        self._limit = limit
        self._spots: list[Spot] = []
        self._looked_at = 0
        self._resume_at: Spot | None = None

    def found(self) -> Found:
        if len(self._spots) > self._limit:
            return Found(self._spots[: self._limit], self._spots[self._limit - 1])
        return Found(self._spots, self._resume_at)

    async def along(self, leg: Leg, after: Spot | None, *, down: bool) -> bool:
        """Whether the walk ends within this part of the list."""
        is_judged = not _is_settled(self._query, leg)
        while True:
            wanted = self._chunk() if is_judged else self._limit + 1 - len(self._spots)
            spots = await leg.spots(self._connection, after, down=down, wanted=wanted)
            self._spots += await matching(self._connection, self._query, spots) if is_judged else spots
            if len(self._spots) > self._limit:
                return True
            if len(spots) < wanted:
                return False
            after = spots[-1]
            self._looked_at += len(spots) if is_judged else 0
            if self._looked_at >= SCAN_LIMIT:
                self._resume_at = after
                return True

    def _chunk(self) -> int:
        """How many to look at next: where most match a page is full soon, else what it took so far tells, and
        a quarter more, as one more step takes longer than a few tasks too many."""
        missing = self._limit + 1 - len(self._spots)
        if not self._looked_at and not _few_match_at_first(self._query):
            return min(SCAN_CHUNK, 2 * missing)
        likely = 5 * missing * self._looked_at // (4 * (len(self._spots) + 1))
        chunk = max(SCAN_CHUNK, min(likely, 2 * self._looked_at))
        return min(chunk, SCAN_LIMIT - self._looked_at)


def _few_match_at_first(query: TaskQuery) -> bool:
    """Of all errors few have the words, however frequent; and before what began or ended by a moment comes
    what was created soon after it, as far as senders' clocks may differ."""
    is_worded = query.search is not None and query.search.are_words_frequent
    return is_worded or query.started.until is not None or query.completed.until is not None


async def matching(connection: Any, query: TaskQuery, spots: Sequence[Spot]) -> list[Spot]:
    """Those of some places whose tasks were asked for, and lie there."""
    spots = [spot for spot in spots if spot.kind is None or may_match(spot.kind, query)]
    if not spots:
        return []
    ids = [spot.task_id for spot in spots]
    facts = await _facts(connection, query, ids)
    query = await with_worded(connection, query, ids)
    good = {task_id for task_id, fact in facts.items() if matches(fact, query)}
    if query.has_retry is not None:
        retried = await retried_among(connection, ids, until=query.as_of)
        good = good & retried if query.has_retry else good - retried
    return [spot for spot in spots if spot.task_id in good and _lies_there(spot, facts, query)]


async def _facts(connection: Any, query: TaskQuery, ids: Sequence[UUID]) -> Mapping[UUID, Facts]:
    if query.as_of is None:
        return await facts_of(connection, ids)
    return {row.task_id: row for row in await tasks_at(connection, ids, query.as_of)}


def _lies_there(spot: Spot, facts: Mapping[UUID, Facts], query: TaskQuery) -> bool:
    """Tasks without a value are looked for by their states, and some of those have one."""
    return bool(spot.value == value_of(facts[spot.task_id], query.sort))


def _is_settled(query: TaskQuery, leg: Leg) -> bool:
    """Whether all its tasks match without being looked at."""
    if query.as_of is not None or not leg.is_sure:
        return False
    known = {*_NOT_JUDGED, *leg.covered}
    return all(getattr(query, one.name) == one.default for one in fields(query) if one.name not in known)


def _from(legs: Sequence[Leg], after: Spot | None) -> Iterator[Leg]:
    """The parts from the one on that holds the spot."""
    if after is None:
        return iter(legs)
    if not any(leg.has(after) for leg in legs):
        raise malformed()
    return dropwhile(lambda leg: not leg.has(after), legs)


def _way_back(spots: Sequence[Spot], place: Place | None, *, is_forward: bool) -> Place | None:
    """Where we came from, if we came from somewhere; an empty page leads back to where its cursor stood."""
    if place is None:
        return None
    return place_of(spots[0], is_forward=not is_forward) if spots else Place(place.keys, not is_forward)


async def _tasks(connection: Any, query: TaskQuery, ids: Sequence[UUID]) -> list[TaskRow]:
    if query.as_of is None:
        return await tasks_by_id(connection, ids)
    return await tasks_at(connection, ids, query.as_of)
