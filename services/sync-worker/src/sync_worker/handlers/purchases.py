"""From a stored order to the CRM's receipts, and to the status the CRM may mail to the customer."""

from collections.abc import Sequence

from shared.envelope import Payload
from shared.errors import Retryable
from shared.handling import FollowUp, Outcome, Run
from shared.tasks import TaskType
from sync_worker.clients.crm import Crm
from sync_worker.clients.engage import Engage
from sync_worker.handlers.awaiting import NEWER_AWAITED
from sync_worker.handlers.buyers import NO_BUYER, already_sent, has_buyer, send_for_buyer
from sync_worker.handlers.indexing import source_id_of
from sync_worker.handlers.receipts import ReceiptDesk, Sending
from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.notification import (
    is_old_news,
    notification_body,
    told_state,
    why_no_notification,
)
from sync_worker.mapping.parcel_receipts import is_ahead_of, purchase_drafts
from sync_worker.mapping.receipt import why_no_receipt
from sync_worker.mapping.refund_receipt import return_receipt_id
from sync_worker.mapping.rules import ReceiptsOn
from sync_worker.once import at_most_once
from sync_worker.shopify.orders import Order
from sync_worker.store import states
from sync_worker.store.accounts import connected_at
from sync_worker.store.effects import EffectBook
from sync_worker.store.fulfilments import fulfilments_of_order
from sync_worker.store.refunds import refunds_of_order

NOT_SHIPPED = "No receipt is due: receipts are sent on fulfilment, and nothing of the order has left the shop"
OLD_NEWS = (
    "Nothing was sent: what is new of the order is from before the CRM was connected, or is told with its "
    "parcels and refunds"
)
STATED_ALREADY = "No receipt is due: all that was bought is in other receipts of the order"


async def sync_order(crm: Crm, run: Run) -> Outcome:
    """Sends the receipts that are due: of the paid order, or of those of its parcels that have left.

    As a known receipt is ignored, a lost answer is simply repeated. Shipped before it was paid: the receipts
    follow once it is, because a receipt states money.
    """
    order = await _newest_order(run)
    reason = why_no_receipt(order)
    if reason is not None:
        return Outcome(note=f"No receipt is due: {reason}")
    if not has_buyer(order):
        return Outcome(note=NO_BUYER)
    engage = await crm.open(run.pool, run.task)
    return await _send_receipts(ReceiptDesk(crm, engage, run, order))


async def sync_order_notification(crm: Crm, run: Run) -> Outcome:
    """Sends the order's newest status, each status once: the CRM mails the customer each time it gets one."""
    order = await _newest_order(run)
    reason, state = why_no_notification(order), told_state(order)
    if reason is not None or not has_buyer(order):
        return Outcome(note=reason or NO_BUYER)
    summary = {"order_status": state.order_status, "payment_status": state.payment_status}
    engage = await crm.open(run.pool, run.task)
    if is_old_news(order, await connected_at(run.pool, engage.account.id)):
        return Outcome(note=OLD_NEWS)
    book = EffectBook(run.pool, run.task, f"order:{order.id}:{state.order_status}:{state.payment_status}")
    sent_by = await book.done_by()
    if sent_by is not None:
        return Outcome(note=already_sent("status", sent_by, run), summary=summary)
    await _send_notification(crm, engage, run, order, book)
    return Outcome(summary=summary)


async def _send_receipts(desk: ReceiptDesk) -> Outcome:
    run, order = desk.run, desk.order
    parcels = await fulfilments_of_order(run.pool, run.task.shop_id, order.id)
    ready = [parcel for parcel in parcels if not is_ahead_of(parcel, order)]
    by_parcel = desk.engage.rules.receipts_on is ReceiptsOn.FULFILMENT
    drafts = purchase_drafts(order, ready, await desk.book.receipts(), by_parcel=by_parcel)
    sendings = [await desk.send(draft) for draft in drafts]
    if by_parcel and any(parcel.has_left for parcel in parcels if parcel not in ready):
        raise Retryable(NEWER_AWAITED, kind="awaited")
    return await _outcome(desk, sendings)


async def _outcome(desk: ReceiptDesk, sendings: Sequence[Sending]) -> Outcome:
    if not sendings:
        return Outcome(note=NOT_SHIPPED)
    sent = [sending for sending in sendings if sending.is_new]
    last = (sent or sendings)[-1]
    return Outcome(
        note=None if sent else _idle_note(last, desk.run),
        target_id=last.receipt_id,
        summary={"receipts": [sending.receipt_id for sending in sent]} if len(sent) > 1 else None,
        follow_ups=await _returns_that_waited(desk, sendings),
    )


def _idle_note(last: Sending, run: Run) -> str:
    return STATED_ALREADY if last.sent_by is None else already_sent("receipt", last.sent_by, run)


async def _returns_that_waited(desk: ReceiptDesk, sendings: Sequence[Sending]) -> tuple[FollowUp, ...]:
    """Refunds whose return could not be sent as the purchase was not known to the CRM yet."""
    run, order = desk.run, desk.order
    if not any(sending.sent_by == run.task.id for sending in sendings):
        return ()
    known = {receipt.id for receipt in await desk.book.receipts()}
    return tuple(
        FollowUp(
            TaskType.SYNC_REFUND,
            Payload(body=refund.model_dump_json().encode()),
            source_id=refund.id,
            order_number=order.label,
            account_id=run.task.account_id,
        )
        for refund in await refunds_of_order(run.pool, run.task.shop_id, order.id)
        if return_receipt_id(refund) not in known
    )


async def _send_notification(crm: Crm, engage: Engage, run: Run, order: Order, book: EffectBook) -> None:
    store_id = await crm.known_store(run.pool, engage)

    async def send(match: ContactMatch) -> bool:
        body = notification_body(order, match, store_id=store_id, rules=engage.rules)
        return await at_most_once(book, lambda: engage.send_order(body))

    await send_for_buyer(engage, run, order, send)


async def _newest_order(run: Run) -> Order:
    return await states.newest_order(run.pool, run.task.shop_id, source_id_of(run))
