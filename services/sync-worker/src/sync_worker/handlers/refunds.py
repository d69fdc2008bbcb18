"""From a refund's webhook to the stored refund, the receipt of what came back, and the customer's mail."""

from dataclasses import dataclass

from shared.handling import FollowUp, Outcome, Run
from shared.tasks import TaskType
from sync_worker.clients.crm import Crm
from sync_worker.clients.engage import Engage
from sync_worker.handlers.awaiting import asked_for_later, awaited_order
from sync_worker.handlers.buyers import (
    NO_BUYER,
    already_sent,
    has_buyer,
    send_for_buyer,
)
from sync_worker.handlers.indexing import hand_on, source_id_of
from sync_worker.handlers.receipts import ReceiptDesk, Sending
from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.refund_notification import (
    refund_body,
    refund_status,
    why_no_refund_notification,
)
from sync_worker.mapping.refund_receipt import plan_return, return_draft
from sync_worker.once import at_most_once
from sync_worker.shopify.orders import Order
from sync_worker.shopify.reading import topic_of
from sync_worker.shopify.refunds import Refund, read_refund
from sync_worker.store.effects import EffectBook
from sync_worker.store.refunds import keep_refund, known_refund, order_label, refunds_of_order

_NEXT = (TaskType.SYNC_REFUND_NOTIFICATION, TaskType.SYNC_REFUND)


@dataclass(frozen=True, slots=True)
class _Mail:
    """A refund as it is to be told, and the task that tells it."""

    run: Run
    order: Order
    refund: Refund
    status: str


async def receive_refund(run: Run) -> Outcome:
    """Checks the delivery and queues the indexing under the refund's id."""
    topic_of(run.payload)
    refund = read_refund(run.payload.body)
    label = await order_label(run.pool, run.task.shop_id, refund.order_id)
    follow_up = FollowUp(TaskType.INDEX_REFUND, run.payload, source_id=refund.id, order_number=label)
    asked_for = await asked_for_later(run.pool, run.task.shop_id, refund.order_id)
    return Outcome(source_id=refund.id, order_number=label, follow_ups=(follow_up, *asked_for))


async def index_refund(run: Run) -> Outcome:
    """Stores the refund, once its order is known, and then has it told to the CRM."""
    refund = read_refund(run.payload.body)
    order = await awaited_order(run, refund.order_id)
    connection = await run.begin()
    verdict = await keep_refund(connection, run.task.shop_id, refund)
    return await hand_on(run, verdict, _NEXT, order_number=order.label)


async def sync_refund(crm: Crm, run: Run) -> Outcome:
    """Sends the receipt of what came back, if the CRM knows that it was bought.

    If it does not yet, the sending of the purchase's receipt queues this task again.
    """
    refund, order = await _refund_and_order(run)
    if not has_buyer(order):
        return Outcome(note=NO_BUYER, order_number=order.label)
    engage = await crm.open(run.pool, run.task)
    desk = ReceiptDesk(crm, engage, run, _paid_back_by(order, refund))
    sending = await desk.send(return_draft(order, refund))
    target_id = sending.receipt_id if sending.sent_by else None
    return Outcome(await _note(desk, refund, sending), target_id=target_id, order_number=order.label)


async def sync_refund_notification(crm: Crm, run: Run) -> Outcome:
    """Tells of the refund once: the CRM mails the customer each time it gets an order's status."""
    refund, order = await _refund_and_order(run)
    reason = why_no_refund_notification(order, refund)
    if reason is not None or not has_buyer(order):
        return Outcome(note=reason or NO_BUYER, order_number=order.label)
    status = refund_status(order, await refunds_of_order(run.pool, run.task.shop_id, order.id))
    summary = {"order_status": status}
    engage = await crm.open(run.pool, run.task)
    book = EffectBook(run.pool, run.task, f"refund:{refund.id}")
    sent_by = await book.done_by()
    if sent_by is not None:
        return Outcome(note=already_sent("refund", sent_by, run), order_number=order.label)
    await _mail(crm, engage, _Mail(run, order, refund, status), book)
    return Outcome(summary=summary, order_number=order.label)


async def _mail(crm: Crm, engage: Engage, mail: _Mail, book: EffectBook) -> None:
    store_id = await crm.known_store(mail.run.pool, engage)

    async def send(match: ContactMatch) -> bool:
        body = refund_body(mail.order, mail.refund, mail.status, match=match, rules=engage.rules)
        return await at_most_once(book, lambda: engage.send_order({**body, "storeId": store_id}))

    await send_for_buyer(engage, mail.run, mail.order, send)


async def _note(desk: ReceiptDesk, refund: Refund, sending: Sending) -> str | None:
    """Why nothing was sent, or which part of the money the receipt leaves out."""
    if sending.sent_by is not None and not sending.is_new:
        return already_sent("receipt", sending.sent_by, desk.run)
    others = [receipt for receipt in await desk.book.receipts() if receipt.id != sending.receipt_id]
    return plan_return(desk.order, refund, others).note


async def _refund_and_order(run: Run) -> tuple[Refund, Order]:
    refund = await known_refund(run.pool, run.task.shop_id, source_id_of(run))
    return refund, await awaited_order(run, refund.order_id)


def _paid_back_by(order: Order, refund: Refund) -> Order:
    """The receipt's payment is what the money went back by."""
    gateways = refund.gateways or order.payment_gateway_names
    return order.model_copy(update={"payment_gateway_names": gateways})
