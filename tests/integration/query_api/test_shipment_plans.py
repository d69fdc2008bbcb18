"""At volume, pages of shipments and orders are taken from the ends of index ranges, whatever is asked for."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from query_api.order_query import OrderQuery
from query_api.places import Place
from query_api.repository.connections import snapshot
from query_api.repository.shipment_pages import shipment_page
from query_api.repository.shipments import shipments_by_id, shippers
from query_api.repository.shipped_orders import order_page
from query_api.repository.syncing import counted
from query_api.shipment_order import place_of
from query_api.shipment_query import ShipmentQuery, Sort
from query_api.shipment_words import ShipmentState
from query_api.time_spans import Span
from shared.db.pool import open_pool
from tests.integration.query_api.shipping import NOON
from tests.servers.databases import Databases

ROWS = 20_000
PAGE = 50
MOST_READ = 1_500

FILL = f"""
ALTER TABLE store.shipments DISABLE TRIGGER USER;
INSERT INTO store.shops (domain, name, email, data_key) VALUES ('one.example', 'S', 's@s', '');
INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials)
SELECT 1, 'amazon', 'A' || n, 'http://x', '' FROM generate_series(1, 3) AS n;
INSERT INTO store.shipments (
    id, account_id, shop_id, order_id, order_number, shipment_id, package_id, package_number, carrier,
    tracking_numbers, shipped_at, items, quantity, state, task_id, created_at, last_attempt_at, synced_at,
    error_count)
SELECT md5(n::text)::uuid, 1 + n % 3, 1, n::text, nullif(n % 5000, 0)::text, 'S' || n, '1', 1,
    'carrier ' || n % 7, ARRAY['T' || n], moment, '[]', 1 + n % 4,
    CASE WHEN n % 1999 = 0 THEN 'failed' WHEN n % 997 = 0 THEN 'pending' ELSE 'synced' END,
    md5(n::text)::uuid, moment, CASE WHEN n % 9 > 0 THEN moment END,
    CASE WHEN n % 9 > 1 THEN moment END, n % 3
FROM (SELECT n, timestamptz '2026-11-20 12:00Z' - n * interval '1 minute' AS moment
      FROM generate_series(1, {ROWS}) AS n) AS made;
INSERT INTO store.shipped_orders (account_id, order_id, shop_id, failed, synced, first_at)
SELECT 1 + n % 3, n::text, 1, (n % 1999 = 0)::integer, 1,
    timestamptz '2026-11-20 12:00Z' - n * interval '1 minute'
