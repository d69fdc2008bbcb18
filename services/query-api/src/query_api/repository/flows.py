"""Statistics over time and in comparison, out of the counters the recorder keeps; tasks are never counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from query_api.figures.buckets import Buckets, Counters
from query_api.figures.flows import Flow, Flows, Told, flows_of
from shared.db.queries import load_queries
from shared.envelope import State

ToldBy = Literal["all", "type", "account", "shop"]
_STATES = [state.value for state in State]
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


class _Kept(NamedTuple):
    """A facet of what is added up. `names` None: all of it."""

    facet: str
    names: tuple[str, ...] | None


async def flows(
    connection: Any, scope: Scope, buckets: Buckets, counters: Counters, told_by: ToldBy
) -> Flows:
    """By type, account's id or shop's id what went through in each bucket. Of all: under one empty key."""
    terms = _times(counters) | {"edges": buckets.edges, "told_by": told_by, "shop_ids": scope.shop_ids}
    if (kept := _kept(scope, told_by)) is not None:
        records = _queries.flows(connection, facet=kept.facet, names=kept.names, **terms)
        return flows_of([_told(record) async for record in records], len(buckets))
    records = _queries.counted(connection, **terms | _wanted(scope))
    return flows_of([_counted(record) async for record in records], len(buckets))


def _kept(scope: Scope, told_by: ToldBy) -> _Kept | None:
    """Which flows tell it. None: it is of types and accounts together, which only counters tell apart."""
    is_of_types = told_by == "type" or scope.types is not None
    is_of_accounts = told_by == "account" or scope.account_ids is not None
    if is_of_types and is_of_accounts:
        return None
    if is_of_accounts:
        ids = scope.account_ids
        return _Kept("account", None if ids is None else tuple(str(one) for one in ids))
    return _Kept("type", scope.types) if is_of_types else _Kept("all", None)


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


def _times(counters: Counters) -> dict[str, list[datetime]]:
    hours_from, hours_to = _columns(counters.hours)
    minutes_from, minutes_to = _columns(counters.minutes)
    return {
        "hours_from": hours_from,
        "hours_to": hours_to,
        "minutes_from": minutes_from,
        "minutes_to": minutes_to,
    }


def _columns(ranges: Sequence[tuple[datetime, datetime]]) -> tuple[list[datetime], list[datetime]]:
    return [start for start, _ in ranges], [end for _, end in ranges]


def _told(record: Any) -> Told:
    entered: dict[str, int] = {state: n for state in _STATES if (n := record[state])}
    items = record["items_processed"], record["items_failed"]
    flow = Flow(entered, *items, int(record["took"]), int(record["waited"]))
    return Told(record["place"], record["key"], flow)


def _counted(record: Any) -> Told:
    """Of one state."""
    is_wait, spread = record["state"] == State.PROCESSING, int(record["spread"])
    took, waited = (0, spread) if is_wait else (spread, 0)
    entered = {record["state"]: record["n"]}
    flow = Flow(entered, record["items_processed"], record["items_failed"], took, waited)
    return Told(record["place"], record["key"], flow)
