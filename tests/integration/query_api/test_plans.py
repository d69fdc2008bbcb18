"""At volume, lists read the ends of index ranges: what they read does not grow with the log."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from query_api.repository.connections import snapshot
from query_api.repository.drivers import driver_of, pick_ids
from query_api.repository.legs import legs_of
from query_api.repository.pages import find, list_page
from query_api.task_query import Sort, TaskQuery, id_range
from query_api.time_spans import Span
from shared.db.pool import open_pool
from shared.envelope import State, utc_now
from shared.tasks import TaskType
from tests.servers.databases import Databases

PAGE = 51
PAGES_WORTH_READING = 20

FILL = """
INSERT INTO store.shops (domain, name, email, data_key)
SELECT 'shop-' || n || '.example', 'S', 's@s.example', '' FROM generate_series(1, 5) AS n;

INSERT INTO ledger.tasks (task_id, shop_id, type, state, state_rank, attempt, max_attempts,
                          created_at, queued_at, started_at, completed_at, duration_ms, updated_at)
SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0')
        || '7' || substr(noise, 1, 3) || '8' || substr(noise, 4, 15))::uuid,
       1 + n % 5,
       CASE WHEN n % 9973 = 0 THEN 'IndexCustomer' WHEN n % 20 = 0 THEN 'RefundWebhook' ELSE 'SyncOrder' END,
       state, 0, 1 + (n % 20 = 10)::int, 5, moment, moment, moment,
       CASE WHEN state IN ('failed', 'succeeded') THEN moment END,
       CASE WHEN state IN ('failed', 'succeeded') THEN n * 7 % 1000 END, moment
