"""How Postgres plans the statements of a list: for the values at hand, or once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from shared.db.queries import load_queries

_queries = load_queries(__file__, "plans")


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
