"""Which index a list is walked by, and walking it: always from the end of index ranges, never by scanning."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from query_api.repository.driver import By, Driver, in_states, of_order
from query_api.repository.meant import UNDER_WAY_WITH_ERRORS, meant
from query_api.repository.plans import planned_once
from query_api.task_query import IdRange, TaskQuery, id_range, spans
from shared.db.queries import load_queries, load_queries_with
from shared.envelope import State, utc_now
from shared.identity import first_id_at
from shared.tasks import TaskType

MOSTNAMES = 500
LONGEST_CHAIN = 10_000

Find = Callable[..., AsyncIterator[Any]]


class Fact(NamedTuple):
    """What a task is judged and sorted by."""

    task_id: UUID
    shop_id: int
    account_id: int | None
    type: str
    state: str
    attempt: int
    order_number: str | None
    source_id: str | None
    target_id: str | None
    parent_id: UUID | None
    root_id: UUID | None
    retry_of: UUID | None
    started_at: datetime | None
    completed_at: datetime | None
    duration_ms: float | None
    error_kind: str | None
    fingerprint: str | None


NAMES = {
    By.ORDER_NUMBER: 't.order_number COLLATE "C"',
    By.SOURCE_ID: 't.source_id COLLATE "C"',
    By.TARGET_ID: 't.target_id COLLATE "C"',
    By.FINGERPRINT: "t.fingerprint",
}
_LINKS = {By.ACCOUNT: "bigint[]", By.PARENT: "uuid[]", By.RETRY_OF: "uuid[]"}
# Nothing of these changes while a task goes on, so they find the tasks of the past as well.
_LASTING = (By.PARENT, By.RETRY_OF, By.ROOT, By.SOURCE_ID)
_OF_NOW = (By.TARGET_ID, By.FINGERPRINT)

_ids = load_queries(__file__, "task_ids")
_FOUND_WITH: dict[By, tuple[str, Any]] = {
    By.ALL: ("ids", _ids),
    By.RETRIED: ("retried_ids", _ids),
    By.SHOP: ("ids_by_shop", _ids),
    By.STATE: ("ids_by_state", _ids),
    By.TYPE: ("ids_by_type", _ids),
}
for _by, _column in NAMES.items():
    _marks = {"t.order_number /* column */": _column, "t.order_number /* kept */": f"t.{_by}"}
    _FOUND_WITH[_by] = ("ids_named", load_queries_with(__file__, "task_ids", _marks))
for _by, _type in _LINKS.items():
    _marks = {"t.account_id /* link */": f"t.{_by}", "bigint[] /* type */": _type}
    _FOUND_WITH[_by] = ("ids_linked", load_queries_with(__file__, "task_ids", _marks))
_shops = load_queries(__file__, "shops")


async def driver_of(connection: Any, query: TaskQuery) -> Driver:
    """The one that leads to the fewest tasks beside those that match, as far as counters tell."""
    if (named := _by_name(query)) is not None:
        return named
    if query.error_kind is not None and query.as_of is None:
        fingerprints = await _fingerprints(connection, query)
        if len(fingerprints) <= MOSTNAMES:
            return _of_errors(query, fingerprints)
    if query.has_retry:
        return Driver(query, By.RETRIED)
    if query.account_ids and await _are_fewer(connection, query):
        return Driver(query, By.ACCOUNT, query.account_ids)
    searched = meant(query, query.search) if query.search else None
    return searched or Driver(query, _kind(query))


async def leads_to_more(connection: Any, driver: Driver, than: int) -> bool:
    """Whether counters tell that there are more, so that nobody need look; they know of no times."""
    query = driver.query
    if id_range(query) != IdRange():
        return False
    match driver.by:
        case By.ANY:
            for one in driver.values:
                if await leads_to_more(connection, one, than):
                    return True
            return False
        case By.STATE | By.TYPE:
            return await number_of(connection, replace(query, account_ids=())) > than
        case By.FINGERPRINT:
            shop_ids, fingerprints = await shops_of(connection, query), list(driver.values)
            failed = await _ids.number_failed(connection, shop_ids=shop_ids, fingerprints=fingerprints)
            return bool(failed > than)
        case _:
            return False


async def number_of(connection: Any, query: TaskQuery) -> int:
    """How many tasks of the query's shops, types, states and accounts there are, as counters tell."""
    n: int = await _ids.number_of(
        connection,
        shop_ids=await shops_of(connection, query),
        types=list(query.types or TaskType),
        states=list(query.states or State),
        account_ids=list(query.account_ids) or None,
    )
    return n


