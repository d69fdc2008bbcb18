"""Reads how the accounts of shops are: refused or not, connected or not, about to expire or not."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from shared.alerts.connection_facts import Look, OpenBreaker, connection_facts, counts_since, look_at
from shared.alerts.facts import AccountFacts
from shared.alerts.settings import AlertSettings
from shared.connections.counts import Counts
from shared.connections.expiry import expiry_of
from shared.connections.parts import parts_of
from shared.connections.status import ByMinute
from shared.db.queries import load_queries

_queries = load_queries(__file__, "facts")

_Minutes = Mapping[tuple[int, str], ByMinute]


async def read_accounts(
    connection: Any, settings: Mapping[int, AlertSettings], now: datetime, known_until: datetime
) -> dict[int, tuple[AccountFacts, ...]]:
    """The accounts in use of these shops, by shop."""
    rows = [row async for row in _queries.accounts(connection, shop_ids=list(settings), now=now)]
    looks = {
        row["id"]: look_at(row["settings"], settings[row["shop_id"]].red_minutes, known_until) for row in rows
    }
    minutes = await _read_minutes(connection, looks, known_until)
    found: dict[int, tuple[AccountFacts, ...]] = defaultdict(tuple)
    for row in rows:
        found[row["shop_id"]] += (_account(row, minutes, looks[row["id"]]),)
    return found


async def _read_minutes(connection: Any, looks: Mapping[int, Look], until: datetime) -> _Minutes:
    found: dict[tuple[int, str], dict[datetime, Counts]] = defaultdict(dict)
    since = [counts_since(look) for look in looks.values()]
    rows = _queries.troubled_minutes(connection, account_ids=list(looks), since=since, until=until)
    async for row in rows:
        facts = {name: row[name] for name in Counts._fields}
        counts = Counts(**{**facts, "total_ms": int(row["total_ms"]), "latency": tuple(row["latency"])})
        found[row["account_id"], row["category"]][row["minute"]] = counts
    return found


def _account(row: Any, minutes: _Minutes, look: Look) -> AccountFacts:
    breaker = _breaker(row)
    categories = _categories(row, minutes, breaker)
    refused = row["problem"] or (row["pause_reason"] if row["is_held"] else None)
    return AccountFacts(
        id=row["id"],
        kind=row["kind"],
        name=row["name"],
        refused=refused,
        is_held=row["is_held"],
        refused_since=row["updated_at"] if refused else None,
        expires_at=expiry_of(row["settings"]),
        connections=tuple(
            connection_facts(
                category,
                minutes.get((row["id"], category), {}),
                breaker if breaker is not None and breaker.category == category else None,
                look,
            )
            for category in categories
        ),
    )


def _breaker(row: Any) -> OpenBreaker | None:
    if row["times"] is None:
        return None
    return OpenBreaker(
        row["category"], row["opened_at"], row["open_until"], row["times"], row["breaker_reason"]
    )


def _categories(row: Any, minutes: _Minutes, breaker: OpenBreaker | None) -> Iterable[str]:
    """What it is always asked for, and what else has trouble."""
    always = [api.value for api in parts_of(row["kind"], row["settings"])]
    seen = [category for account_id, category in minutes if account_id == row["id"]]
    return dict.fromkeys([*always, *sorted(seen), *([breaker.category] if breaker else [])])
