"""From a stored order to the CRM's receipt, and to the status the CRM may mail to the customer."""

from uuid import UUID

from shared.handling import Outcome, Run
from sync_worker.clients.crm import Crm
from sync_worker.clients.engage import Engage
from sync_worker.contacts import Send, send_for_contact
from sync_worker.handlers.indexing import source_id_of
from sync_worker.mapping.contact import buyer_fields
from sync_worker.mapping.matching import ContactMatch, best_match
from sync_worker.mapping.notification import notification_body, order_state, why_no_notification
from sync_worker.mapping.receipt import receipt_body, unique_receipt_id, why_no_receipt
from sync_worker.once import at_most_once
from sync_worker.shopify.orders import Order
from sync_worker.store import states
from sync_worker.store.effects import EffectBook

NO_BUYER = "Nothing was sent: the order names no customer, e-mail or phone, so it belongs to no contact"


async def sync_order(crm: Crm, run: Run) -> Outcome:
    """Sends the receipt of a paid order. As a known receipt is ignored, a lost answer is simply repeated."""
    order = await _newest_order(run)
    reason, receipt_id = why_no_receipt(order), unique_receipt_id(order)
    if reason is not None:
        return Outcome(note=f"No receipt is due: {reason}")
    if not _has_buyer(order):
        return Outcome(note=NO_BUYER)
    engage = await crm.open(run.pool, run.task)
    book = EffectBook(run.pool, run.task, f"receipt:{receipt_id}")
    sent_by = await book.done_by()
    if sent_by is not None and run.task.retry_of is None:
        return Outcome(note=_already("receipt", sent_by, run), target_id=receipt_id)
    await _send_receipt(crm, engage, run, order)
    await book.finish()
    return Outcome(target_id=receipt_id)


async def sync_order_notification(crm: Crm, run: Run) -> Outcome:
    """Sends the order's newest status, each status once: the CRM mails the customer each time it gets one."""
    order = await _newest_order(run)
    reason, state = why_no_notification(order), order_state(order)
    if reason is not None or not _has_buyer(order):
        return Outcome(note=reason or NO_BUYER)
    summary = {"order_status": state.order_status, "payment_status": state.payment_status}
    engage = await crm.open(run.pool, run.task)
    book = EffectBook(run.pool, run.task, f"order:{order.id}:{state.order_status}:{state.payment_status}")
    sent_by = await book.done_by()
    if sent_by is not None:
        return Outcome(note=_already("status", sent_by, run), summary=summary)
    await _send_notification(crm, engage, run, order, book)
    return Outcome(summary=summary)


async def _send_receipt(crm: Crm, engage: Engage, run: Run, order: Order) -> None:
    store_id = await crm.known_store(engage)

    async def send(match: ContactMatch) -> bool:
        return await engage.send_receipt(receipt_body(order, match, store_id=store_id, rules=engage.rules))

    await _for_buyer(engage, run, order, send)


async def _send_notification(crm: Crm, engage: Engage, run: Run, order: Order, book: EffectBook) -> None:
    store_id = await crm.known_store(engage)

    async def send(match: ContactMatch) -> bool:
        body = notification_body(order, match, store_id=store_id, rules=engage.rules)
        return await at_most_once(book, lambda: engage.send_order(body))

    await _for_buyer(engage, run, order, send)


async def _for_buyer(engage: Engage, run: Run, order: Order, send: Send) -> None:
    customer_id = order.customer.id if order.customer else None
    known = await states.known_link(run.pool, run.task.shop_id, customer_id) if customer_id else {}
    await send_for_contact(engage, buyer_fields(order), known=known, send=send)


async def _newest_order(run: Run) -> Order:
    return await states.newest_order(run.pool, run.task.shop_id, source_id_of(run))


def _has_buyer(order: Order) -> bool:
    return best_match(buyer_fields(order)) is not None


def _already(what: str, sent_by: UUID, run: Run) -> str:
    by = "an earlier attempt" if sent_by == run.task.id else f"task {sent_by}"
    return f"Nothing was sent: this {what} was already sent by {by}"
