"""Waiting for what others are doing, seen from the database."""

import asyncio
import time
from typing import Any

import asyncpg

from devstack.errors import StackError

PATIENCE_S = 300
_POLL_S = 0.05


async def until(database_url: str, query: str, count: int) -> None:
    """Returns once the query counts so many. Raises StackError when that takes too long."""
    connection = await asyncpg.connect(database_url)
    deadline, found = time.monotonic() + PATIENCE_S, 0
    try:
        while found < count:
            if time.monotonic() > deadline:
                raise StackError(f"only {found} of {count} within {PATIENCE_S} s: {query}")
            await asyncio.sleep(_POLL_S)
            found = await _counted(connection, query)
    finally:
        await connection.close()


async def _counted(connection: Any, query: str) -> int:
    try:
        return int(await connection.fetchval(query))
    except asyncpg.UndefinedTableError:  # peers make their tables when they begin
        return 0