FROM generate_series(1, {ROWS}) AS n;
"""
FILTERS = {
    "all": ShipmentQuery(),
    "rare state": ShipmentQuery(states=(ShipmentState.FAILED,)),
    "one account": ShipmentQuery(account_ids=(2,)),
    "an hour": ShipmentQuery(created=Span(NOON - timedelta(hours=2), NOON - timedelta(hours=1))),
    "tried within an hour": ShipmentQuery(
        attempted=Span(NOON - timedelta(hours=2), NOON - timedelta(hours=1))
    ),
    "a number": ShipmentQuery(order_number="77"),
    "a shipment": ShipmentQuery(shipment_id="S77"),
    "a tracking number": ShipmentQuery(tracking_number="T77"),
    "some": ShipmentQuery(ids=(UUID(int=1), UUID(int=2))),
}


@pytest.fixture(scope="module", params=["analyzed", "never analyzed"])
def full_database(
    request: pytest.FixtureRequest, databases: Databases, migrated_template: str
) -> Iterator[str]:
    """As the hours before statistics exist, and after."""
    statistics = ["ANALYZE store.shipments, store.shipped_orders"] if request.param == "analyzed" else []
    with databases.filled(migrated_template, FILL, *statistics) as url:
        yield url


@pytest.fixture
async def many(full_database: str) -> AsyncIterator[asyncpg.Pool]:
    async with await open_pool(full_database, max_size=2) as pool:
        yield pool


async def test_no_filter_in_no_order_reads_more_than_a_few_pages(
    many: asyncpg.Pool, request: pytest.FixtureRequest
) -> None:
    """A stretch of time in another order than that of time is left to the planner, who needs statistics."""
    has_statistics = request.node.callspec.params["full_database"] == "analyzed"
    read = {}
    for name, query in _questions():
        if not query.is_cut_across or has_statistics:
            allowed = ROWS / 2 if query.is_cut_across else MOST_READ
            for place in (None, await _middle(many, query.sort)):
                rows = await _rows_read(many, query, place)
                read[name, query.sort, query.descending, place is None] = rows / allowed
    assert max(read.values()) < 1, {case: part for case, part in read.items() if part >= 1}


def _questions() -> Iterator[tuple[str, ShipmentQuery]]:
    for (name, filtered), sort, descending in product(FILTERS.items(), Sort, (True, False)):
        yield name, replace(filtered, sort=sort, descending=descending)


async def test_orders_are_read_by_their_index(many: asyncpg.Pool) -> None:
    queries = (
        OrderQuery(),
        OrderQuery(states=(ShipmentState.FAILED,), newest_first=False),
        OrderQuery(account_ids=(1,), first_shipment=Span(NOON - timedelta(days=4), NOON - timedelta(days=3))),
    )
    for query in queries:
        async with snapshot(many) as connection:
            among = await shippers(connection, None, query.account_ids)
            statements = _listen(connection)
            page = await order_page(connection, query, among, None, limit=PAGE)
            await order_page(connection, query, among, page.next, limit=PAGE)
            assert await _read_by(connection, statements, "shipped_orders") < MOST_READ


async def test_counting_reads_no_more_than_it_counts(many: asyncpg.Pool) -> None:
    query = ShipmentQuery(states=(ShipmentState.FAILED, ShipmentState.PENDING))
    async with snapshot(many) as connection:
        among = await shippers(connection, None, None)
        statements = _listen(connection)
        counts, is_exact = await counted(connection, query, among)
        assert await _read_by(connection, statements, "shipments") <= sum(number for _, number in counts) + 10
    assert (sum(number for _, number in counts), is_exact) == (30, True)


async def _middle(pool: asyncpg.Pool, sort: Sort) -> Place:
    """A place far from both ends."""
    async with snapshot(pool) as connection:
        among = await shippers(connection, None, None)
        row_id = await connection.fetchval("SELECT id FROM store.shipments WHERE shipment_id = 'S10000'")
        (row,) = await shipments_by_id(connection, [row_id])
        return place_of(row, sort, among, is_forward=True)


async def _rows_read(pool: asyncpg.Pool, query: ShipmentQuery, place: Place | None) -> float:
    async with snapshot(pool) as connection:
        among = await shippers(connection, None, query.account_ids)
        statements = _listen(connection)
        await shipment_page(connection, query, among, place, limit=PAGE)
        return await _read_by(connection, statements, "shipments")


def _listen(connection: Any) -> list[Any]:
    statements: list[Any] = []
    connection.add_query_logger(statements.append)
    return statements


async def _read_by(connection: Any, statements: list[Any], table: str) -> float:
    """How many rows of the table the statements touched, of use or not; in the same plans as they had."""
    await asyncio.sleep(0)  # the logger is called by the event loop
    said = [
        one for one in statements if f"store.{table}" in one.query and not one.query.startswith("EXPLAIN")
    ]
    assert said
    rows = 0.0
    for one in said:
        report = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {one.query}", *one.args)
        rows += sum(_touched(node) for node in _nodes(json.loads(report)[0]["Plan"]) if _reads(node, table))
    return rows


def _reads(node: Any, table: str) -> bool:
    return bool(node.get("Relation Name") == table)


def _touched(node: Any) -> float:
    ways_out = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    return float(node["Actual Loops"]) * sum(float(node.get(way, 0)) for way in ways_out)


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
