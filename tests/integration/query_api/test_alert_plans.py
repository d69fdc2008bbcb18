"""At volume, lists of alerts read the ends of index ranges, and what is open is found without the rest."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import asyncpg
import pytest

from query_api.alert_query import AlertQuery, AlertState
from query_api.repository.alert_evidence import open_alerts
from query_api.repository.alerts import alert_page, alerts_by_id, notifications_of, open_counts
from query_api.repository.connections import snapshot
from shared.db.pool import open_pool
from tests.servers.databases import Databases

ALERTS, PAGE = 20_000, 50
MOST_READ = 20 * PAGE

FILL = f"""
INSERT INTO store.shops (domain, name, email, data_key)
SELECT 'shop-' || n || '.example', 'S', 's@s.example', '' FROM generate_series(1, 4) AS n;

INSERT INTO alerts.alerts
    (id, shop_id, rule, subject, state, severity, title, explanation, facts, began_at, seen_at)
SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '7000' || '8'
        || lpad(to_hex(n), 15, '0'))::uuid,
       nullif(n % 5, 0), 'error-rate', n::text,
       CASE WHEN n % 2000 = 0 THEN 'firing' WHEN n % 3000 = 1 THEN 'pending' ELSE 'resolved' END,
       'warning', 't', 'e', '{{}}', moment, moment
FROM (SELECT n, now() - n * interval '10 minutes' AS moment FROM generate_series(1, {ALERTS}) AS n) AS made;

INSERT INTO alerts.notifications (id, shop_id, kind, channel, recipient, alerts, created_at)
SELECT gen_random_uuid(), shop_id, 'news', 'mail', 'r', jsonb_build_array(jsonb_build_object('id', id)),
       began_at
FROM alerts.alerts;
ANALYZE alerts.alerts, alerts.notifications;
"""

Read = Callable[[Any], Awaitable[Any]]


@pytest.fixture(scope="module")
def full_database(databases: Databases, migrated_template: str) -> Iterator[str]:
    with databases.filled(migrated_template, FILL) as url:
        yield url


@pytest.fixture
async def full(full_database: str) -> AsyncIterator[asyncpg.Pool]:
    async with await open_pool(full_database, max_size=1) as pool:
        yield pool


async def test_lists_of_alerts_read_little(full: asyncpg.Pool) -> None:
    queries = {
        "all": AlertQuery(),
        "firing": AlertQuery(states=(AlertState.FIRING,)),
        "some shops": AlertQuery(shop_ids=(1, 3)),
        "nobody's": AlertQuery(shop_ids=()),
    }
    read = {
        name: await _rows_read(full, lambda connection, query=query: _page(connection, query))  # type: ignore[misc]
        for name, query in queries.items()
    }
    assert max(read.values()) < MOST_READ, read


async def test_what_is_open_is_found_without_the_rest(full: asyncpg.Pool) -> None:
    read = {
        "all": await _rows_read(full, lambda connection: open_counts(connection, None)),
        "shops": await _rows_read(full, lambda connection: open_counts(connection, [1, 3])),
        "one shop": await _rows_read(full, lambda connection: open_alerts(connection, 1)),
        "the platform": await _rows_read(full, lambda connection: open_alerts(connection, None)),
    }
    assert max(read.values()) < MOST_READ, read


@pytest.mark.parametrize("shop_id", [1, None])
async def test_what_was_told_of_a_new_alert_is_found_among_the_newest(
    full: asyncpg.Pool, shop_id: int | None
) -> None:
    newest = await full.fetchval(
        "SELECT id FROM alerts.alerts WHERE shop_id IS NOT DISTINCT FROM $1 ORDER BY id DESC LIMIT 1", shop_id
    )
    (row,) = await alerts_by_id(full, [newest])
    assert len(await notifications_of(full, row)) == 1
    assert await _rows_read(full, lambda connection: notifications_of(connection, row)) < MOST_READ


async def _page(connection: Any, query: AlertQuery) -> Any:
    return await alert_page(connection, query, None, limit=PAGE)


async def _rows_read(pool: asyncpg.Pool, read: Read) -> float:
    """From tables of alerts, whether they were of use or not."""
    async with snapshot(pool) as connection:
        statements: list[Any] = []
        connection.add_query_logger(statements.append)
        await read(connection)
        await asyncio.sleep(0)  # the logger is called by the event loop
        connection.remove_query_logger(statements.append)
        asked = [said for said in statements if "alerts." in said.query]
        assert asked
        return sum([await _read_by(connection, said) for said in asked])


async def _read_by(connection: Any, said: Any) -> float:
    report = await connection.fetchval(f"EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) {said.query}", *said.args)
    ways_out = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    read: float = sum(
        float(node["Actual Loops"]) * sum(node.get(way, 0) for way in ways_out)
        for node in _nodes(json.loads(report)[0]["Plan"])
        if node.get("Schema") == "alerts"
    )
    return read


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