async def pick_ids(
    connection: Any, driver: Driver, within: IdRange, *, newest: bool, wanted: int
) -> list[UUID]:
    """At most `wanted` ids of the tasks the driver leads to, newest or oldest first."""
    match driver.by:
        case By.ROOT:
            led_to = await _led_to_by(connection, driver.values[0])
            return _end_of(led_to, within, newest=newest, wanted=wanted)
        case By.IDS:
            return _end_of(driver.values, within, newest=newest, wanted=wanted)
        case By.RANGE:
            part = within.cut(IdRange(*driver.values))
            return await _walked(connection, replace(driver, by=By.ALL), part, newest=newest, wanted=wanted)
        case By.ANY:
            several = [
                await pick_ids(connection, one, within, newest=newest, wanted=wanted) for one in driver.values
            ]
            return _end_of(set(chain(*several)), within, newest=newest, wanted=wanted)
        case _:
            return await _walked(connection, driver, within, newest=newest, wanted=wanted)


async def _walked(
    connection: Any, driver: Driver, within: IdRange, *, newest: bool, wanted: int
) -> list[UUID]:
    name, queries = _FOUND_WITH[driver.by]
    find: Find = getattr(queries, f"{'newest' if newest else 'oldest'}_{name}")
    terms = await _terms(connection, driver)
    ids: list[UUID] = []
    end = first_id_at(utc_now()) if newest else await _oldest(connection, within)
    async with planned_once(connection) if driver.by is By.ALL else nullcontext():
        for part in spans(within, newest=newest, end=end):
            records = find(connection, low=part.low, high=part.high, wanted=wanted - len(ids), **terms)
            ids += [record["task_id"] async for record in records]
            if len(ids) == wanted:
                break
    return ids


async def _oldest(connection: Any, within: IdRange) -> UUID:
    """Where the log begins, if the range does not say where to begin."""
    if within.low != IdRange().low:
        return within.low
    oldest: UUID | None = await _ids.first_kept(connection)
    return oldest or within.low


async def shops_of(connection: Any, query: TaskQuery) -> list[int]:
    """Those the query is about, all there are if it says nothing."""
    if query.shop_ids is not None:
        return list(query.shop_ids)
    return [record["id"] async for record in _shops.shop_ids(connection)]


async def of_accounts_shops(connection: Any, query: TaskQuery) -> TaskQuery:
    """The same question, of no other shops than its accounts belong to; whose one was that is gone, nobody
    knows."""
    if not query.account_ids:
        return query
    records = _shops.shops_of_accounts(connection, account_ids=list(query.account_ids))
    shop_of = {record["id"]: record["shop_id"] async for record in records}
    if shop_of.keys() != set(query.account_ids):
        return query
    visible = query.shop_ids if query.shop_ids is not None else shop_of.values()
    return replace(query, shop_ids=tuple(sorted(set(visible) & set(shop_of.values()))))


async def types_there(connection: Any, query: TaskQuery) -> set[str]:
    """Those of which the query's shops have tasks in its states."""
    records = _ids.types_there(
        connection, shop_ids=await shops_of(connection, query), states=list(query.states or State)
    )
    return {record["type"] async for record in records}


