"""What others have done, seen from the database."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from devstack.errors import StackError
from shared.db.pool import open_connection
from shared.db.queries import load_queries

PATIENCE_S = 600
POLL_S = 0.05
QUERIES = load_queries(__file__, "seeing")


@asynccontextmanager
async def looking(database_url: str) -> AsyncIterator[Any]:
    """A connection for QUERIES."""
    connection = await open_connection(database_url, application_name="measuring")
    try:
        yield connection
    finally:
        await connection.close()


async def seen(database_url: str, query: str, **parameters: object) -> float:
    """The one value of a query."""
    async with looking(database_url) as connection:
        return float(await getattr(QUERIES, query)(connection, **parameters))


async def until(database_url: str, query: str, count: int, *, patience_s: float = PATIENCE_S) -> None:
    """Returns once the query counts so many. Raises StackError when that takes too long."""
    deadline, found = time.monotonic() + patience_s, 0
    async with looking(database_url) as connection:
        while (found := await _counted(connection, query)) < count:
            if time.monotonic() > deadline:
                raise StackError(f"{query}: only {found} of {count} within {patience_s:.0f} s")
            await asyncio.sleep(POLL_S)


async def _counted(connection: Any, query: str) -> int:
    try:
        return int(await getattr(QUERIES, query)(connection))
    except asyncpg.UndefinedTableError:  # peers make their tables when they begin
        return 0
