"""Statistics over time and in comparison, out of the counters the recorder keeps; tasks are never counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from query_api.figures.buckets import Buckets, Counters
from query_api.figures.flows import Counted, Flows, flows_of
from shared.db.queries import load_queries
from shared.envelope import State

ToldBy = Literal["all", "type", "account", "shop"]
_queries = load_queries(__file__, "flows")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose tasks, and which. `types`, `account_ids` None: of all."""

    shop_ids: tuple[int, ...]
    types: tuple[str, ...] | None = None
    account_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class AccountBrief:
    id: int
    kind: str
    name: str
    is_active: bool
    domain: str


async def flows(
    connection: Any, scope: Scope, buckets: Buckets, counters: Counters, told_by: ToldBy
) -> Flows:
    """By type, account's id or shop's id what went through in each bucket. Of all: under one empty key."""
    hours_from, hours_to = _columns(counters.hours)
    minutes_from, minutes_to = _columns(counters.minutes)
    records = _queries.flows(
        connection,
        **_wanted(scope),
        hours_from=hours_from,
        hours_to=hours_to,
        minutes_from=minutes_from,
        minutes_to=minutes_to,
        edges=buckets.edges,
        told_by=told_by,
    )
    return flows_of([_counted(record) async for record in records], len(buckets))


async def open_now(connection: Any, scope: Scope, told_by: ToldBy) -> dict[str, dict[State, int]]:
    """By type or account's id how many tasks are in each state that is not the last."""
    found: dict[str, dict[State, int]] = {}
    async for record in _queries.open_now(connection, **_wanted(scope), told_by=told_by):
        found.setdefault(record["key"], {})[State(record["state"])] = record["n"]
    return found


async def accounts(
    connection: Any, shop_ids: Sequence[int], *, kinds: Sequence[str] = (), ids: Sequence[int] | None = None
) -> list[AccountBrief]:
    """By shop, kind and name. `kinds` empty: of all kinds; `ids` None: all there are."""
    records = _queries.accounts(
        connection, shop_ids=list(shop_ids), kinds=list(kinds) or None, account_ids=ids
    )
    return [AccountBrief(**dict(record)) async for record in records]


def _wanted(scope: Scope) -> dict[str, Any]:
    return {"shop_ids": scope.shop_ids, "types": scope.types, "account_ids": scope.account_ids}


def _columns(ranges: Sequence[tuple[datetime, datetime]]) -> tuple[list[datetime], list[datetime]]:
    return [start for start, _ in ranges], [end for _, end in ranges]


def _counted(record: Any) -> Counted:
    values = dict(record)
    return Counted(**values | {"spread": tuple(n or 0 for n in values["spread"])})
