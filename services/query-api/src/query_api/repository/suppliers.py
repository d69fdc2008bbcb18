"""What suppliers have still to get, and the runs that fetch from them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.db.queries import load_queries

PAGE = 500
_NEWEST = UUID(int=2**128 - 1)
_queries = load_queries(__file__, "suppliers")


@dataclass(frozen=True, slots=True)
class UnpublishedOrder:
    order_id: str
    order_number: str | None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run of one account, under way or over. `problem`: why it broke off."""

    id: UUID
    shop_id: int
    account_id: int
    account: str
    type: str
    processed: int
    failed: int
    total: int | None
    summary: dict[str, Any]
    problem: str | None
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which runs; None: any. `before`: only older ones than this."""

    account_id: int | None = None
    type: str | None = None
    is_under_way: bool | None = None
    before: UUID | None = None


async def unpublished_orders(
    connection: Any, account_id: int, shop_id: int
) -> AsyncIterator[list[UnpublishedOrder]]:
    """Page by page, so that any number of them needs no memory."""
    after = ""
    while True:
        rows = _queries.unpublished_orders(
            connection, account_id=account_id, shop_id=shop_id, after=after, wanted=PAGE
        )
        page = [UnpublishedOrder(row["source_id"], row["order_number"]) async for row in rows]
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = page[-1].order_id


async def newest_runs(
    connection: Any, shop_ids: Sequence[int], query: RunQuery, *, limit: int
) -> list[RunRow]:
    """The latest first."""
    rows = _queries.runs(
        connection,
        shop_ids=list(shop_ids),
        account_id=query.account_id,
        type=query.type,
        is_under_way=query.is_under_way,
        before=query.before or _NEWEST,
        wanted=limit,
    )
    return [RunRow(**dict(row)) async for row in rows]