async def facts_of(connection: Any, task_ids: Sequence[UUID]) -> dict[UUID, Fact]:
    """Of those tasks that there are."""
    if not task_ids:
        return {}
    records = _ids.facts_of(connection, task_ids=list(task_ids), low=min(task_ids), high=max(task_ids))
    async with planned_once(connection):
        return {record["task_id"]: Fact(*record) async for record in records}


async def retried_among(connection: Any, task_ids: Sequence[UUID], *, until: datetime | None) -> set[UUID]:
    """Those of some tasks that a person retried; `until`: by that moment."""
    if not task_ids:
        return set()
    high = id_range(TaskQuery(as_of=until)).high
    found = _ids.retried_among(connection, task_ids=list(task_ids), low=min(task_ids), high=high)
    return {record["task_id"] async for record in found}


def _by_name(query: TaskQuery) -> Driver | None:
    """What leads to a few tasks for sure."""
    for by in _LASTING if query.as_of else (*_LASTING, *_OF_NOW):
        if (value := getattr(query, by)) is not None:
            return Driver(query, by, (value,))
    if query.order_numbers:
        return Driver(query, By.ORDER_NUMBER, query.order_numbers)
    if query.order is not None:
        by_id = Driver(query, By.SOURCE_ID, (query.order.order_id,))
        stored = [of_order(query, order, parts) for order, parts in query.order.found]
        return Driver(query, By.ANY, (by_id, *stored))
    if query.search and query.search.is_narrow:
        return meant(query, query.search)
    return None


def _kind(query: TaskQuery) -> By:
    if query.types:
        return By.TYPE
    if query.states:
        return By.STATE
    return By.ALL if query.shop_ids is None else By.SHOP


def _of_errors(query: TaskQuery, fingerprints: tuple[str, ...]) -> Driver:
    """To what failed for good by its group; what is to be tried again need not have one yet."""
    failed = Driver(query, By.FINGERPRINT, fingerprints)
    states = tuple(state for state in UNDER_WAY_WITH_ERRORS if state in (query.states or State))
    if not states:
        return failed
    return Driver(query, By.ANY, (failed, in_states(query, states)))


async def _fingerprints(connection: Any, query: TaskQuery) -> tuple[str, ...]:
    found = _ids.fingerprints_of(
        connection,
        shop_ids=None if query.shop_ids is None else list(query.shop_ids),
        error_kind=query.error_kind,
        wanted=MOSTNAMES + 1,
    )
    return tuple([record["fingerprint"] async for record in found])


async def _are_fewer(connection: Any, query: TaskQuery) -> bool:
    """Whether the accounts have fewer tasks than there are of these types in these states."""
    numbers = await _ids.numbers_of(
        connection,
        shop_ids=await shops_of(connection, query),
        types=list(query.types or TaskType),
        states=list(query.states or State),
        account_ids=list(query.account_ids),
    )
    return bool(numbers["of_accounts"] <= numbers["of_kind"])


async def _terms(connection: Any, driver: Driver) -> dict[str, Any]:
    """Those of the driver's named query."""
    query = driver.query
    if driver.by in _LINKS:
        return {"links": list(driver.values)}
    if driver.by in (By.ALL, By.RETRIED):
        return {}
    terms: dict[str, Any] = {"shop_ids": await shops_of(connection, query)}
    if driver.by in NAMES:
        terms["names"] = list(driver.values)
    if driver.by in (By.STATE, By.TYPE):
        terms["states"] = list(query.states or State)
    if driver.by is By.TYPE:
        terms["types"] = list(query.types)
    return terms


async def _led_to_by(connection: Any, root_id: UUID) -> list[UUID]:
    found = _ids.ids_of_chain(connection, root_id=root_id, wanted=LONGEST_CHAIN)
    return [record["task_id"] async for record in found]


def _end_of(ids: Iterable[UUID], within: IdRange, *, newest: bool, wanted: int) -> list[UUID]:
    return sorted((one for one in ids if within.low <= one < within.high), reverse=newest)[:wanted]
