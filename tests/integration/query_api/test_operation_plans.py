"""What operations ask of the log is found by indexes, however much there is."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from query_api.operations.retry_facts import known_of, outcomes_of, retry_id_of
from query_api.repository.connections import snapshot
from query_api.repository.tasks import tasks_by_id
from shared.db.pool import open_pool

ROWS, ASKED = 4_000, 50
MOST_READ = 8 * ASKED

FILL = f"""
INSERT INTO store.shops (domain, name, email, data_key) VALUES ('s.example', 'S', 's@s.example', '');
CREATE TEMPORARY TABLE made AS
SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0')
        || '7' || substr(noise, 1, 3) || '8' || substr(noise, 4, 15))::uuid AS task_id, moment, n
FROM (SELECT n, md5(n::text) AS noise, now() - n * interval '60 seconds' AS moment
      FROM generate_series(1, {ROWS}) AS n) AS numbered;
INSERT INTO ledger.tasks (task_id, shop_id, type, state, state_rank, attempt, max_attempts,
                          created_at, queued_at, started_at, completed_at, updated_at)
SELECT task_id, 1, 'SyncOrder', 'failed', 3, 1, 5, moment, moment, moment, moment, moment FROM made;
INSERT INTO ledger.task_events (task_id, attempt, state, occurred_at, service, header, detail)
SELECT task_id, 1, state, moment, 'test', '{{}}', '{{}}'
FROM made, unnest(ARRAY['queued', 'processing', 'failed']) AS state;
INSERT INTO ledger.payloads (task_id, attempt, position, shop_id, meta, received)
SELECT task_id, 1, 0, 1, '{{}}', 'x' FROM made;
INSERT INTO admin.retries (task_id, retry_id, operation_id, published_at)
SELECT gen_random_uuid(), task_id, $1, now() FROM made WHERE n <= {ASKED};
"""


@pytest.fixture
def operation_id() -> UUID:
    return uuid4()


@pytest.fixture
async def log(database_url: str, operation_id: UUID) -> AsyncIterator[asyncpg.Pool]:
    async with await open_pool(database_url, max_size=1) as pool:
        await pool.execute("SELECT ledger.ensure_partitions((now() - interval '4 days')::date, now()::date)")
        await pool.execute(FILL.replace("$1", f"'{operation_id}'"))
        await pool.execute("ANALYZE ledger.tasks, ledger.task_events, ledger.payloads")
        yield pool


async def test_what_decides_over_retries_is_found_by_indexes(log: asyncpg.Pool, operation_id: UUID) -> None:
    ids = [row["task_id"] for row in await log.fetch("SELECT task_id FROM made ORDER BY n LIMIT $1", ASKED)]
    async with snapshot(log) as connection:
        statements: list[Any] = []
        tasks = await tasks_by_id(connection, ids)
        connection.add_query_logger(statements.append)
        known = await known_of(connection, tasks, None)
        counted = await outcomes_of(connection, operation_id)
        assert await retry_id_of(connection, ids[0]) is None
        await asyncio.sleep(0)  # the logger is called by the event loop
        plans = [
            await _explained(connection, said.query, said.args)
            for said in list(statements)
            if "ledger." in said.query
        ]
    assert all(one.ended.has_payload and one.header == {} for one in known.values())
    assert (len(known), counted) == (ASKED, {"failed": ASKED})
    assert len(plans) >= 3
    for nodes in ([*_nodes(plan)] for plan in plans):
        whole = [node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"]
        assert not [table for table in whole if table.startswith(("tasks_", "task_events_", "payloads_"))]
        assert sum(map(_rows_read, nodes)) <= MOST_READ


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
