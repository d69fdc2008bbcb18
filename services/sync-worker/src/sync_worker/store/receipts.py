"""What receipts state, settled before they are sent: the CRM keeps the first it gets of an id."""

from dataclasses import dataclass, replace
from typing import Any

import asyncpg
from pydantic import TypeAdapter

from shared.db.queries import load_queries
from shared.envelope import TaskHeader
from sync_worker.mapping.stated import Draft, Kind, Lines, Receipt

_LINES: TypeAdapter[Lines] = TypeAdapter(Lines)

_queries = load_queries(__file__, "receipts")


@dataclass(frozen=True, slots=True)
class ReceiptBook:
    """The receipts of one order in the CRM of one task."""

    pool: asyncpg.Pool
    task: TaskHeader
    order_id: str

    async def receipts(self) -> list[Receipt]:
        """In the order in which they were settled."""
        return await self._receipts(self.pool)

    async def settle(self, draft: Draft) -> tuple[Receipt, bool] | None:
        """Commits what the receipt states, and answers whether that is new. None: nothing is to be stated."""
        async with self.pool.acquire() as connection, connection.transaction():
            await _queries.hold_order(connection, shop_id=self.task.shop_id, order_id=self.order_id)
            receipts = await self._receipts(connection)
            known = next((receipt for receipt in receipts if receipt.id == draft.id), None)
            if known is not None:
                return _dated_as(draft, known), False
            lines = draft.lines(receipts)
            if not lines:
                return None
            await self._keep(connection, draft, lines)
        return Receipt(draft.id, draft.kind, draft.created_at, lines), True

    async def withdraw(self, receipt: Receipt) -> None:
        """The CRM certainly does not have it."""
        account_id = self.task.account_id
        await _queries.withdraw(self.pool, account_id=account_id, receipt_id=receipt.id)

    async def _receipts(self, connection: Any) -> list[Receipt]:
        account_id = self.task.account_id
        rows = _queries.receipts(connection, account_id=account_id, order_id=self.order_id)
        return [_receipt(row) async for row in rows]

    async def _keep(self, connection: Any, draft: Draft, lines: Lines) -> None:
        await _queries.settle(
            connection,
            account_id=self.task.account_id,
            receipt_id=draft.id,
            shop_id=self.task.shop_id,
            order_id=self.order_id,
            kind=draft.kind,
            created_at=draft.created_at,
            lines=[line.model_dump(mode="json") for line in lines],
        )


def _dated_as(draft: Draft, known: Receipt) -> Receipt:
    """The same moment in the offset the shop gave it in, which Postgres does not keep."""
    same = known.created_at == draft.created_at
    return replace(known, created_at=draft.created_at) if same else known


def _receipt(row: Any) -> Receipt:
    lines = _LINES.validate_python(row["lines"])
    return Receipt(row["receipt_id"], Kind(row["kind"]), row["created_at"], lines, row["is_sent"])
