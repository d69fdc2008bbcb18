"""Sends receipts: what each states is settled first, so that a repeat says the same and all add up."""

from dataclasses import dataclass
from uuid import UUID

from shared.errors import Rejected
from shared.handling import Run
from sync_worker.clients.crm import Crm
from sync_worker.clients.engage import Engage
from sync_worker.contacts import Send
from sync_worker.handlers.buyers import send_for_buyer
from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.receipt import receipt_body
from sync_worker.mapping.stated import Draft, Receipt
from sync_worker.shopify.orders import Order
from sync_worker.store.effects import EffectBook
from sync_worker.store.receipts import ReceiptBook


@dataclass(frozen=True, slots=True)
class Sending:
    """How it went with one receipt. `sent_by` None: it would have stated nothing."""

    receipt_id: str
    sent_by: UUID | None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptDesk:
    """Receipts of one order for one task."""

    crm: Crm
    engage: Engage
    run: Run
    order: Order

    @property
    def book(self) -> ReceiptBook:
        return ReceiptBook(self.run.pool, self.run.task, self.order.id)

    async def send(self, draft: Draft) -> Sending:
        """Once, but for a person's retry: the CRM ignores a receipt that it has."""
        effect = EffectBook(self.run.pool, self.run.task, f"receipt:{draft.id}")
        sent_by = await effect.done_by()
        if sent_by is not None and self.run.task.retry_of is None:
            return Sending(draft.id, sent_by)
        settled = await self.book.settle(draft)
        if settled is None:
            return Sending(draft.id, None)
        receipt, is_new = settled
        await self._post(receipt, may_withdraw=is_new)
        await effect.finish()
        return Sending(draft.id, self.run.task.id, is_new=True)

    async def _post(self, receipt: Receipt, *, may_withdraw: bool) -> None:
        """A first attempt that was refused for certain leaves nothing settled."""
        try:
            store_id = await self.crm.known_store(self.run.pool, self.engage)
            await send_for_buyer(self.engage, self.run, self.order, self._sender(receipt, store_id))
        except Rejected:
            if may_withdraw:
                await self.book.withdraw(receipt)
            raise

    def _sender(self, receipt: Receipt, store_id: str) -> Send:
        async def send(match: ContactMatch) -> bool:
            body = receipt_body(self.order, receipt, match=match, store_id=store_id, rules=self.engage.rules)
            return await self.engage.send_receipt(body)

        return send
