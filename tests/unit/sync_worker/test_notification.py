"""Order notifications: the status in the CRM's words, and amounts that add up."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import assume, given

from sandbox.engage.book import ORDER_STATUSES, PAYMENT_STATUSES
from sandbox.engage.order_model import Order as EngageOrder
from sandbox.engage.order_model import check_order
from sync_worker.clients.engage import encoded
from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.notification import (
    OrderState,
    is_old_news,
    notification_body,
    order_state,
    told_state,
    why_no_notification,
)
from sync_worker.mapping.rules import EngageRules
from sync_worker.shopify.orders import Order
from tests.unit.sync_worker.bodies import any_order, line_body, order

CANCELLED_AT = "2026-11-20T18:30:00+01:00"
KIM = ContactMatch("kim@example.com", "Email")
KNOWN = {"orderStatus": ORDER_STATUSES, "paymentStatus": PAYMENT_STATUSES}


def body_of(ordered: Order, **rules: Any) -> dict[str, Any]:
    return notification_body(ordered, KIM, store_id="ecom-se", rules=EngageRules.model_validate(rules))


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"financial_status": "pending"}, OrderState("Created", "Pending")),
        ({}, OrderState("Created", "Paid")),
        ({"fulfillment_status": "partial"}, OrderState("PartiallyShipped", "Paid")),
        ({"fulfillment_status": "fulfilled"}, OrderState("Shipped", "Paid")),
        (
            {"fulfillment_status": "restocked", "financial_status": "refunded"},
            OrderState("Returned", "Refunded"),
        ),
        (
            {"cancelled_at": "2026-11-20T18:00:00+01:00", "financial_status": "voided"},
            OrderState("Cancelled", "Voided"),
        ),
        ({"fulfillment_status": "new", "financial_status": "new"}, OrderState("Created", "Unknown")),
        ({"financial_status": None}, OrderState("Created", "Unknown")),
    ],
)
def test_where_an_order_stands(fields: dict[str, Any], state: OrderState) -> None:
    assert order_state(order(**fields)) == state


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"fulfillment_status": "partial"}, OrderState("Created", "Paid")),
        (
            {"fulfillment_status": "fulfilled", "financial_status": "pending"},
            OrderState("Created", "Pending"),
        ),
        ({"financial_status": "partially_refunded"}, OrderState("Created", "Paid")),
        (
            {"fulfillment_status": "restocked", "financial_status": "refunded"},
            OrderState("Created", "Paid"),
        ),
        ({"cancelled_at": CANCELLED_AT, "financial_status": "refunded"}, OrderState("Cancelled", "Paid")),
        ({"cancelled_at": CANCELLED_AT, "financial_status": "voided"}, OrderState("Cancelled", "Voided")),
    ],
)
def test_what_parcels_and_refunds_tell_the_order_does_not(fields: dict[str, Any], told: OrderState) -> None:
    assert told_state(order(**fields)) == told
    body = body_of(order(**fields))
    assert (body["orderStatus"], body["paymentStatus"]) == (told.order_status, told.payment_status)


@pytest.mark.parametrize("fulfilment", ["partial", "fulfilled", "restocked", None])
@pytest.mark.parametrize("payment", ["paid", "partially_refunded", "refunded"])
def test_a_sender_without_parcels_and_refunds_tells_everything_with_the_order(
    fulfilment: str | None, payment: str
) -> None:
    told = order(id="woocommerce-acme.example-727", fulfillment_status=fulfilment, financial_status=payment)
    assert told_state(told) == order_state(told)


@pytest.mark.parametrize(
    ("fields", "is_old"),
    [
        ({}, False),
        ({"financial_status": "pending"}, False),
        ({"fulfillment_status": "fulfilled"}, True),
        ({"financial_status": "refunded"}, True),
        ({"fulfillment_status": "fulfilled", "created_at": CANCELLED_AT}, False),
        ({"cancelled_at": "2026-11-20T17:30:00+01:00"}, True),
        ({"cancelled_at": CANCELLED_AT, "financial_status": "refunded"}, False),
    ],
)
def test_what_happened_before_the_crm_was_connected_is_no_news(fields: dict[str, Any], is_old: bool) -> None:
    assert is_old_news(order(**fields), datetime.fromisoformat("2026-11-20T18:00:00+01:00")) is is_old


def test_an_account_may_call_statuses_otherwise() -> None:
    body = body_of(order(), order_statuses={"Created": "Confirmed"}, payment_statuses={"Paid": "Betald"})
    assert (body["orderStatus"], body["paymentStatus"]) == ("Confirmed", "Betald")


def test_shipping_is_the_freight_fee() -> None:
    body = body_of(order())
    assert (body["totalGrossPrice"], body["freightFee"]) == (Decimal("499.00"), {"value": Decimal("49.00")})
    assert body["totalTax"] == Decimal("99.80")
    assert {"handlingFee", "totalRoundOff"}.isdisjoint(body)


@pytest.mark.parametrize(
    ("total_price", "name", "value"),
    [
        ("519.00", "handlingFee", "20.00"),
        ("499.01", "totalRoundOff", "0.01"),
        ("479.00", "totalRoundOff", "-20.00"),
    ],
)
def test_what_lines_do_not_explain_is_shown_as_fee_or_rounding(
    total_price: str, name: str, value: str
) -> None:
    assert body_of(order(total_price=total_price))[name] == {"value": Decimal(value)}


@given(any_order())
def test_all_amounts_add_up_and_the_crm_takes_them(any_order: Order) -> None:
    assume(why_no_notification(any_order) is None)
    check_order(EngageOrder.read(orjson.loads(encoded(body_of(any_order)))), statuses=KNOWN)


def test_an_order_without_lines_has_nothing_to_tell() -> None:
    assert why_no_notification(order(line_items=[])) == "Nothing was sent: the order has no lines"
    assert why_no_notification(order(line_items=[line_body(tip={})])) is None
