"""From a fulfilment's webhook to the stored fulfilment, and to the status the CRM may mail."""

from dataclasses import dataclass

from shared.errors import Retryable
from shared.handling import FollowUp, Outcome, Run
from shared.tasks import TaskType
from sync_worker.clients.crm import Crm
from sync_worker.clients.engage import Engage
from sync_worker.handlers.awaiting import NEWER_AWAITED, asked_for_later, awaited_order
from sync_worker.handlers.buyers import (
    NO_BUYER,
    already_sent,
    has_buyer,
    send_for_buyer,
)
from sync_worker.handlers.indexing import is_wanted, source_id_of
from sync_worker.handlers.notes import NO_CRM, idle_note
from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.parcel_notification import has_contents, parcel_body
from sync_worker.mapping.parcel_receipts import is_ahead_of
from sync_worker.once import at_most_once
from sync_worker.shopify.fulfilments import Fulfilment, ParcelState
from sync_worker.shopify.orders import Order
from sync_worker.shopify.reading import read, topic_of, triggered_at
from sync_worker.store.accounts import crm_account_id, sends_receipts_by_parcel
from sync_worker.store.effects import EffectBook
from sync_worker.store.fulfilments import keep_fulfilment, newest_fulfilment

NOT_SHIPPED = "Nothing was sent: the parcel has not left the shop (its status is {status})"
NEVER_TOLD = "Nothing was sent: the parcel was cancelled before the CRM was told of it"
EMPTY = "Nothing was sent: the parcel holds nothing"


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A parcel, its order, and the account that is to be told."""

    parcel: Fulfilment
    order: Order
    engage: Engage


async def receive_fulfilment(run: Run) -> Outcome:
    """Stores the state if it is newer, and then has it told to the CRM."""
    topic_of(run.payload)
    parcel = read(Fulfilment, run.payload.body, what="fulfilment")
    connection = await run.begin()
    at = triggered_at(run.payload)
    verdict = await keep_fulfilment(connection, run.task.shop_id, parcel, triggered_at=at)
    if not is_wanted(run, verdict):
        return Outcome(note=idle_note(verdict), source_id=parcel.id, order_number=parcel.order_label)
    return await _handed_on(run, parcel)


async def sync_fulfilment_notification(crm: Crm, run: Run) -> Outcome:
    """Sends the parcel's newest status, each status once: the CRM may mail the customer each time."""
    parcel = await newest_fulfilment(run.pool, run.task.shop_id, source_id_of(run))
    order = await awaited_order(run, parcel.order_id)
    reason = await _why_nothing(run, parcel, order)
    if reason is not None:
        return Outcome(note=reason, order_number=order.label)
    engage = await crm.open(run.pool, run.task)
    summary = {"order_status": parcel.state.value}
    book = _book(run, parcel, parcel.state)
    sent_by = await book.done_by()
    if sent_by is not None:
        return Outcome(note=already_sent("status", sent_by, run), order_number=order.label, summary=summary)
    await _send(crm, run, _Parcel(parcel, order, engage), book)
    return Outcome(order_number=order.label, summary=summary)


async def _handed_on(run: Run, parcel: Fulfilment) -> Outcome:
    account_id = await crm_account_id(run.connection, run.task.shop_id)
    if account_id is None:
        return Outcome(note=NO_CRM, source_id=parcel.id, order_number=parcel.order_label)
    notification = FollowUp(
        TaskType.SYNC_ORDER_FULFILLMENT_NOTIFICATION,
        run.payload,
        source_id=parcel.id,
        order_number=parcel.order_label,
        account_id=account_id,
    )
    receipt = FollowUp(
        TaskType.SYNC_ORDER,
        run.payload,
        source_id=parcel.order_id,
        order_number=parcel.order_label,
        account_id=account_id,
    )
    asked_for = await asked_for_later(run.connection, run.task.shop_id, parcel.order_id)
    by_parcel = await sends_receipts_by_parcel(run.connection, account_id)
    return Outcome(
        source_id=parcel.id,
        order_number=parcel.order_label,
        follow_ups=(notification, *((receipt,) if by_parcel else ()), *asked_for),
    )


async def _why_nothing(run: Run, parcel: Fulfilment, order: Order) -> str | None:
    """None: there is something to tell. Raises Retryable while the order is older than the parcel."""
    if parcel.state is ParcelState.WAITING:
        return NOT_SHIPPED.format(status=parcel.status or "not known")
    if parcel.state is ParcelState.CANCELLED and not await _was_told(run, parcel):
        return NEVER_TOLD
    if is_ahead_of(parcel, order):
        raise Retryable(NEWER_AWAITED, kind="awaited")
    if not has_contents(order, parcel):
        return EMPTY
    return None if has_buyer(order) else NO_BUYER


async def _was_told(run: Run, parcel: Fulfilment) -> bool:
    told = (ParcelState.SHIPPED, ParcelState.DELIVERED)
    return any([await _book(run, parcel, state).done_by() is not None for state in told])


def _book(run: Run, parcel: Fulfilment, state: ParcelState) -> EffectBook:
    return EffectBook(run.pool, run.task, f"fulfilment:{parcel.id}:{state}")


async def _send(crm: Crm, run: Run, it: _Parcel, book: EffectBook) -> None:
    store_id = await crm.known_store(run.pool, it.engage)

    async def send(match: ContactMatch) -> bool:
        body = parcel_body(it.order, it.parcel, match=match, store_id=store_id, rules=it.engage.rules)
        return await at_most_once(book, lambda: it.engage.send_order(body))

    await send_for_buyer(it.engage, run, it.order, send)