FROM (
    SELECT n, md5(n::text) AS noise, now() - n * interval '10 seconds' AS moment,
           CASE WHEN n % 7919 = 0 THEN 'failed' WHEN n < 3 THEN 'processing' ELSE 'succeeded' END AS state
    FROM generate_series(1, 50000) AS n
) AS made;
"""

QUERIES = {
    "all": TaskQuery(),
    "one shop": TaskQuery(shop_ids=(3,)),
    "some shops": TaskQuery(shop_ids=(1, 2, 3)),
    "frequent state": TaskQuery(states=(State.SUCCEEDED,), shop_ids=(3,)),
    "rare state": TaskQuery(states=(State.FAILED,)),
    "pending": TaskQuery(states=(State.QUEUED, State.PROCESSING, State.RETRYING)),
    "frequent type": TaskQuery(types=(TaskType.SYNC_ORDER,), shop_ids=(3,)),
    "rare type": TaskQuery(types=(TaskType.INDEX_CUSTOMER,)),
    "type nobody has": TaskQuery(types=(TaskType.SYNC_CONTACT,), shop_ids=(1, 2, 3)),
    "rare type and state": TaskQuery(types=(TaskType.INDEX_CUSTOMER,), states=(State.FAILED,)),
}


@pytest.fixture(scope="module", params=["analyzed", "never analyzed"])
def full_database(
    request: pytest.FixtureRequest, databases: Databases, migrated_template: str
) -> Iterator[str]:
    """As the hours before statistics exist, and after. Tests that vacuum it stand last: that stays."""
    days = "SELECT ledger.ensure_partitions((now() - interval '7 days')::date, now()::date)"
    statistics = ["ANALYZE ledger.tasks"] if request.param == "analyzed" else []
    with databases.filled(migrated_template, days, FILL, *statistics) as url:
        yield url


@pytest.fixture
async def full_log(full_database: str) -> AsyncIterator[asyncpg.Pool]:
    """Tasks of six days."""
    async with await open_pool(full_database, max_size=2) as pool:
        yield pool


async def test_lists_read_a_few_pages_of_fifty_thousand_tasks(full_log: asyncpg.Pool) -> None:
    read = {}
    for name, query in QUERIES.items():
        for newest in (True, False):
            plans = await _plans(full_log, query, newest=newest)
            read[name, newest] = sum(_rows_read(plan) for plan in plans)
    assert 0 < max(read.values()) < PAGES_WORTH_READING * PAGE, read


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("all", "tasks_[0-9]+_pkey"),
        ("one shop", "tasks_[0-9]+_shop_id_task_id_idx"),
        ("rare state", "tasks_[0-9]+_shop_id_state_task_id_idx"),
        ("rare type", "tasks_[0-9]+_shop_id_type_state_task_id_idx"),
    ],
)
async def test_each_kind_of_list_has_its_index(full_log: asyncpg.Pool, name: str, index: str) -> None:
    plans = await _plans(full_log, QUERIES[name], newest=True)
    read = {
        node["Index Name"]
        for plan in plans
        for node in _nodes(plan)
        if node.get("Actual Rows") and "Index Name" in node
    }
    assert read
    assert all(re.fullmatch(index, used) for used in read), read


@pytest.mark.parametrize("sort", [Sort.STARTED, Sort.COMPLETED])
async def test_what_came_a_few_hours_earlier_is_found_where_it_lies(
    full_log: asyncpg.Pool, sort: Sort
) -> None:
    await full_log.execute("VACUUM ledger.tasks")
    day = datetime.combine(utc_now().date() - timedelta(days=2), time(), UTC)
    hours = [Span(begin, begin + timedelta(hours=3)) for begin in (day, day + timedelta(hours=20))]
    for descending in (True, False):
        early, late = [
            await _pages_read(full_log, TaskQuery(created=span, sort=sort, descending=descending))
            for span in hours
        ]
        assert early == pytest.approx(late, rel=0.25), descending


@pytest.mark.parametrize("terms", [{"types": (TaskType.REFUND_WEBHOOK,)}, {"attempts_from": 2}])
@pytest.mark.parametrize("sort", [Sort.STARTED, Sort.COMPLETED, Sort.DURATION])
async def test_what_does_not_match_is_passed_within_the_index(
    full_log: asyncpg.Pool, sort: Sort, terms: dict[str, Any]
) -> None:
    await full_log.execute("VACUUM ledger.tasks")
    one_of_twenty = TaskQuery(**terms, sort=sort)
    async with snapshot(full_log) as connection:
        statements: list[Any] = []
        connection.add_query_logger(statements.append)
        found = await find(connection, one_of_twenty, None, is_forward=True, limit=PAGE - 1)
        await asyncio.sleep(0)
    read = [task_id for said in statements if "wanted (task_id)" in said.query for task_id in said.args[0]]
    assert len(found.spots) == PAGE - 1
    assert PAGE <= len(read) < 2 * PAGE


async def test_plans_are_kept_where_no_value_makes_a_difference(full_log: asyncpg.Pool) -> None:
    async with snapshot(full_log) as connection:
        for sort in (Sort.CREATED, Sort.DURATION):
            assert (await list_page(connection, TaskQuery(sort=sort), None, limit=PAGE)).tasks
        kept = await connection.fetch("SELECT statement FROM pg_prepared_statements WHERE generic_plans > 0")
        assert await connection.fetchval("SHOW plan_cache_mode") == "force_custom_plan"
    plans = [record["statement"] for record in kept if "ledger.tasks" in record["statement"]]
    assert len(plans) == 3
    of_lists = ("wanted (task_id)", "t.duration_ms AS value", "task_id DESC LIMIT")
    assert all(any(words in plan for words in of_lists) for plan in plans)


async def _picked(connection: Any, query: TaskQuery, *, newest: bool) -> list[UUID]:
    driver = await driver_of(connection, query)
    return await pick_ids(connection, driver, id_range(query), newest=newest, wanted=PAGE)


async def _plans(pool: asyncpg.Pool, query: TaskQuery, *, newest: bool) -> list[Any]:
    """How Postgres carries out the statements of one page, with what each step touched."""
    async with snapshot(pool) as connection:
        statements: list[Any] = []
        connection.add_query_logger(statements.append)
        await _picked(connection, query, newest=newest)
        await asyncio.sleep(0)  # the logger is called by the event loop
        lists = [said for said in statements if "ledger.tasks" in said.query]
        return [await _explained(connection, said.query, said.args) for said in lists]


async def _pages_read(pool: asyncpg.Pool, query: TaskQuery) -> int:
    """Of 8 kB, from the beginnings of all parts of a list."""
    async with snapshot(pool) as connection:
        read = 0
        for leg in await legs_of(connection, query):
            statements: list[Any] = []
            connection.add_query_logger(statements.append)
            await leg.spots(connection, None, down=query.descending, wanted=PAGE)
            await asyncio.sleep(0)
            connection.remove_query_logger(statements.append)
            for said in [one for one in statements if "ledger.tasks" in one.query]:
                plan = await _explained(connection, said.query, said.args)
                read += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        return read


async def _explained(connection: Any, sql: str, values: Any) -> Any:
    report = await connection.fetchval(f"EXPLAIN (ANALYZE, VERBOSE, BUFFERS, FORMAT JSON) {sql}", *values)
    return json.loads(report)[0]["Plan"]


def _rows_read(plan: Any) -> float:
    """By scans of tasks, whether they were of use or not."""
    ways_out = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    scans = [node for node in _nodes(plan) if node.get("Schema") == "ledger"]
    read: float = sum(
        float(node["Actual Loops"]) * sum(node.get(way, 0) for way in ways_out) for node in scans
    )
    return read


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
