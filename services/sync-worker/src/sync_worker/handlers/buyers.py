"""Whom a purchase belongs to in the CRM, and sending it there."""

from uuid import UUID

from shared.handling import Run
from sync_worker.clients.engage import Engage
from sync_worker.contacts import Send, send_for_contact
from sync_worker.mapping.contact import buyer_fields
from sync_worker.mapping.matching import best_match
from sync_worker.shopify.orders import Order
from sync_worker.store import states

NO_BUYER = "Nothing was sent: the order names no customer, e-mail or phone, so it belongs to no contact"


def has_buyer(order: Order) -> bool:
    return best_match(buyer_fields(order)) is not None


async def send_for_buyer(engage: Engage, run: Run, order: Order, send: Send) -> None:
    """Sends under a key by which the CRM finds the buyer, who is made a contact if need be."""
    customer_id = order.customer.id if order.customer else None
    known = await states.known_link(run.pool, run.task.shop_id, customer_id) if customer_id else {}
    await send_for_contact(engage, buyer_fields(order), known=known, send=send)


def already_sent(what: str, sent_by: UUID, run: Run) -> str:
    by = "an earlier attempt" if sent_by == run.task.id else f"task {sent_by}"
    return f"Nothing was sent: this {what} was already sent by {by}"
