"""A page far down a list: as OFFSET finds it, and as its cursor does."""

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from statistics import median
from typing import Any
from uuid import UUID

from benchmarks.proof.seeing import looking
from query_api.repository.pages import list_page
from query_api.repository.records import task_row
from query_api.task_order import KEYS, Spot, place_of, value_of
from query_api.task_query import IdRange, Sort, TaskQuery, spans
from shared.db.queries import load_queries, load_queries_with
from shared.envelope import utc_now
from shared.identity import first_id_at

SIX_ORDERS = "far page, six orders: OFFSET of cursor"
_PAGE = 50
_PAGES = 11
_UNTIL_PLANNED = 6  # Postgres plans five times for the values it is given
_COLUMNS = {sort: key.column for sort, key in KEYS.items()} | {Sort.TYPE: 'type COLLATE "C"'}
_queries = load_queries(__file__, "far_pages")


async def compare_far_pages(database_url: str, place: int) -> dict[str, float]:
    """Milliseconds, of a page so many tasks down: in every order by OFFSET in SQL and by cursor as the API's
    list finds it; newest first also by both in Postgres alone, as it tells itself."""
    figures: dict[str, float] = {}
    ratios: list[float] = []
    async with looking(database_url) as connection:
        for sort in Sort:
            name = "newest first" if sort is Sort.CREATED else f"by {sort}"
            by_offset, spot = await _by_offset(connection, sort, place)
            by_cursor = await _by_cursor(connection, sort, spot)
            figures[f"far page, {name}: by OFFSET, ms"] = by_offset
            figures[f"far page, {name}: by cursor, ms"] = by_cursor
            ratios.append(by_offset / by_cursor)
            if sort is Sort.CREATED:
                figures |= await _in_postgres(connection, place, spot.task_id)
    return figures | {SIX_ORDERS: median(ratios)}


async def _by_offset(connection: Any, sort: Sort, place: int) -> tuple[float, Spot]:
    """And where it begins."""
    queries = load_queries_with(__file__, "far_pages", {"t.task_id DESC /* order */": _order(sort)})
    page = [record async for record in queries.page_at(connection, place=place)]  # it is in memory then
    began = time.perf_counter()
    assert len([record async for record in queries.page_at(connection, place=place)]) == len(page)
    took = (time.perf_counter() - began) * 1_000
    return took, Spot(value_of(task_row(page[0]), sort), page[0]["task_id"])


async def _by_cursor(connection: Any, sort: Sort, spot: Spot) -> float:
    query, place = TaskQuery(sort=sort), place_of(spot, is_forward=True)

    async def ask() -> float:
        began = time.perf_counter()
        assert (await list_page(connection, query, place, limit=_PAGE)).tasks
        return (time.perf_counter() - began) * 1_000

    return await _planned_ms(ask)


async def _in_postgres(connection: Any, place: int, task_id: UUID) -> Mapping[str, float]:
    """Planning and execution, without what it takes to hand rows over and read them; plans are kept, as the
    list keeps them."""
    low = spans(IdRange(high=task_id), newest=True, end=first_id_at(utc_now()))[0].low
    await connection.execute(f"PREPARE page_at AS {_queries.page_at.sql}")
    await connection.execute(f"PREPARE page_after AS {_queries.page_after.sql}")

    async def ask(call: str) -> float:
        told = await connection.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE {call}")
        plan = json.loads(told)[0]
        return float(plan["Planning Time"] + plan["Execution Time"])

    async with connection.transaction():
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        return {
            "far page in Postgres: by OFFSET, ms": await _planned_ms(lambda: ask(f"page_at({place})")),
            "far page in Postgres: by cursor, ms": await _planned_ms(
                lambda: ask(f"page_after('{task_id}', '{low}')")
            ),
        }


def _order(sort: Sort) -> str:
    """As the list has it: what has no value comes last."""
    return "t.task_id DESC" if sort is Sort.CREATED else f"t.{_COLUMNS[sort]} DESC NULLS LAST, t.task_id DESC"


async def _planned_ms(ask: Callable[[], Awaitable[float]]) -> float:
    """What is usual once the plan is kept, as in a process that has run for a while."""
    return median([await ask() for _ in range(_UNTIL_PLANNED + _PAGES)][_UNTIL_PLANNED:])
