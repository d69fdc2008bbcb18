"""What shops said about silences, as it is kept: one row as long as the answer stays the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from alerting.proving.evidence import Finding
from shared.alerts.silence import SETTLING, WantedProof
from shared.db.queries import load_queries
from shared.identity import delivery_task_id, first_id_at
from shared.tasks import TaskType

# Clocks of shops may go a little wrong.
_MARGIN = timedelta(hours=1)
_WITH_CRM = (TaskType.SYNC_ORDER, TaskType.SYNC_ORDER_NOTIFICATION)
_WITHOUT = (TaskType.INDEX_ORDER,)

_queries = load_queries(__file__, "proofs")


@dataclass(frozen=True, slots=True)
class AskedShop:
    """`refused`: why its account is not to be used. `account_id` None: it has none that could be asked."""

    id: int
    zone: ZoneInfo
    account_id: int | None
    refused: str | None
    has_crm: bool


@dataclass(frozen=True, slots=True)
class Unpublished:
    """A proof whose tasks are still to be queued. `account_id` None: the shop has no account any more."""

    id: int
    shop_id: int
    since: datetime
    asked_at: datetime
    task_ids: frozenset[UUID]
    account_id: int | None


async def read_shop(connection: Any, shop_id: int) -> AskedShop | None:
    """None: it is not in use any more."""
    row = await _queries.shop(connection, shop_id=shop_id)
    if row is None:
        return None
    return AskedShop(shop_id, ZoneInfo(row["timezone"]), row["account_id"], row["refused"], row["has_crm"])


async def known(connection: Any, shop: AskedShop, order_ids: Sequence[str]) -> frozenset[str]:
    """Which of these orders are stored."""
    rows = _queries.known(connection, shop_id=shop.id, order_ids=order_ids)
    return frozenset([row["source_id"] async for row in rows])


async def synced(
    connection: Any, shop: AskedShop, since: datetime, order_ids: Sequence[str]
) -> frozenset[str]:
    """Which of these orders, all made since, got through."""
    return await _synced(connection, shop.id, since, order_ids, has_crm=shop.has_crm)


async def keep(connection: Any, shop_id: int, wanted: WantedProof, finding: Finding) -> bool:
    """In the caller's transaction. False: the shop has been asked again meanwhile, and this is of no use."""
    await _queries.hold(connection, shop_id=shop_id)
    newest = await _queries.newest(connection, shop_id=shop_id)
    asked_at = asked_at_of(wanted)
    if newest is not None and newest["asked_at"] >= asked_at:
        return False
    task_ids = await _to_start(connection, shop_id, newest, finding, asked_at)
    said = {
        "asked_at": asked_at,
        "words": finding.words,
        "numbers": {"made": finding.made, "missed": len(finding.order_ids), "fetched": 0},
        "order_ids": finding.order_ids,
        "task_ids": task_ids,
    }
    if newest is not None and (newest["since"], newest["verdict"]) == (wanted.since, finding.verdict):
        await _queries.repeat(connection, proof_id=newest["id"], **said)
        return True
    place = {"shop_id": shop_id, "since": wanted.since, "verdict": finding.verdict.value}
    await _queries.add(connection, **place, **said, published_at=None if task_ids else asked_at)
    return True


def asked_at_of(wanted: WantedProof) -> datetime:
    """The moment that was asked about."""
    return wanted.settled_before + SETTLING


def remedy_id(shop_id: int, asked_at: datetime, type_: TaskType) -> UUID:
    """The same whoever starts it, and however often."""
    key = f"proof:{shop_id}:{asked_at.isoformat()}:{type_}"
    return delivery_task_id(key, triggered_at=asked_at, received_at=asked_at)


async def unpublished(connection: Any, *, limit: int) -> list[Unpublished]:
    """Held by the caller's transaction."""
    rows = _queries.unpublished(connection, limit=limit)
    return [Unpublished(**{**row, "task_ids": frozenset(row["task_ids"])}) async for row in rows]


async def mark_published(connection: Any, proof_ids: Sequence[int]) -> None:
    await _queries.mark_published(connection, proof_ids=proof_ids)


async def count_fetched(connection: Any, *, asked_since: datetime) -> None:
    """Writes down how many of the missed orders got through meanwhile."""
    open_ones = [row async for row in _queries.unfetched(connection, asked_since=asked_since)]
    for row in open_ones:
        found = await _synced(
            connection, row["shop_id"], row["since"], row["order_ids"], has_crm=row["has_crm"]
        )
        if len(found) != row["fetched"]:
            await _queries.count_fetched(connection, proof_id=row["id"], fetched=len(found))


async def forget(connection: Any, *, asked_before: datetime) -> None:
    """Nobody looks so far back."""
    await _queries.forget(connection, asked_before=asked_before)


async def _to_start(
    connection: Any, shop_id: int, newest: Any, finding: Finding, asked_at: datetime
) -> list[UUID]:
    """Of the remedies those that are not under way already."""
    before = newest["task_ids"] if newest is not None else []
    under_way = {row["type"] async for row in _queries.under_way(connection, task_ids=before)}
    return [remedy_id(shop_id, asked_at, type_) for type_ in finding.remedies if type_ not in under_way]


async def _synced(
    connection: Any, shop_id: int, since: datetime, order_ids: Sequence[str], *, has_crm: bool
) -> frozenset[str]:
    rows = _queries.synced(
        connection,
        shop_id=shop_id,
        types=[type_.value for type_ in (_WITH_CRM if has_crm else _WITHOUT)],
        since_id=first_id_at(since - _MARGIN),
        order_ids=order_ids,
    )
    return frozenset([row["source_id"] async for row in rows])
