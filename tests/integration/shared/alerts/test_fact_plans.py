"""At volume, the facts of all shops are read from the ends of index ranges: nothing is scanned."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from shared.alerts.reading import read_platform, read_settings, read_shops
from shared.db.pool import open_connection
from shared.envelope import utc_now

SHOPS = 5
# Rows that one reading may touch of a table for each shop, of use or not.
WORTH_READING = 400

FILL = """
INSERT INTO store.shops (domain, name, email, data_key, installed_at)
SELECT 'shop-' || n || '.example', 'S', 's@s.example', '', {now} - interval '1 year'
FROM generate_series(1, 5) AS n;
INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials)
SELECT n, kind, kind, 'https://x.example', ''
FROM generate_series(1, 5) AS n, unnest(ARRAY['shopify', 'engage']) AS kind;

INSERT INTO ledger.tasks (task_id, shop_id, type, state, state_rank, attempt, max_attempts,
                          created_at, queued_at, started_at, completed_at, updated_at)
SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0')
        || '7' || substr(noise, 1, 3) || '8' || substr(noise, 4, 15))::uuid,
       1 + n % 5, 'SyncOrder', state, 0, 1, 5, moment, moment, moment,
       CASE WHEN state IN ('failed', 'succeeded') THEN moment END, moment
FROM (
    SELECT n, md5(n::text) AS noise, {now} - n * interval '20 seconds' AS moment,
           CASE WHEN n % 1999 = 0 THEN 'queued' WHEN n % 2999 = 0 THEN 'processing'
                ELSE 'succeeded' END AS state
    FROM generate_series(1, 20000) AS n
) AS made;
INSERT INTO ledger.task_counts SELECT shop_id, type, 0, state, count(*) FROM ledger.tasks GROUP BY 1, 2, 4;

INSERT INTO ledger.task_counts_by_minute
SELECT date_trunc('minute', {now}) - n * interval '20 minutes', shop, type, 0, 'succeeded', 1, 0, 0, 0
FROM generate_series(1, 2000) AS n, generate_series(1, 5) AS shop,
     unnest(ARRAY['SyncContact', 'IndexCustomer']) AS type;
INSERT INTO ledger.task_counts_by_minute
SELECT date_trunc('minute', {now}) - n * interval '1 day', shop, 'SyncOrder', 0, 'succeeded', 1, 0, 0, 0
FROM generate_series(20, 25) AS n, generate_series(1, 4) AS shop;
INSERT INTO ledger.task_counts_by_hour
SELECT date_trunc('hour', {now}) - n * interval '1 hour', shop, 'SyncContact', 0, 'succeeded', 1, 0, 0, 0
FROM generate_series(1, 2000) AS n, generate_series(1, 5) AS shop;

INSERT INTO ledger.api_calls
SELECT account, category, date_trunc('minute', {now}) - n * interval '1 minute', 1, 0, 0, 0, 0, 1, 0, 1,
       ARRAY[1, 0, 0, 0, 0, 0, 0, 0, 0]
FROM generate_series(0, 800) AS n, generate_series(1, 10) AS account,
     unnest(ARRAY['orders', 'contacts']) AS category;
INSERT INTO ledger.api_last_calls
SELECT account, category, {now}, CASE WHEN account = 1 THEN {now} END, 'x', NULL
FROM generate_series(1, 10) AS account, unnest(ARRAY['orders', 'contacts']) AS category;

INSERT INTO ledger.failure_groups
SELECT shop, 'f' || n, 'SyncOrder', 'k', 'p', 'm', 'r', 1, {now} - interval '1 year',
       {now} - n * interval '10 minutes', gen_random_uuid()
FROM generate_series(1, 1500) AS n, generate_series(1, 5) AS shop;
INSERT INTO ledger.failures_by_hour
SELECT shop, 'f' || n, date_trunc('hour', {now}) - h * interval '1 day', 0, 1
FROM generate_series(1, 1500) AS n, generate_series(1, 5) AS shop, generate_series(0, 1) AS h;
"""


@pytest.fixture(params=[3, 21], ids=["when the day is young", "when the day is old"])
def now(request: pytest.FixtureRequest) -> datetime:
    """While the table of the day is small, and all in it may have succeeded, and when it is full."""
    return datetime.combine(utc_now() - timedelta(days=1), time(request.param), tzinfo=UTC)


@pytest.fixture(params=["analyzed", "never analyzed"])
async def full(request: pytest.FixtureRequest, now: datetime, database_url: str) -> AsyncIterator[Any]:
    """As the hours before statistics exist, and after: with plans made once for all values, as those of a
    long connection may be."""
    connection = await open_connection(database_url)
    today = now.date()
    await connection.execute("SELECT ledger.ensure_partitions($1, $2)", today - timedelta(days=7), today)
    await connection.execute(FILL.format(now=f"timestamptz '{now.isoformat()}'"))
    if request.param == "analyzed":
        await connection.execute("ANALYZE")
        await connection.execute("SET plan_cache_mode = force_generic_plan")
    yield connection
    await connection.close()


async def test_the_facts_of_all_shops_cost_a_few_rows_of_each_table(full: Any, now: datetime) -> None:
    statements: list[Any] = []
    full.add_query_logger(statements.append)
    settings = await read_settings(full)
    found = await read_shops(full, settings, now + timedelta(minutes=30))
    await read_platform(full, now)
    await asyncio.sleep(0)  # the logger is called by the event loop
    assert len(found) == SHOPS
    assert all(shop.queued.n for shop in found.values())
    read: dict[str, float] = {}
    readings = tuple(statements)  # what explains them is logged as well
    for said in readings:
        for table, rows in await _touched(full, said):
            read[table] = read.get(table, 0) + rows
    assert {"tasks", "task_counts_by_minute", "api_calls", "failure_groups"} <= read.keys()
    assert max(read.values()) < SHOPS * WORTH_READING, read


async def _touched(connection: Any, said: Any) -> list[tuple[str, float]]:
    report = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {said.query}", *said.args)
    plan = json.loads(report)[0]["Plan"]
    ours = (node for node in _nodes(plan) if not node.get("Relation Name", "pg_").startswith("pg_"))
    return [(_table(node), _rows(node)) for node in ours]


def _table(node: Any) -> str:
    """Partitions count as the table they are of."""
    name: str = node["Relation Name"]
    return name.rstrip("0123456789").rstrip("_")


def _rows(node: Any) -> float:
    ways_out = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    return float(node["Actual Loops"]) * sum(float(node.get(way, 0)) for way in ways_out)


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
