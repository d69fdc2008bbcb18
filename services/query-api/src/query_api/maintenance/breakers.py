"""Accounts that have a breaker are left alone for a while when their connection turns red."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import structlog

from query_api.recorder import metrics
from query_api.recorder.settings import RecorderSettings
from query_api.repository.api_health import Observed, read_observed
from shared.connections.breaker import Position, Rules, next_position
from shared.connections.rules import breaker_rules, health_rules
from shared.connections.status import ByMinute, needed_since
from shared.db.queries import load_queries
from shared.envelope import utc_now

log = structlog.get_logger()

_queries = load_queries(__file__, "breakers")


async def turn_breakers(connection: Any, _: RecorderSettings, *, now: datetime | None = None) -> None:
    """Opens and closes what is to be; a pause ends by itself."""
    now = now or utc_now()
    watched = {row["id"]: row async for row in _queries.watched(connection)}
    rules = {account_id: _rules(row["settings"]) for account_id, row in watched.items()}
    since = min((needed_since(now, own.health) for own in rules.values()), default=now)
    found = await read_observed(connection, list(watched), since, now)
    for account_id, row in watched.items():
        known = _known(row)
        position = next_position(_counts_of(account_id, found), rules[account_id], known, now)
        if position is not None:
            await _turn(connection, account_id, known, position)
    metrics.BREAKERS_OPEN.set(await _queries.count_open(connection))


async def _turn(connection: Any, account_id: int, known: Position | None, position: Position) -> None:
    place = {"account_id": account_id}
    async with connection.transaction():
        await _queries.note(connection, **place, **asdict(position))
        if position.times:
            await _queries.pause(connection, **place, until=position.open_until, reason=position.reason)
            metrics.BREAKERS_OPENED.inc()
        elif known is not None:
            await _queries.resume(connection, **place, reason=known.reason)
    log.info("breaker_turned", account_id=account_id, times=position.times, reason=position.reason)


def _rules(settings: Mapping[str, Any]) -> Rules:
    return Rules(breaker_rules(settings), health_rules(settings))


def _known(row: Any) -> Position | None:
    if row["times"] is None:
        return None
    return Position(row["category"], row["opened_at"], row["open_until"], row["times"], row["reason"])


def _counts_of(account_id: int, found: Observed) -> dict[str, ByMinute]:
    return {category: minutes for (owner, category), minutes in found.minutes.items() if owner == account_id}
