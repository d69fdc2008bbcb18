"""What the text in the search box leads to, looked up once for each page of a list."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from query_api.repository.driver import By, Driver
from query_api.repository.drivers import NAMES, pick_ids, shops_of
from query_api.repository.plans import planned_once
from query_api.search.meanings import NAMED_COLUMNS, Named, Search
from query_api.search.reading import end_of, is_long_enough
from query_api.task_query import TaskQuery, id_range
from shared.db.queries import load_queries, load_queries_with

FEW = 2_000
FEW_PACKAGES = 100
_queries = load_queries(__file__, "searching")
_by_column = {
    column: load_queries_with(
        __file__,
        "searching",
        {"t.order_number /* kept */": f"t.{column}", "t.order_number /* column */": NAMES[By(column)]},
    )
    for column in NAMED_COLUMNS
}


async def looked_up(connection: Any, query: TaskQuery) -> TaskQuery:
    """The same question, with what its text leads to."""
    if query.search is None:
        return query
    shop_ids = await shops_of(connection, query)
    search = await _with_accounts(connection, query.search, shop_ids)
    search = await _with_packages(connection, search, shop_ids)
    search = await _with_names(connection, replace(query, search=search), shop_ids)
    search = await _with_words(connection, replace(query, search=search), shop_ids)
    return replace(query, search=search)


async def with_worded(connection: Any, query: TaskQuery, task_ids: Sequence[UUID]) -> TaskQuery:
    """With those of some tasks that have the words, where these are too frequent to know them before."""
    if query.search is None or not (query.search.are_words_frequent and task_ids):
        return query
    found = _queries.worded_among(
        connection,
        task_ids=list(task_ids),
        words=query.search.text,
        low=min(task_ids),
        high=max(task_ids),
    )
    async with planned_once(connection):
        worded = frozenset([record["task_id"] async for record in found])
    return replace(query, search=replace(query.search, worded=worded))


async def parents_of(connection: Any, task_ids: Collection[UUID]) -> frozenset[UUID]:
    """The tasks that caused some others."""
    if not task_ids:
        return frozenset()
    found = _queries.parents_of(connection, task_ids=list(task_ids), low=min(task_ids), high=max(task_ids))
    async with planned_once(connection):
        return frozenset([record["task_id"] async for record in found])


async def _with_accounts(connection: Any, search: Search, shop_ids: Sequence[int]) -> Search:
    name = search.text.lower()
    beginning = name if is_long_enough(name) else None
    found = _queries.accounts_named(connection, shop_ids=list(shop_ids), name=name, beginning=beginning)
    return replace(search, account_ids=tuple([record["id"] async for record in found]))


async def _with_packages(connection: Any, search: Search, shop_ids: Sequence[int]) -> Search:
    """The tasks that told of packages with such a tracking number, and those that brought them."""
    if not is_long_enough(search.text):
        return search
    packages = await _packages(connection, search.text, shop_ids)
    told = {task_id for package in packages for task_id in package["task_ids"] or ()}
    names = tuple(sorted({package["source_id"] for package in packages if package["source_id"]}))
    return replace(
        search,
        task_ids=frozenset(told) | await parents_of(connection, told),
        names=(("source_id", names),) if names else (),
    )


async def _packages(connection: Any, number: str, shop_ids: Sequence[int]) -> list[Any]:
    """Those with the number; and those whose first number begins so, unless these are many."""
    wanted = FEW_PACKAGES + 1
    told = _queries.packages_tracked(connection, shop_ids=list(shop_ids), number=number, wanted=wanted)
    packages = [record async for record in told]
    if (after := end_of(number)) is None:
        return packages
    begun = _queries.packages_beginning(
        connection, shop_ids=list(shop_ids), beginning=number, after=after, wanted=wanted
    )
    more = [record async for record in begun]
    return packages if len(more) == wanted else packages + more


async def _with_names(connection: Any, query: TaskQuery, shop_ids: Sequence[int]) -> Search:
    """What begins so in a column. Where that is much, only what is named exactly so, if anything is."""
    assert query.search is not None
    search, leads, many = query.search, set[UUID](), list[Named]()
    named = [(column, search.spellings(column)) for column in NAMED_COLUMNS]
    for one in named:
        ids = await _ids_beginning(connection, query, one, shop_ids)
        if ids is None:
            many.append(one)
        else:
            leads |= ids
    exact = [one for one in many if await _is_there(connection, query, one)]
    if not many or exact:
        few = tuple(one for one in named if one not in many)
        return replace(search, names=(*search.names, *exact), beginnings=few, leads=frozenset(leads))
    return replace(search, beginnings=tuple(named), leads=None)


async def _ids_beginning(
    connection: Any, query: TaskQuery, named: Named, shop_ids: Sequence[int]
) -> set[UUID] | None:
    """None: there are too many."""
    column, spellings = named
    ends = [end_of(spelling) for spelling in spellings]
    if None in ends:
        return None
    within = id_range(query)
    found = _by_column[column].ids_beginning(
        connection,
        shop_ids=list(shop_ids),
        beginnings=list(spellings),
        ends=ends,
        low=within.low,
        high=within.high,
        wanted=FEW + 1,
    )
    ids = {record["task_id"] async for record in found}
    return None if len(ids) > FEW else ids


async def _is_there(connection: Any, query: TaskQuery, named: Named) -> bool:
    column, spellings = named
    driver = Driver(query, By(column), spellings)
    return bool(await pick_ids(connection, driver, id_range(query), newest=True, wanted=1))


async def _with_words(connection: Any, query: TaskQuery, shop_ids: Sequence[int]) -> Search:
    assert query.search is not None
    if not is_long_enough(query.search.text):
        return query.search
    within = id_range(query)
    found = _queries.ids_worded(
        connection,
        shop_ids=list(shop_ids),
        words=query.search.text,
        low=within.low,
        high=within.high,
        wanted=FEW + 1,
    )
    ids = frozenset([record["task_id"] async for record in found])
    if len(ids) > FEW:
        return replace(query.search, are_words_frequent=True)
    return replace(query.search, worded=ids)
