"""Every filter with every order: the right tasks, page by page, by an index, never by reading all of them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from query_api.repository import legs, pages
from query_api.repository.connections import snapshot
from query_api.repository.counting import count_tasks
from query_api.repository.drivers import Fact
from query_api.repository.keyed import ByTrouble
from query_api.repository.pages import list_page
from query_api.stories.belonging import OfOrder
from query_api.task_matching import matches
from query_api.task_order import Spot, in_order, value_of
from query_api.task_query import NEAR, Sort, TaskQuery
from query_api.time_spans import Span
from shared.db.pool import open_pool
from shared.envelope import State
from shared.identity import created_at
from shared.tasks import TaskType
from tests.servers.databases import Databases

PAGE = 40
MOST_READ = 6 * 400  # the shops' ranges are merged, and what is found is judged and shown

FILL = """
INSERT INTO store.shops (domain, name, email, data_key)
SELECT 'shop-' || n || '.example', 'S', 's@s.example', '' FROM generate_series(1, 3) AS n;

INSERT INTO ledger.tasks (
    task_id, shop_id, account_id, type, state, state_rank, attempt, max_attempts,
    source_id, target_id, order_number, error_kind, fingerprint, duration_ms,
    created_at, queued_at, started_at, completed_at, updated_at
)
SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0')
        || '7' || substr(noise, 1, 3) || '8' || substr(noise, 4, 15))::uuid,
       1 + n % 3, 10 + n % 7, (ARRAY['SyncOrder', 'IndexOrder', 'SyncContact'])[1 + n % 3], state, 0,
       CASE WHEN state <> 'queued' AND n % 11 = 0 THEN 1 + n % 4 ELSE 1 END, 5,
       's' || n % 400, CASE WHEN state = 'succeeded' THEN 't' || n % 900 END, '#' || n % 1000,
       CASE state WHEN 'failed' THEN (ARRAY['authentication', 'not_found'])[1 + n / 50 % 2]
                  WHEN 'retrying' THEN (ARRAY['not_found', 'rate_limited'])[1 + n % 2] END,
       CASE state WHEN 'failed' THEN 'f' || n % 4 WHEN 'retrying' THEN 'r' || n % 2 END,
       CASE WHEN state IN ('succeeded', 'failed', 'retrying') THEN (n * 7919 % 5000)::float8 END,
       moment, moment,
       CASE WHEN state <> 'queued' THEN moment + started END,
       CASE WHEN state IN ('succeeded', 'failed') THEN moment + completed END, moment
FROM (
    SELECT n, md5(n::text) AS noise, now() - n * interval '40 seconds' AS moment,
           CASE WHEN n % 50 = 0 THEN 'failed' WHEN n % 400 < 2 THEN 'queued'
                WHEN n % 400 < 3 THEN 'processing' WHEN n % 400 < 5 THEN 'retrying'
                ELSE 'succeeded' END AS state,
           CASE WHEN n % 61 = 0 THEN interval '5 hours' WHEN n % 67 = 0 THEN interval '-20 minutes'
                ELSE (n % 97) * interval '1 second' END AS started,
           CASE WHEN n % 53 = 0 THEN interval '7 hours' WHEN n % 59 = 0 THEN interval '15 minutes'
                ELSE (n % 89) * interval '3 seconds' END AS completed
    FROM generate_series(1, 7000) AS n
) AS made;

INSERT INTO ledger.task_counts (shop_id, type, account_id, state, n)
SELECT shop_id, type, account_id, state, count(*) FROM ledger.tasks GROUP BY 1, 2, 3, 4;

INSERT INTO ledger.failure_groups (
    shop_id, fingerprint, type, error_kind, place, message, remedy, n, first_at, last_at, example_id
)
SELECT shop_id, fingerprint, min(type), min(error_kind), '', '', '', count(*), now(), now(),
       (array_agg(task_id))[1]
FROM ledger.tasks WHERE state = 'failed' GROUP BY 1, 2;

