"""Brings a database to the newest schema. Many processes may try at once: an advisory lock admits one."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

ADVISORY_LOCK = 7_265_437_001
PARTITION_DAYS_BEHIND = 4
PARTITION_DAYS_AHEAD = 14


def upgrade(dsn: str, revision: str = "head") -> None:
    """Migrates, then makes the partitions of the coming days. Needs a direct connection, no pooler."""
    asyncio.run(upgrade_async(dsn, revision))


async def upgrade_async(dsn: str, revision: str = "head") -> None:
    engine = create_async_engine(_sqlalchemy_url(dsn), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
            async with engine.connect() as worker:
                await worker.run_sync(_run_alembic, revision)
                await worker.commit()
            await _ensure_partitions(dsn)
    finally:
        await engine.dispose()


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


async def _ensure_partitions(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        today = datetime.now(UTC).date()
        await connection.execute(
            "SELECT ledger.ensure_partitions($1, $2)",
            today - timedelta(days=PARTITION_DAYS_BEHIND),
            today + timedelta(days=PARTITION_DAYS_AHEAD),
        )
    finally:
        await connection.close()
