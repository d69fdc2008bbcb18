"""What gauges are read from; every query is bounded by shops and by time, none walks the log."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg

from shared.db.outages import INFRASTRUCTURE_ERRORS
from shared.db.queries import load_queries
from shared.identity import first_id_at

OLDEST_WAITING = timedelta(days=3)
# The database is away, or not migrated yet.
UNREADABLE: tuple[type[Exception], ...] = (asyncpg.SyntaxOrAccessError, *INFRASTRUCTURE_ERRORS)
_queries = load_queries(__file__, "gauges")

Counted = dict[tuple[int, str], int]
Latest = dict[tuple[int, str], datetime]


async def gauged_shops(connection: Any, *, most: int) -> tuple[dict[int, str], int]:
    """Names by id of those that have gauges, and how many there are in all; `most` is at least 1."""
    rows = [row async for row in _queries.gauged_shops(connection, most=most)]
    return {row["id"]: row["domain"] for row in rows}, rows[0]["in_all"] if rows else 0


async def open_by_shop(connection: Any, shop_ids: list[int]) -> Counted:
    return await _counted(_queries.open_by_shop(connection, shop_ids=shop_ids))


async def ended_by_shop(connection: Any, shop_ids: list[int], *, since: datetime) -> Counted:
    return await _counted(_queries.ended_by_shop(connection, shop_ids=shop_ids, since=since))


async def firing_by_shop(connection: Any, shop_ids: list[int]) -> dict[int, int]:
    return {row["shop_id"]: row["n"] async for row in _queries.firing_by_shop(connection, shop_ids=shop_ids)}


async def succeeded(connection: Any, *, since: datetime, by_hour: bool) -> Latest:
    """When a task of each shop and type last succeeded since then: the beginning of the hour or minute."""
    ask = _queries.succeeded_by_hour if by_hour else _queries.succeeded_by_minute
    return {(row["shop_id"], row["type"]): row["at"] async for row in ask(connection, since=since)}


async def ever_succeeded(connection: Any) -> set[tuple[int, str]]:
    """Shops in use and the types of their tasks that have succeeded at any time."""
    return {(row["shop_id"], row["type"]) async for row in _queries.ever_succeeded(connection)}


async def oldest_waiting(connection: Any, *, now: datetime) -> dict[str, datetime]:
    """Since when the oldest task of each type has waited."""
    rows = _queries.oldest_waiting(connection, oldest_id=first_id_at(now - OLDEST_WAITING), now=now)
    return {row["type"]: row["since"] async for row in rows}


async def database(connection: Any) -> tuple[Any, dict[str, int]]:
    """Its size and limits, and its connections by state."""
    facts = await _queries.database(connection)
    return facts, {row["state"]: row["n"] async for row in _queries.connections_by_state(connection)}


async def _counted(rows: Any) -> Counted:
    return {(row["shop_id"], row["state"]): row["n"] async for row in rows}