UPDATE ledger.tasks t SET parent_id = p.task_id, root_id = p.task_id
FROM ledger.tasks p
WHERE p.source_id = 's399' AND p.shop_id = t.shop_id AND t.source_id = 's1' AND t.task_id <> p.task_id
  AND t.created_at BETWEEN p.created_at AND p.created_at + interval '6 hours';

UPDATE ledger.tasks t SET retry_of = f.task_id
FROM ledger.tasks f
WHERE f.state = 'failed' AND f.source_id IN ('s0', 's50') AND t.source_id = 's2' AND t.shop_id = f.shop_id
  AND t.created_at BETWEEN f.created_at AND f.created_at + interval '3 hours';
"""

HALF_A_DAY_AGO = datetime.now(UTC) - timedelta(hours=12)
TWO_DAYS_AGO = datetime.now(UTC) - timedelta(days=2)
FILTERS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "one shop": {"shop_ids": (2,)},
    "some shops": {"shop_ids": (1, 3)},
    "a state": {"states": (State.FAILED,), "shop_ids": (1, 2)},
    "open states": {"states": (State.QUEUED, State.PROCESSING, State.RETRYING)},
    "types": {"types": (TaskType.SYNC_ORDER, TaskType.SYNC_CONTACT)},
    "a type and a state": {"types": (TaskType.INDEX_ORDER,), "states": (State.SUCCEEDED,), "shop_ids": (3,)},
    "an account": {"account_ids": (12,)},
    "an account and a state": {"account_ids": (12, 13), "states": (State.FAILED,), "shop_ids": (1, 2, 3)},
    "an order": {"order_numbers": ("77", "#77"), "shop_ids": (1, 2, 3)},
    "an order's id": {"order": OfOrder("s250")},
    "a source": {"source_id": "s250"},
    "a target": {"target_id": "t13", "shop_ids": (2,)},
    "a kind of error": {"error_kind": "authentication"},
    "a kind of error that none failed with for good": {"error_kind": "rate_limited"},
    "a kind of error that some are tried again after": {"error_kind": "not_found", "shop_ids": (1, 2)},
    "a kind of error nobody had": {"error_kind": "conflict"},
    "a fingerprint": {"fingerprint": "f2", "shop_ids": (1,)},
    "several attempts": {"attempts_from": 3, "shop_ids": (1,)},
    "retried": {"has_retry": True},
    "a day": {"created": Span(TWO_DAYS_AGO, HALF_A_DAY_AGO)},
    "some hours": {"created": Span(TWO_DAYS_AGO, TWO_DAYS_AGO + timedelta(hours=6))},
    "started lately": {"started": Span(HALF_A_DAY_AGO), "shop_ids": (1,)},
    "ended long ago": {"completed": Span(until=TWO_DAYS_AGO)},
}


@pytest.fixture(scope="module")
def full_database(databases: Databases, migrated_template: str) -> Iterator[str]:
    days = "SELECT ledger.ensure_partitions((now() - interval '4 days')::date, now()::date)"
    with databases.filled(migrated_template, days, FILL, "ANALYZE ledger.tasks") as url:
        yield url


@pytest.fixture
async def log(full_database: str) -> AsyncIterator[asyncpg.Pool]:
    async with await open_pool(full_database, max_size=2) as pool:
        yield pool


def every_query() -> Iterator[tuple[str, TaskQuery]]:
    for name, terms in FILTERS.items():
        for sort in Sort:
            for descending in (True, False):
                yield f"{name}, by {sort}, {descending}", TaskQuery(**terms, sort=sort, descending=descending)


async def test_every_filter_in_every_order_shows_what_a_plain_scan_finds(log: asyncpg.Pool) -> None:
    facts = await _all_facts(log)
    for name, query in every_query():
        wanted = _by_hand(facts, query)
        async with snapshot(log) as connection:
            first = await _walked(connection, query, PAGE)
            assert first[: len(wanted)] == wanted[: len(first)], name
            assert len(first) == min(len(wanted), 2 * PAGE), name


async def test_walking_forth_and_back_shows_every_task_once(
    log: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = await _all_facts(log)
    for name in (
        "an account and a state",
        "an order",
        "retried",
        "several attempts",
        "open states",
        "a kind of error",
        "some hours",
    ):
        monkeypatch.setattr(legs, "FEW", 60 if name == "open states" else 2_000)  # more are queued than begun
        for sort in Sort:
            query = TaskQuery(**FILTERS[name], sort=sort)
            async with snapshot(log) as connection:
                forth, last = await _to_the_end(connection, query)
                back = await _back_from(connection, query, last)
            assert forth == _by_hand(facts, query), (name, sort)
            assert back == forth[: len(back)], (name, sort)


async def test_a_task_that_began_where_two_parts_of_a_list_meet_is_shown_once(log: asyncpg.Pool) -> None:
    until = TWO_DAYS_AGO.replace(microsecond=0)
    moved = (
        "UPDATE ledger.tasks SET started_at = $1 WHERE task_id = (SELECT task_id FROM ledger.tasks "
        "WHERE created_at < $2 AND started_at IS NOT NULL ORDER BY created_at DESC LIMIT 1)"
    )
    await log.execute(moved, until + NEAR, until)
    facts = await _all_facts(log)
    for descending in (True, False):
        span = Span(until - timedelta(hours=2), until)
        query = TaskQuery(created=span, sort=Sort.STARTED, descending=descending)
        async with snapshot(log) as connection:
            found, last = await _to_the_end(connection, query)
            back = await _back_from(connection, query, last)
        assert found == _by_hand(facts, query), descending
        assert back == found[: len(back)], descending


TROUBLE: list[dict[str, Any]] = [
    {"states": (State.FAILED,)},
    {"error_kind": "authentication"},
    {"fingerprint": "f2", "shop_ids": (1,)},
    {"states": (State.RETRYING, State.FAILED), "types": (TaskType.INDEX_ORDER,), "account_ids": (12, 13)},
]


async def test_few_are_sorted_and_many_walked_with_the_same_result(
    log: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = [TaskQuery(**terms, sort=sort) for terms in TROUBLE for sort in Sort]
    monkeypatch.setattr(legs, "PASSED_FOR_ONE", 1)
    async with snapshot(log) as connection:
        few = [await _walked(connection, query, PAGE) for query in queries]
        monkeypatch.setattr(legs, "FEW", 1)
        for query, expected in zip(queries, few, strict=True):
            assert await _walked(connection, query, PAGE) == expected, query


async def test_failures_of_a_type_are_walked_to_past_other_failures_unless_those_are_too_many(
    log: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = TaskQuery(states=(State.FAILED,), types=(TaskType.SYNC_ORDER,), sort=Sort.STARTED)
    async with snapshot(log) as connection:
        walked = await legs.legs_of(connection, query)
        monkeypatch.setattr(legs, "PASSED_FOR_ONE", 2)  # two of three are of other types
        listed = await legs.legs_of(connection, query)
    assert [*map(type, walked)] == [ByTrouble]
    assert [*map(type, listed)] == [legs.Few]


async def test_what_went_wrong_is_walked_past_all_that_did_not(log: asyncpg.Pool) -> None:
    for sort in (Sort.STARTED, Sort.COMPLETED, Sort.DURATION, Sort.ATTEMPTS):
        plans = await _plans(log, TaskQuery(states=(State.FAILED,), sort=sort))
        read = sum(_rows_read(node) for plan in plans for node in _nodes(plan))
        assert 0 < read < 10 * PAGE, sort


async def test_a_search_for_what_is_rare_is_interrupted_and_goes_on(
    log: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SCAN_LIMIT", 1_000)
    monkeypatch.setattr(legs, "FEW", 1)
    query = TaskQuery(attempts_from=4, started=Span(until=TWO_DAYS_AGO), sort=Sort.DURATION)
    facts = await _all_facts(log)
    async with snapshot(log) as connection:
        first = await list_page(connection, query, None, limit=PAGE)
        found, _ = await _to_the_end(connection, query)
    assert first.is_short
    assert found == _by_hand(facts, query)


async def test_no_list_reads_more_than_a_bounded_part_of_the_log(
    log: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SCAN_CHUNK", 100)
    monkeypatch.setattr(pages, "SCAN_LIMIT", 400)
    monkeypatch.setattr(legs, "FEW", 100)
    for name, query in every_query():
        if not query.descending:
            continue
        plans = await _plans(log, query)
        nodes = [node for plan in plans for node in _nodes(plan)]
        assert not [
            node
            for node in nodes
            if node["Node Type"] == "Seq Scan"
            and node.get("Schema") == "ledger"
            and node["Relation Name"].startswith("tasks_")
        ], name
        assert sum(map(_rows_read, nodes)) < MOST_READ, name


async def test_counts_are_exact_or_say_that_there_are_more(
    log: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("query_api.repository.counting.COUNTED_AT_MOST", 100)
    facts = await _all_facts(log)
    for name, terms in FILTERS.items():
        query = TaskQuery(**terms)
        async with snapshot(log) as connection:
            count = await count_tasks(connection, query)
        there_are = len(_by_hand(facts, query))
        assert count.n == there_are if count.is_exact else 100 <= count.n <= there_are, name


async def _all_facts(pool: asyncpg.Pool) -> list[Fact]:
    columns = ", ".join(Fact._fields)
    return [Fact(*row) for row in await pool.fetch(f"SELECT {columns} FROM ledger.tasks")]


def _by_hand(facts: Sequence[Fact], query: TaskQuery) -> list[UUID]:
    """The whole list by brute force."""
    retried = {fact.retry_of for fact in facts}
    chosen = [
        fact
        for fact in facts
        if matches(fact, query)
        and query.created.holds(created_at(fact.task_id))
        and (query.has_retry is None or (fact.task_id in retried) is query.has_retry)
    ]
    spots = [Spot(value_of(fact, query.sort), fact.task_id) for fact in chosen]
    return [spot.task_id for spot in in_order(spots, descending=query.descending)]


async def _walked(connection: Any, query: TaskQuery, limit: int) -> list[UUID]:
    """Two pages, and the way back from the second to the first."""
    first = await list_page(connection, query, None, limit=limit)
    if first.next is None:
        return [task.task_id for task in first.tasks]
    second = await list_page(connection, query, first.next, limit=limit)
    if second.previous is not None and not second.is_short and second.tasks:
        again = await list_page(connection, query, second.previous, limit=limit)
        assert [task.task_id for task in again.tasks] == [task.task_id for task in first.tasks]
    return [task.task_id for task in first.tasks + second.tasks]


async def _to_the_end(connection: Any, query: TaskQuery) -> tuple[list[UUID], pages.Page]:
    page = await list_page(connection, query, None, limit=PAGE)
    found = [task.task_id for task in page.tasks]
    while page.next:
        page = await list_page(connection, query, page.next, limit=PAGE)
        found += [task.task_id for task in page.tasks]
    return found, page


async def _back_from(connection: Any, query: TaskQuery, page: pages.Page) -> list[UUID]:
    found: list[UUID] = []
    while page.previous:
        page = await list_page(connection, query, page.previous, limit=PAGE)
        found = [task.task_id for task in page.tasks] + found
    return found


async def _plans(pool: asyncpg.Pool, query: TaskQuery) -> list[Any]:
    """How Postgres carries out the statements of one page, with what each step touched."""
    async with snapshot(pool) as connection:
        statements: list[Any] = []
        connection.add_query_logger(statements.append)
        await list_page(connection, query, None, limit=PAGE)
        await asyncio.sleep(0)  # the logger is called by the event loop
        lists = [said for said in statements if "ledger.tasks" in said.query]
        return [await _explained(connection, said.query, said.args) for said in lists]


async def _explained(connection: Any, sql: str, values: Any) -> Any:
    report = await connection.fetchval(f"EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) {sql}", *values)
    return json.loads(report)[0]["Plan"]


def _rows_read(node: Any) -> float:
    if node.get("Schema") != "ledger":
        return 0
    ways_out = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    read: float = node["Actual Loops"] * sum(node.get(way, 0) for way in ways_out)
    return read


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
