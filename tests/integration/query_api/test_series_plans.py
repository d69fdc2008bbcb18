"""At volume, statistics and kinds of failure read the counters of the time asked for, and no tasks."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import asyncpg
import pytest

from query_api.failures.paging import FailureQuery
from query_api.figures.buckets import counters_for, whole
from query_api.figures.spans import whole_span
from query_api.repository.connections import snapshot
from query_api.repository.counters import tally_at
from query_api.repository.failures import MOST_KINDS, find_failures, hours_lately
from query_api.repository.flows import Scope, flows, open_now
from query_api.repository.records import Shop
from shared.db.pool import open_pool
from shared.envelope import utc_now
from tests.servers.databases import Databases

SHOPS, KINDS = 5, 10
COUNTERS = (
    "ledger.task_counts_by_hour",
    "ledger.task_counts_by_minute",
    "ledger.task_flows_by_hour",
    "ledger.task_flows_by_minute",
    "ledger.failure_groups",
    "ledger.failures_by_hour",
)

FILL = """
INSERT INTO ledger.task_counts_by_hour
SELECT date_trunc('hour', now()) - n * interval '1 hour', shop, 'Type' || kind, kind,
       'succeeded', 1, 10, 0, 0, 1000
FROM generate_series(0, 239) AS n, generate_series(1, 5) AS shop, generate_series(1, 10) AS kind;

INSERT INTO ledger.task_counts_by_minute
SELECT date_trunc('minute', now()) - n * interval '1 minute', shop, 'Type' || kind, kind,
       'succeeded', 1, 10, 0, 0, 1000
FROM generate_series(0, 719) AS n, generate_series(1, 5) AS shop, generate_series(1, 2) AS kind;

INSERT INTO ledger.task_flows_by_hour SELECT * FROM ledger.told_by_hour;
INSERT INTO ledger.task_flows_by_minute SELECT * FROM ledger.told_by_minute;

INSERT INTO ledger.task_counts
SELECT shop, 'Type' || kind, kind, 'queued', 1
FROM generate_series(1, 5) AS shop, generate_series(1, 10) AS kind;

INSERT INTO ledger.failure_groups
SELECT shop, 'f' || n, 'SyncOrder', 'k', 'p', 'm', 'r', 1, now() - n * interval '1 hour',
       now() - n * interval '1 hour', gen_random_uuid()
FROM generate_series(1, 5) AS shop, generate_series(1, 3000) AS n;

INSERT INTO ledger.failures_by_hour
SELECT shop, 'f' || n, date_trunc('hour', now()) - (n + hour) * interval '1 hour', 0, 1
FROM generate_series(1, 5) AS shop, generate_series(1, 3000) AS n, generate_series(0, 9) AS hour;
"""


@pytest.fixture(scope="module", params=["analyzed", "never analyzed"])
def full_database(
    request: pytest.FixtureRequest, databases: Databases, migrated_template: str
) -> Iterator[str]:
    """As the hours before statistics exist, and after."""
    statistics = [f"ANALYZE {', '.join(COUNTERS)}"] if request.param == "analyzed" else []
    with databases.filled(migrated_template, FILL, *statistics) as url:
        yield url


@pytest.fixture
async def full_log(full_database: str) -> AsyncIterator[asyncpg.Pool]:
    """Ten days of counters, and three thousand kinds of failure in each shop."""
    async with await open_pool(full_database, max_size=2) as pool:
        yield pool


async def test_a_day_reads_a_day_of_flows(full_log: asyncpg.Pool) -> None:
    for scope, told_by, kinds in (
        (Scope((1, 2)), "all", 1),
        (Scope((1, 2)), "type", KINDS),
        (Scope((1, 2), None, (3, 4)), "account", KINDS),
    ):
        read = await _read(full_log, partial(_ask_of_a_day, scope=scope, told_by=told_by))
        assert set(read) == {"task_flows_by_hour", "task_flows_by_minute"}, told_by
        assert read["task_flows_by_hour"] <= 2 * kinds * 24, told_by
        assert read["task_flows_by_minute"] <= 2 * min(kinds, 2) * 62, told_by


async def test_a_day_of_types_and_accounts_together_reads_a_day_of_counters(full_log: asyncpg.Pool) -> None:
    scope = Scope((1, 2), ("Type1", "Type3"), (1, 4))
    read = await _read(full_log, partial(_ask_of_a_day, scope=scope, told_by="type"))
    assert set(read) == {"task_counts_by_hour", "task_counts_by_minute"}
    assert read["task_counts_by_hour"] <= 2 * KINDS * 24
    assert read["task_counts_by_minute"] <= 2 * 2 * 62


async def test_what_is_open_now_reads_the_counters_of_its_shops(full_log: asyncpg.Pool) -> None:
    read = await _read(full_log, lambda connection: open_now(connection, Scope((1, 2)), "type"))
    assert read == {"task_counts": 2 * KINDS}


async def test_the_board_of_the_past_reads_the_flows_of_its_shops_since(full_log: asyncpg.Pool) -> None:
    """The day it was, 24 hours before, and what moved since: here two days, with minutes at their edges."""
    then, kept = utc_now() - timedelta(days=2), utc_now() - timedelta(days=60)
    shops = [Shop(id=one, domain="", name="", timezone="UTC", is_active=True) for one in (1, 2)]
    read = await _read(full_log, partial(tally_at, shops=shops, moment=then, minutes_since=kept))
    assert set(read) <= {"task_counts", "task_flows_by_hour", "task_flows_by_minute"}
    assert read["task_counts"] == 2 * KINDS
    assert read["task_flows_by_hour"] <= 2 * KINDS * (48 + 24 + 24)
    assert read.get("task_flows_by_minute", 0) <= 2 * 2 * 3 * 62


async def _ask_of_a_day(connection: Any, *, scope: Scope, told_by: Any) -> None:
    bucket = whole(whole_span(None, None, known_until=utc_now()))
    counters = counters_for(bucket, "hour", minutes_since=utc_now() - timedelta(days=2))
    await flows(connection, scope, bucket, counters, told_by)


async def test_kinds_of_failure_are_found_by_when_they_failed(full_log: asyncpg.Pool) -> None:
    async def ask(connection: Any) -> None:
        query = FailureQuery((1, 2), utc_now() - timedelta(days=2), is_since_given=True)
        found = await find_failures(connection, query)
        assert 47 <= len(found.failures) <= 48 < MOST_KINDS
        await hours_lately(connection, found.failures[:20], utc_now())

    read = await _read(full_log, ask)
    assert set(read) <= {"failure_groups", "failures_by_hour", "tasks"}
    assert read["failure_groups"] <= 2 * 48 + SHOPS * 48
    assert read["failures_by_hour"] <= 2 * 20 * 10
    assert read.get("tasks", 0) == 0


async def _read(pool: asyncpg.Pool, ask: Any) -> dict[str, float]:
    """How many rows of each table the statements touched, none of them by reading all of it."""
    async with snapshot(pool) as connection:
        said: list[Any] = []
        with connection.query_logger(said.append):
            await ask(connection)
            await asyncio.sleep(0)  # the logger is called by the event loop
        plans = [
            await connection.fetchval(f"EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) {one.query}", *one.args)
            for one in said
        ]
    touched: dict[str, float] = {}
    for node in (node for plan in plans for node in _nodes(json.loads(plan)[0]["Plan"])):
        if node.get("Schema") == "ledger":
            assert node["Node Type"] != "Seq Scan", node
            table = node["Relation Name"].split("_2")[0]
            rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            touched[table] = touched.get(table, 0) + rows * node["Actual Loops"]
    return touched


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
