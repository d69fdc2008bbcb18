"""One consistent view per answer: what a request reads belongs to one moment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import asyncpg

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


async def plan_for_lists(connection: Any) -> None:
    """Until the end of the transaction."""
    await _queries.plan_for_lists(connection)


@asynccontextmanager
async def planned_once(connection: Any) -> AsyncIterator[None]:
    """For statements with one good plan, whatever the values: tasks found by their ids, or walked in the
    order of an index. It is kept; with many days in the log, making it takes longer than carrying it out."""
    was_for_lists = await _queries.keep_plans(connection)
    yield
    if was_for_lists:
        await _queries.make_plans(connection)


async def schema_revision(pool: asyncpg.Pool) -> str:
    """The migration the database has come to."""
    return cast(str, await _queries.schema_revision(pool))
