"""Tells who sent a delivery, and hands on what a Shopify shop would have told instead."""

from datetime import datetime

import orjson

from shared.envelope import Payload
from shared.errors import Obsolete
from shared.handling import Run
from sync_worker.senders import from_standard, from_woocommerce, standard, woocommerce
from sync_worker.senders.naming import Sender, our_id
from sync_worker.shopify.customers import Customer
from sync_worker.shopify.orders import Order
from sync_worker.shopify.reading import TRIGGERED_AT, read_exactly, topic_of, translated
from sync_worker.store.shops import shop_domain

DRAFT = "The order is only a draft in the shop's checkout, or in its bin: nothing to do"

_SENDERS = {"x-wc-webhook-topic": Sender.WOOCOMMERCE, "webhook-id": Sender.STANDARD}


async def as_the_shop_tells(run: Run) -> Payload:
    """The delivery in the shop's own words; one that came in them is left as it is.

    Raises Rejected for one that can not be used, Obsolete for one there is nothing to do about.
    """
    sender = sender_of(run.payload)
    if sender is None:
        return run.payload
    domain = await shop_domain(run.pool, run.task.shop_id)
    translate = _from_woocommerce if sender is Sender.WOOCOMMERCE else _from_standard
    return translate(run.payload, domain)


def sender_of(payload: Payload) -> Sender | None:
    """By the headers that no other sender has. None: the shop's own words."""
    names = {name.lower() for name in payload.headers}
    return next((sender for name, sender in _SENDERS.items() if name in names), None)


def _from_woocommerce(payload: Payload, domain: str) -> Payload:
    thing, _, what = topic_of(payload).partition(".")
    if what == "deleted":
        source_id = read_exactly(woocommerce.Deleted, payload.body, what=thing).id
        return _deleted(thing, our_id(Sender.WOOCOMMERCE, domain, source_id), None)
    if thing == "customer":
        customer = read_exactly(woocommerce.WooCustomer, payload.body, what=thing)
        person = translated(lambda: from_woocommerce.customer_of(customer, domain), what=thing)
        return _told("customers/update", person, None)
    order = read_exactly(woocommerce.WooOrder, payload.body, what=thing)
    if order.status in from_woocommerce.DRAFTS:
        raise Obsolete(DRAFT)
    return _told(
        "orders/updated", translated(lambda: from_woocommerce.order_of(order, domain), what=thing), None
    )


def _from_standard(payload: Payload, domain: str) -> Payload:
    thing, _, what = topic_of(payload).partition(".")
    if what == "deleted":
        message = read_exactly(standard.DeletedMessage, payload.body, what=thing)
        return _deleted(thing, our_id(Sender.STANDARD, domain, message.data.id), message.timestamp)
    if thing == "customer":
        about = read_exactly(standard.CustomerMessage, payload.body, what=thing)
        person = translated(lambda: from_standard.customer_of(about.data, domain), what=thing)
        return _told("customers/update", person, about.timestamp)
    bought = read_exactly(standard.OrderMessage, payload.body, what=thing)
    sold = translated(lambda: from_standard.order_of(bought.data, domain), what=thing)
    return _told("orders/updated", sold, bought.timestamp)


def _told(topic: str, state: Customer | Order, at: datetime | None) -> Payload:
    headers = {TRIGGERED_AT: at.isoformat()} if at else {}
    body = state.model_dump_json(exclude_none=True).encode()
    return Payload(body=body, topic=topic, headers=headers)


def _deleted(thing: str, source_id: str | None, at: datetime | None) -> Payload:
    headers = {TRIGGERED_AT: at.isoformat()} if at else {}
    body = orjson.dumps({"id": source_id})
    return Payload(body=body, topic=f"{thing}s/delete", headers=headers)
