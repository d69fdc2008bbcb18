"""One consistent view per answer: what a request reads belongs to one moment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import asyncpg

from query_api.repository.plans import plan_for_lists
from shared.db.queries import load_queries

_queries = load_queries(__file__, "connections")


@asynccontextmanager
async def one_moment(pool: asyncpg.Pool) -> AsyncIterator[Any]:
    """A connection whose statements all see the same state of the log."""
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        yield connection


@asynccontextmanager
async def snapshot(pool: asyncpg.Pool) -> AsyncIterator[Any]:
    """The same, planned for lists."""
    async with one_moment(pool) as connection:
        await plan_for_lists(connection)
        yield connection


async def schema_revision(pool: asyncpg.Pool) -> str:
    """The migration the database has come to."""
    return cast(str, await _queries.schema_revision(pool))
