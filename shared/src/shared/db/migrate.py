"""Brings a database to the newest schema. Many processes may try at once: an advisory lock admits one."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

ADVISORY_LOCK = 7_265_437_001
PARTITION_DAYS_BEHIND = 4
PARTITION_DAYS_AHEAD = 14
# A change that waits for a lock makes everybody behind it wait; after so long it steps back and comes again.
LOCK_TIMEOUT_MS = 2_000
LOCK_PAUSE_S = 3
LOCK_TRIES = 200
TURN_POLL_S = 0.2

log = structlog.get_logger()


def upgrade(
    dsn: str,
    revision: str = "head",
    *,
    days_behind: int = PARTITION_DAYS_BEHIND,
    days_ahead: int = PARTITION_DAYS_AHEAD,
) -> None:
    """Migrates, then makes the partitions of the days around today. Needs a direct connection, no pooler."""
    asyncio.run(upgrade_async(dsn, revision, days_behind=days_behind, days_ahead=days_ahead))


async def upgrade_async(
    dsn: str,
    revision: str = "head",
    *,
    days_behind: int = PARTITION_DAYS_BEHIND,
    days_ahead: int = PARTITION_DAYS_AHEAD,
) -> None:
    engine = create_async_engine(
        _sqlalchemy_url(dsn),
        poolclass=NullPool,
        connect_args={"server_settings": {"lock_timeout": str(LOCK_TIMEOUT_MS)}},
    )
    try:
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await _take_turns(connection)
            await _migrate(engine, revision)
            await _ensure_partitions(dsn, days_behind=days_behind, days_ahead=days_ahead)
    finally:
        await engine.dispose()


async def _take_turns(connection: AsyncConnection) -> None:
    """Asks again and again: a session that waits inside the lock would hold up indexes that wait for it."""
    wanted = text("SELECT pg_try_advisory_lock(:key)")
    while not await connection.scalar(wanted, {"key": ADVISORY_LOCK}):  # noqa: ASYNC110
        await asyncio.sleep(TURN_POLL_S)


async def _migrate(engine: AsyncEngine, revision: str) -> None:
    """Each revision either happens or does not; those that happened are not run again."""
    for tried in range(1, LOCK_TRIES + 1):
        try:
            async with engine.connect() as worker:
                await worker.run_sync(_run_alembic, revision)
                await worker.commit()
                return
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
            if tried == LOCK_TRIES:
                raise
            log.warning("migration_waits_for_lock", tried=tried, reason=str(error))
            await asyncio.sleep(LOCK_PAUSE_S)


def _run_alembic(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _sqlalchemy_url(dsn: str) -> str:
    _, _, rest = dsn.partition("://")
    return f"postgresql+asyncpg://{rest}"


async def _ensure_partitions(dsn: str, *, days_behind: int, days_ahead: int) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        today = datetime.now(UTC).date()
        await connection.execute(
            "SELECT ledger.ensure_partitions($1, $2)",
            today - timedelta(days=days_behind),
            today + timedelta(days=days_ahead),
        )
    finally:
        await connection.close()
