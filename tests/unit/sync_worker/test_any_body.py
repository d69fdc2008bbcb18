"""Whatever a sender's body holds, it can be used, or is refused with the name of the field that is wrong."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from ingest.sources.shopify import TASK_TYPES, entity_ids
from sandbox.shopify.delivery import Sender
from sandbox.shopify.examples import Examples
from sandbox.shopify.records import new_records
from shared.envelope import Payload
from shared.errors import Obsolete, Rejected
from sync_worker.clients.engage import encoded
from sync_worker.freshness import content_hash
from sync_worker.handlers.customers import _MODELS as CUSTOMER_MODELS
from sync_worker.imports.messages import FinishedOperation
from sync_worker.mapping.contact import buyer_fields, contact_fields
from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.notification import is_old_news, notification_body, why_no_notification
from sync_worker.mapping.parcel_notification import delivery_number, has_contents, parcel_body
from sync_worker.mapping.parcel_receipts import is_ahead_of, purchase_drafts
from sync_worker.mapping.receipt import order_draft, receipt_body, why_no_receipt
from sync_worker.mapping.refund_notification import refund_body, refund_status, why_no_refund_notification
from sync_worker.mapping.refund_receipt import return_draft
from sync_worker.mapping.rules import EngageRules
from sync_worker.mapping.stated import Draft, Receipt
from sync_worker.privacy.subject import PersonRequest, ShopRequest, subject_of
from sync_worker.senders.translating import DRAFT, _from_standard, _from_woocommerce
from sync_worker.shopify.consents import CHANGES, TAGS_ADDED, TAGS_REMOVED, TagChange, told_consents
from sync_worker.shopify.customers import Customer
from sync_worker.shopify.fulfilments import Fulfilment
from sync_worker.shopify.orders import DeletedOrder, EditedOrder, Order
from sync_worker.shopify.reading import read
from sync_worker.shopify.refunds import read_refund
from sync_worker.shopify.shop import Shop
from sync_worker.suppliers.writing import Offered, purchase_of, why_not_deliverable
from tests.unit.mutations import almost
from tests.unit.stored_json import has_nul
from tests.unit.sync_worker.bodies import customer, line_body, order, order_body
from tests.unit.sync_worker.movements import parcel_body as parcel_told
from tests.unit.sync_worker.movements import refund_body as refund_told
from tests.unit.sync_worker.senders import standard_customer, standard_order, woo_customer, woo_order

NOW = datetime(2026, 11, 20, tzinfo=UTC)
KIM = ContactMatch("kim@example.com", "Email")
RULES = EngageRules()
POSTGRES_INDEX_ROW = 2_700
Work = Callable[[bytes], object]
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def fits_the_database(state: BaseModel, *keys: str | None) -> None:
    """As it is stored: Postgres keeps no NUL, and no long keys in its indexes."""
    data = orjson.dumps(state.model_dump(mode="json", exclude_none=True))
    assert not has_nul(data)
    assert len(content_hash(state)) == 32
    assert all(len((key or "").encode()) < POSTGRES_INDEX_ROW for key in keys)
    for name, value in state:
        if isinstance(value, datetime):
            assert value.astimezone(UTC) == value, name


def sent(draft: Draft, bought: Order, before: list[Receipt]) -> list[Receipt]:
    """The receipt as it would go to the CRM; none when it states nothing."""
    lines = draft.lines(before)
    if not lines:
        return []
    receipt = Receipt(draft.id, draft.kind, draft.created_at, lines, is_sent=True)
    encoded(receipt_body(bought, receipt, match=KIM, store_id="ecom", rules=RULES))
    return [receipt]


def use_customer(body: bytes) -> None:
    told = read(Customer, body, what="customer")
    fits_the_database(told)
    encoded(contact_fields(told))
    told_consents(body)


def use_order(body: bytes) -> None:
    told = read(Order, body, what="order")
    fits_the_database(told, told.label, told.number)
    encoded(buyer_fields(told))
    is_old_news(told, NOW)
    if why_no_notification(told) is None:
        encoded(notification_body(told, KIM, store_id="ecom", rules=RULES))
    if why_no_receipt(told) is None:
        sent(order_draft(told), told, [])
    if why_not_deliverable(told) is None:
        offered = [Offered(line.sku, "7") for line in told.line_items if line.sku]
        purchase_of(told, offered, prefix="")


def use_parcel(body: bytes) -> None:
    told, bought = read(Fulfilment, body, what="fulfilment"), order()
    fits_the_database(told, told.order_label, delivery_number(bought, told))
    is_ahead_of(told, bought)
    if has_contents(bought, told):
        encoded(parcel_body(bought, told, match=KIM, store_id="ecom", rules=RULES))
    for draft in purchase_drafts(bought, [told], [], by_parcel=True):
        sent(draft, bought, [])


def use_refund(body: bytes) -> None:
    told, bought = read_refund(body), order()
    fits_the_database(told)
    status = refund_status(bought, [told, told])
    if why_no_refund_notification(bought, told) is None:
        encoded(refund_body(bought, told, status, match=KIM, rules=RULES))
    sent(return_draft(bought, told), bought, sent(order_draft(bought), bought, []))


def use_consent(topic: str) -> Work:
    def use(body: bytes) -> None:
        fits_the_database(read(CHANGES[topic][1], body, what="consent"))

    return use


def use_tags(body: bytes) -> None:
    told = read(TagChange, body, what="change of tags")
    fits_the_database(told)
    assert all(told.names)


def use_shop(body: bytes) -> None:
    told = read(Shop, body, what="shop")
    fits_the_database(told)
    assert told.iso_currency is None or len(told.iso_currency) == 3
    assert told.timezone is None or told.timezone


def use_request(body: bytes) -> None:
    told = read(PersonRequest, body, what="request")
    fits_the_database(told)
    subject_of(told).pattern()


def use_simply(model: type[BaseModel], what: str) -> Work:
    return lambda body: fits_the_database(read(model, body, what=what))


def work_of(topic: str) -> Work:
    """What is done with the bodies of a topic, but for storing and sending."""
    special: dict[str, Work] = {
        **{consent: use_consent(consent) for consent in CHANGES},
        **{topic: use_simply(model, "customer") for topic, model in CUSTOMER_MODELS.items()},
        "orders/delete": use_simply(DeletedOrder, "order"),
        "orders/edited": use_simply(EditedOrder, "order edit"),
        "refunds/create": use_refund,
        "shop/update": use_shop,
        "bulk_operations/finish": use_simply(FinishedOperation, "bulk operation"),
        "shop/redact": use_simply(ShopRequest, "request"),
    } | dict.fromkeys((TAGS_ADDED, TAGS_REMOVED), use_tags)
    groups = {"customers": use_customer, "orders": use_order, "fulfillments": use_parcel}
    if topic in ("customers/data_request", "customers/redact"):
        return use_request
    return special.get(topic) or groups[topic.partition("/")[0]]


def is_refused_by_name(message: str) -> bool:
    """Either a field is named, or it is said that the body is none."""
    return any(words in message for words in ("field '", "is not JSON", "not a JSON object"))


def is_usable_or_named(work: Work, body: bytes) -> None:
    try:
        work(body)
    except (Rejected, Obsolete) as error:
        message = error.message
    else:
        return
    assert is_refused_by_name(message) or message == DRAFT, message


# `app/uninstalled` is the only topic whose body nobody reads: Shopify's own sample does not name the shop.
TOPICS = sorted(set(TASK_TYPES) - {"app/uninstalled"})
SHOP = Examples(Sender("acme.myshopify.com", "secret"), seed="any", records=new_records("acme.myshopify.com"))
BODIES: dict[str, dict[str, Any]] = {topic: orjson.loads(SHOP.body(topic) or b"") for topic in TOPICS}


@pytest.mark.parametrize("topic", TOPICS)
def test_the_shops_own_body_is_usable(topic: str) -> None:
    work_of(topic)(orjson.dumps(BODIES[topic]))


@pytest.mark.parametrize("topic", TOPICS)
@FEW
@given(st.data())
def test_any_body_is_usable_or_refused_by_name(topic: str, data: st.DataObject) -> None:
    body = data.draw(almost(BODIES[topic]))
    is_usable_or_named(work_of(topic), body)
    entity_ids(topic, body)


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (
            use_order,
            order_body(line_items=[line_body(), line_body(id=7, discount_allocations=[{"amount": "1"}])]),
        ),
        (use_parcel, parcel_told()),
        (use_refund, refund_told()),
    ],
    ids=["order", "parcel", "refund"],
)
@settings(FEW, max_examples=300)
@given(st.data())
def test_what_the_crm_is_told_of_can_be_anything(
    work: Work, told: dict[str, Any], data: st.DataObject
) -> None:
    """Smaller bodies, so that every field is met."""
    is_usable_or_named(work, data.draw(almost(told)))


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        ("customer.updated", woo_customer()),
        ("order.updated", woo_order()),
        ("order.deleted", {"id": 727}),
    ],
)
@FEW
@given(st.data())
def test_any_body_of_woocommerce_is_usable_or_refused_by_name(
    topic: str, told: dict[str, Any], data: st.DataObject
) -> None:
    def work(body: bytes) -> None:
        payload = _from_woocommerce(Payload(body=body, topic=topic), "acme.example")
        work_of(payload.topic or "")(payload.body)

    is_usable_or_named(work, data.draw(almost(told)))


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        ("customer.updated", standard_customer()),
        ("order.paid", standard_order()),
        ("order.deleted", {"id": "A-17"}),
    ],
)
@FEW
@given(st.data())
def test_any_standard_message_is_usable_or_refused_by_name(
    topic: str, told: dict[str, Any], data: st.DataObject
) -> None:
    def work(body: bytes) -> None:
        payload = _from_standard(Payload(body=body, topic=topic), "acme.example")
        work_of(payload.topic or "")(payload.body)

    message = {"type": topic, "timestamp": "2026-11-20T16:15:48Z", "data": told}
    is_usable_or_named(work, data.draw(almost(message)))


def test_amounts_of_any_size_that_is_taken_add_up() -> None:
    most = "999999999999.999999"
    lines = [line_body(id=n, quantity=10**8, current_quantity=10**8, price=most) for n in range(1, 9)]
    bought = order(line_items=lines, total_price=most, currency="KWD")
    (receipt,) = sent(order_draft(bought), bought, [])
    assert receipt.total > Decimal(most)
    assert customer().id
