"""Schedules as they are kept in Postgres."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db.queries import load_queries
from shared.tasks import TaskType
from sync_worker.scheduling.plan import planned

_queries = load_queries(__file__, "schedules")


@dataclass(frozen=True, slots=True)
class Tick:
    """A schedule whose time has come: `at` is that time."""

    schedule_id: int
    shop_id: int
    account_id: int | None
    type: TaskType
    at: datetime
    interval_s: int


@dataclass(frozen=True, slots=True)
class Lively:
    """An account, and the parts of its system that were called lately."""

    kind: str
    settings: Mapping[str, Any]
    parts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Place:
    """Which poll: one type of one account."""

    shop_id: int
    account_id: int
    type: TaskType

    @property
    def columns(self) -> dict[str, Any]:
        return {"shop_id": self.shop_id, "account_id": self.account_id, "type": self.type.value}


async def due(connection: Any, *, limit: int) -> list[Tick]:
    """Ticks of now, held by the caller's transaction. Types unknown here are left to newer versions."""
    types = [type_.value for type_ in TaskType]
    return [
        Tick(
            row["id"],
            row["shop_id"],
            row["account_id"],
            TaskType(row["type"]),
            row["next_at"],
            row["interval_s"],
        )
        async for row in _queries.due(connection, types=types, limit=limit)
    ]


async def lively(connection: Any, within_s: Mapping[int, float]) -> dict[int, Lively]:
    """By account; `within_s`: how long ago a call of each may lie."""
    rows = _queries.lively(connection, account_ids=list(within_s), within_s=list(within_s.values()))
    return {row["id"]: Lively(row["kind"], row["settings"], frozenset(row["parts"])) async for row in rows}


async def move_on(connection: Any, ticks: Iterable[Tick]) -> None:
    await _queries.move_on(connection, schedule_ids=[tick.schedule_id for tick in ticks])


async def catch_up(connection: Any, *, stale_s: float) -> None:
    """Times that passed longer than `stale_s` ago become one, now."""
    await _queries.catch_up(connection, stale_s=stale_s)


async def overdue_s(connection: Any) -> float:
    return float(await _queries.overdue_s(connection))


async def plan_all(pool: Any) -> None:
    """Makes every account's schedules what its settings want: accounts come and change elsewhere."""
    async with pool.acquire() as connection, connection.transaction():
        await plan(connection, [row async for row in _queries.accounts(connection)])


async def plan(connection: Any, accounts: Sequence[Mapping[str, Any]]) -> None:
    """Makes the schedules of these accounts (id, shop_id, kind, settings) what they should be."""
    wanted = [
        (account["shop_id"], account["id"], name, seconds)
        for account in accounts
        for name, seconds in planned(account["kind"], account["settings"]).items()
    ]
    shop_ids, account_ids, types, intervals_s = zip(*wanted, strict=True) if wanted else ((), (), (), ())
    place = {"account_ids": account_ids, "types": types}
    await _queries.wanted(connection, **place, shop_ids=shop_ids, intervals_s=intervals_s)
    await _queries.unwanted(connection, **place, planned_ids=[account["id"] for account in accounts])


async def poll_state(connection: Any, place: Place) -> tuple[dict[str, Any] | None, datetime]:
    """The poll's cursor, None for the first one, and since when the account is connected."""
    row = await _queries.schedule(connection, **place.columns)
    return row["cursor"], row["connected_at"]


async def move_cursor(
    connection: Any, place: Place, *, cursor: dict[str, Any], was: dict[str, Any] | None
) -> bool:
    """False: another poll of the same has moved it meanwhile."""
    return await _queries.move_cursor(connection, **place.columns, cursor=cursor, was=was) is not None
