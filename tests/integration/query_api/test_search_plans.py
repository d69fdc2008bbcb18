"""Whatever is searched for, a page is found by indexes and reads a bounded part of the log."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import asyncpg
import pytest

from query_api.repository import legs, pages, searching
from query_api.repository.connections import snapshot
from query_api.repository.drivers import Fact
from query_api.repository.pages import list_page
from query_api.repository.searching import looked_up, with_worded
from query_api.search.reading import read
from query_api.task_matching import matches
from query_api.task_order import Spot, in_order, value_of
from query_api.task_query import Sort, TaskQuery
from shared.db.pool import open_pool
from shared.envelope import State

PAGE = 30
MOST_READ = 8 * 300
ROWS = 6_000
PACKAGES = ("shipments", "supplier_orders", "fulfilments")

FILL = f"""
INSERT INTO store.shops (domain, name, email, data_key)
SELECT 'shop-' || n || '.example', 'S', 's@s.example', '' FROM generate_series(1, 3) AS n;
INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials)
SELECT 1 + n % 3, 'engage', 'CRM ' || n, 'http://x', '' FROM generate_series(1, 7) AS n;

INSERT INTO ledger.tasks (
    task_id, shop_id, account_id, type, state, state_rank, attempt, max_attempts,
    source_id, target_id, order_number, error_kind, error_message, duration_ms,
    created_at, queued_at, started_at, completed_at, updated_at
)
SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0')
        || '7' || substr(noise, 1, 3) || '8' || substr(noise, 4, 15))::uuid,
       1 + n % 3, 1 + n % 7, (ARRAY['SyncOrder', 'IndexOrder', 'SyncContact'])[1 + n % 3], state, 0, 1, 5,
       's' || n % 400, CASE WHEN state = 'succeeded' THEN 't' || n % 900 END, '#' || n % 2000,
       CASE WHEN state = 'failed' THEN 'connection' END,
       CASE WHEN state = 'failed' THEN 'Order ' || n || ' was refused: ' ||
            CASE WHEN n % 1000 = 0 THEN 'no such currency' ELSE 'the address has no house number' END END,
       CASE WHEN state IN ('succeeded', 'failed') THEN (n * 7919 % 5000)::float8 END, moment, moment,
       CASE WHEN state <> 'queued' THEN moment END,
       CASE WHEN state IN ('succeeded', 'failed') THEN moment END, moment
FROM (SELECT n, md5(n::text) AS noise, now() - n * interval '45 seconds' AS moment,
             CASE WHEN n % 10 = 0 THEN 'failed' WHEN n % 400 = 1 THEN 'queued' ELSE 'succeeded' END AS state
      FROM generate_series(1, {ROWS}) AS n) AS made;

INSERT INTO ledger.task_counts (shop_id, type, account_id, state, n)
SELECT shop_id, type, account_id, state, count(*) FROM ledger.tasks GROUP BY 1, 2, 3, 4;
"""
TEXTS = {
    "an order": "77",
    "a few orders": "#10",
    "many orders, and one": "1",
    "many orders": "#",
    "a source": "s250",
    "many sources": "s",
    "a target": "t13",
    "an account": "engage crm 3",
    "accounts": "crm",
    "a type": "indexorder",
    "a state": "queued",
    "rare words": "such curr",
    "frequent words": "house number",
    "a number in a message": "3000",
    "nothing": "nowhere to be found",
}
FILTERS: dict[str, dict[str, Any]] = {"all": {}, "one shop": {"shop_ids": (2,), "states": (State.FAILED,)}}


@pytest.fixture
async def log(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[asyncpg.Pool]:
    """Limits are as much smaller as the log is."""
    monkeypatch.setattr(pages, "SCAN_CHUNK", 100)
    monkeypatch.setattr(pages, "SCAN_LIMIT", 300)
    monkeypatch.setattr(legs, "FEW", 100)
    monkeypatch.setattr(searching, "FEW", 100)
    async with await open_pool(database_url, max_size=2) as pool:
        await pool.execute("SELECT ledger.ensure_partitions((now() - interval '4 days')::date, now()::date)")
        await pool.execute(FILL)
        await pool.execute("ANALYZE ledger.tasks")
        yield pool


def every_query() -> Iterator[tuple[str, TaskQuery]]:
    for name, text in TEXTS.items():
        for among, terms in FILTERS.items():
            for sort in (Sort.CREATED, Sort.DURATION):
                yield f"{name} of {among} by {sort}", TaskQuery(**terms, search=read(text), sort=sort)


async def test_every_search_finds_what_a_plain_scan_finds(log: asyncpg.Pool) -> None:
    facts = [Fact(*row) for row in await log.fetch(f"SELECT {', '.join(Fact._fields)} FROM ledger.tasks")]
    for name, query in every_query():
        async with snapshot(log) as connection:
            wanted = await _by_hand(connection, facts, query)
            assert (await _first(connection, query, 2 * PAGE)) == wanted[: 2 * PAGE], name


async def test_no_search_reads_more_than_a_bounded_part_of_the_log(log: asyncpg.Pool) -> None:
    for name, query in every_query():
        nodes = [node for plan in await _plans(log, query) for node in _nodes(plan)]
        whole = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
        assert not [table for table in whole if table.startswith(("tasks_", *PACKAGES))], name
        assert sum(map(_rows_read, nodes)) < MOST_READ, name


async def _by_hand(connection: Any, facts: Sequence[Fact], query: TaskQuery) -> list[Any]:
    """The whole list by brute force."""
    known = await with_worded(
        connection, await looked_up(connection, query), [fact.task_id for fact in facts]
    )
    chosen = [Spot(value_of(fact, query.sort), fact.task_id) for fact in facts if matches(fact, known)]
    return [spot.task_id for spot in in_order(chosen, descending=query.descending)]


async def _first(connection: Any, query: TaskQuery, number: int) -> list[Any]:
    """Pages may be short; enough of them are not."""
    page = await list_page(connection, query, None, limit=PAGE)
    found = [task.task_id for task in page.tasks]
    while page.next and len(found) < number:
        page = await list_page(connection, query, page.next, limit=PAGE)
        found += [task.task_id for task in page.tasks]
    return found[:number]


async def _plans(pool: asyncpg.Pool, query: TaskQuery) -> list[Any]:
    """How Postgres carries out the statements of one page, with what each step touched."""
    async with snapshot(pool) as connection:
        statements: list[Any] = []
        connection.add_query_logger(statements.append)
        await list_page(connection, query, None, limit=PAGE)
        await asyncio.sleep(0)  # the logger is called by the event loop
        lists = [said for said in statements if "ledger.tasks" in said.query or "tracking" in said.query]
        return [await _explained(connection, said.query, said.args) for said in lists]


async def _explained(connection: Any, sql: str, values: Any) -> Any:
    report = await connection.fetchval(f"EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) {sql}", *values)
    return json.loads(report)[0]["Plan"]


def _rows_read(node: Any) -> float:
    if node.get("Schema") != "ledger":
        return 0
    ways_out = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    read_in_all: float = node["Actual Loops"] * sum(node.get(way, 0) for way in ways_out)
    return read_in_all


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
