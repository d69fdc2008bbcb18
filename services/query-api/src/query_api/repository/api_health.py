"""Accounts we call, and what was counted of the calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from shared.connections.counts import Counts
from shared.db.outages import ANY_DATABASE_ERROR
from shared.db.queries import load_queries
from shared.tasks import Api

log = structlog.get_logger()

PATIENCE_MS = 3_000

_queries = load_queries(__file__, "api_health")


@dataclass(frozen=True, slots=True)
class Connected:
    """An account in use. `breaker_times`: how often in a row its breaker opened; None: it is closed."""

    id: int
    shop_id: int
    domain: str
    kind: str
    name: str
    settings: Mapping[str, Any]
    problem: str | None
    paused_until: datetime | None
    pause_reason: str | None
    is_held: bool
    breaker_times: int | None


@dataclass(frozen=True, slots=True)
class LastCalls:
    """The newest call, and the newest that went wrong for another reason than its data."""

    called_at: datetime
    error_at: datetime | None
    error_message: str | None
    error_task_id: UUID | None


@dataclass(frozen=True, slots=True)
class Observed:
    """What was counted, by account and category."""

    minutes: dict[tuple[int, str], dict[datetime, Counts]] = field(default_factory=dict)
    last: dict[tuple[int, str], LastCalls] = field(default_factory=dict)


async def connected_accounts(
    connection: Any,
    *,
    kinds: Sequence[str],
    shop_ids: Sequence[int] | None = None,
    account_id: int | None = None,
) -> list[Connected]:
    """By shop, kind and name; `shop_ids` None: of all shops."""
    ids = None if shop_ids is None else list(shop_ids)
    rows = _queries.connected(connection, shop_ids=ids, kinds=list(kinds), account_id=account_id)
    return [Connected(**row) async for row in rows]


async def observed(
    pool: asyncpg.Pool, account_ids: Sequence[int], since: datetime, until: datetime
) -> Observed | None:
    """None: it could not be read, or not in time; what else there is to tell does not wait for it."""
    try:
        async with pool.acquire() as connection, connection.transaction(readonly=True):
            await _queries.limit_time(connection, milliseconds=str(PATIENCE_MS))
            return await read_observed(connection, account_ids, since, until)
    except ANY_DATABASE_ERROR as error:
        log.warning("api_status_unreadable", reason=type(error).__name__)
        return None


async def read_observed(
    connection: Any, account_ids: Sequence[int], since: datetime, until: datetime
) -> Observed:
    found = Observed()
    place = {"account_ids": list(account_ids), "categories": [api.value for api in Api]}
    async for row in _queries.minutes(connection, **place, since=since, until=until):
        minutes = found.minutes.setdefault((row["account_id"], row["category"]), {})
        minutes[row["minute"]] = _counts(row)
    async for row in _queries.last_calls(connection, account_ids=list(account_ids)):
        last = LastCalls(row["called_at"], row["error_at"], row["error_message"], row["error_task_id"])
        found.last[row["account_id"], row["category"]] = last
    return found


def _counts(row: Any) -> Counts:
    facts = {name: row[name] for name in Counts._fields}
    return Counts(**{**facts, "total_ms": int(row["total_ms"]), "latency": tuple(row["latency"])})
