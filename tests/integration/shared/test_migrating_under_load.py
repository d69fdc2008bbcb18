"""The schema moves from the previous release's to the newest while that release writes and a backup reads."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest

from shared.db.migrate import upgrade_async
from shared.db.revisions import newest_revision
from shared.envelope import utc_now
from shared.identity import new_task_id
from tests.waiting import eventually

PREVIOUS_RELEASE = "0004"
SEEDED = 5_000
# Nobody who writes may ever have to wait for a lock that long.
WRITERS_PATIENCE = {"lock_timeout": "10s"}
# What the previous release's recorder, worker and ingest say to the database.
EVENT = """
INSERT INTO ledger.task_events (task_id, attempt, state, occurred_at, service, header, detail)
VALUES ($1, 1, 'queued', $2, 'ingest', '{}', '{}'), ($1, 1, 'processing', $2, 'sync-worker', '{}', '{}')
ON CONFLICT DO NOTHING"""
TASK = """
INSERT INTO ledger.tasks AS t (task_id, shop_id, type, state, state_rank, attempt, max_attempts, created_at,
    queued_at, started_at, updated_at)
VALUES ($1, 1, 'SyncContact', 'processing', 1, 1, 6, $2, $2, $2, $2)
ON CONFLICT (task_id) DO UPDATE SET state = excluded.state"""
COUNT = """
INSERT INTO ledger.task_counts_by_minute AS c
    (bucket, shop_id, type, account_id, state, n, duration_ms, items_processed, items_failed)
VALUES (date_trunc('minute', $1::timestamptz), 1, 'SyncContact', 0, 'processing', 1, 0, 0, 0)
ON CONFLICT (shop_id, bucket, type, account_id, state) DO UPDATE SET n = c.n + 1"""
CLAIM = "SELECT verdict FROM store.claim_task($1, 1, 1, NULL, 'order:1', NULL, 'w', interval '30 s', 3)"
COMPLETE = "SELECT store.complete_task($1, 1, 1, 'order:1', 'w', true, NULL)"
SPOOL = "INSERT INTO ingest.spool (task_id, routing_key, body) VALUES ($1, 'queued.sync.SyncContact', '')"
SEED = """
INSERT INTO ledger.tasks (task_id, shop_id, type, state, state_rank, attempt, max_attempts, source_id,
    order_number, created_at, queued_at, started_at, completed_at, duration_ms, updated_at)
SELECT (substr(ledger.first_id_of(current_date)::text, 1, 24) || lpad(to_hex(n), 12, '0'))::uuid, 1,
    'SyncOrder', 'succeeded', 4, 1, 6, n, n, now(), now(), now(), now(), 5, now()
FROM generate_series(1, $1::integer) AS n"""
INCLUDED = "INCLUDE (type, state, account_id, attempt)"
INVALID = """
SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid
UNION ALL SELECT conname FROM pg_constraint WHERE NOT convalidated"""

Round = Callable[[asyncpg.Connection], Awaitable[None]]


async def _record(connection: asyncpg.Connection) -> None:
    task_id, now = new_task_id(), utc_now()
    async with connection.transaction():
        await connection.execute(EVENT, task_id, now)
        await connection.execute(TASK, task_id, now)
        await connection.execute(COUNT, now)


async def _work(connection: asyncpg.Connection) -> None:
    task_id = new_task_id()
    assert await connection.fetchval(CLAIM, task_id) == "run"
    assert await connection.fetchval(COMPLETE, task_id)


async def _accept(connection: asyncpg.Connection) -> None:
    await connection.execute(SPOOL, new_task_id())


@asynccontextmanager
async def _traffic(url: str) -> AsyncIterator[Counter[str]]:
    """Goes on until the end; what it meets then is raised. Counts the rounds of each writer."""
    rounds: Counter[str] = Counter()
    is_over = asyncio.Event()

    async def write(one: Round) -> None:
        connection = await asyncpg.connect(url, server_settings=WRITERS_PATIENCE)
        while not is_over.is_set():
            try:
                await one(connection)
            except asyncpg.DeadlockDetectedError:  # services repeat this, too
                continue
            rounds[one.__name__] += 1
            await asyncio.sleep(0.005)
        await connection.close()

    writers = [asyncio.create_task(write(one)) for one in (_record, _work, _accept)]
    try:
        yield rounds
    finally:
        is_over.set()
        await asyncio.gather(*writers)


async def _backup(url: str, rounds: Counter[str]) -> None:
    """Reads in one transaction, until the migration has waited for it and writers went on all the same."""
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.fetchval("SELECT count(*) FROM ledger.tasks")
        waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock')"
        watcher = await asyncpg.connect(url)
        await eventually(lambda: watcher.fetchval(waiting), 30)
        await watcher.close()
        before = rounds.copy()
        await eventually(lambda: all(rounds[one] > n + 5 for one, n in before.items()), 30)
    await connection.close()


@pytest.fixture
def quick_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.db.migrate.LOCK_TIMEOUT_MS", 200)
    monkeypatch.setattr("shared.db.migrate.LOCK_PAUSE_S", 0.2)
    for span in ("BEHIND", "AHEAD"):
        monkeypatch.setattr(f"shared.db.migrate.PARTITION_DAYS_{span}", 1)


@pytest.mark.usefixtures("quick_steps")
async def test_writers_and_long_readers_do_not_notice_a_migration(empty_database_url: str) -> None:
    url = empty_database_url
    await upgrade_async(url, PREVIOUS_RELEASE)
    connection = await asyncpg.connect(url)
    await connection.execute(SEED, SEEDED)
    async with _traffic(url) as rounds:
        await eventually(lambda: len(rounds) == 3)
        await asyncio.gather(_backup(url, rounds), upgrade_async(url))
        before = rounds.copy()
        await eventually(lambda: all(rounds[one] > n for one, n in before.items()))
    assert await connection.fetchval("SELECT version_num FROM alembic_version") == newest_revision()
    assert await connection.fetch(INVALID) == []
    assert await connection.fetchval("SELECT count(*) FROM ledger.tasks") == SEEDED + rounds["_record"]
    assert await connection.fetchval("SELECT count(*) FROM ingest.spool") == rounds["_accept"]
    await connection.close()


@pytest.mark.usefixtures("quick_steps")
async def test_what_was_broken_off_between_two_statements_is_taken_up_again(empty_database_url: str) -> None:
    await upgrade_async(empty_database_url, "0005")
    connection = await asyncpg.connect(empty_database_url)
    day = f"{utc_now():%Y%m%d}"
    await connection.execute(
        f"CREATE INDEX tasks_by_start ON ONLY ledger.tasks (shop_id, started_at, task_id) "
        f"{INCLUDED} WHERE started_at IS NOT NULL; "
        f"CREATE INDEX tasks_{day}_tasks_by_start ON ledger.tasks_{day} (shop_id, started_at, task_id) "
        f"{INCLUDED} WHERE started_at IS NOT NULL"
    )
    await upgrade_async(empty_database_url)
    assert await connection.fetch(INVALID) == []
    await connection.close()
