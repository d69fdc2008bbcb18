"""What WooCommerce and generic senders tell, in the words the rest of the service understands."""

from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.envelope import Payload
from shared.errors import Rejected
from sync_worker.mapping.amounts import priced_lines, shipping_price
from sync_worker.mapping.contact import buyer_fields, contact_fields
from sync_worker.mapping.receipt import unique_receipt_id, why_no_receipt
from sync_worker.senders import from_standard, from_woocommerce
from sync_worker.senders.naming import Sender
from sync_worker.senders.standard import CustomerMessage, DeletedMessage, OrderMessage
from sync_worker.senders.translating import sender_of
from sync_worker.senders.woocommerce import WooCustomer, WooOrder
from sync_worker.shopify.customers import Customer
from sync_worker.shopify.orders import Order
from sync_worker.shopify.reading import read, read_exactly
from tests.unit.sync_worker.senders import (
    standard_customer,
    standard_order,
    woo_customer,
    woo_order,
)

DOMAIN = "shop.example.com"


def from_woo(**changes: Any) -> Order:
    body = orjson.dumps(woo_order(**changes))
    order = from_woocommerce.order_of(read_exactly(WooOrder, body, what="order"), DOMAIN)
    return read(Order, order.model_dump_json(exclude_none=True).encode(), what="order")


def from_message(**changes: Any) -> Order:
    body = orjson.dumps({"type": "order.updated", "data": standard_order(**changes)})
    order = from_standard.order_of(read_exactly(OrderMessage, body, what="order").data, DOMAIN)
    return read(Order, order.model_dump_json(exclude_none=True).encode(), what="order")


def test_a_woocommerce_order_costs_what_it_says() -> None:
    order = from_woo()
    assert (order.id, order.label, order.number) == ("woocommerce-shop.example.com-727", "#727", "727")
    assert (order.total_price, order.total_tax, order.currency) == (
        Decimal("549.00"), Decimal("109.80"), "SEK",
    )  # fmt: skip
    (line,) = priced_lines(order, with_tips=False)
    assert (line.quantity, line.gross, line.tax, line.tax_percent) == (
        2, Decimal("500.00"), Decimal("100.00"), Decimal(25),
    )  # fmt: skip
    assert order.created_at.isoformat() == "2026-11-20T16:10:00+00:00"
    assert (unique_receipt_id(order), why_no_receipt(order)) == (order.id, None)


def test_a_coupon_is_a_discount_to_the_cent() -> None:
    line = woo_order()["line_items"][0] | {
        "quantity": 3,
        "subtotal": "100.00",
        "total": "66.67",
        "total_tax": "16.67",
    }
    line["taxes"] = [{"id": 1, "total": "16.67"}]
    (priced,) = priced_lines(from_woo(line_items=[line]), with_tips=False)
    assert (priced.gross, priced.tax, priced.quantity) == (Decimal("83.34"), Decimal("16.67"), 3)


@given(
    quantity=st.integers(1, 10_000),
    subtotal=st.decimals("0", "99999", places=2),
    taken=st.decimals("0", "99999", places=2),
    tax=st.decimals("0", "999", places=2),
)
def test_no_cent_of_a_line_is_lost_or_made(
    quantity: int, subtotal: Decimal, taken: Decimal, tax: Decimal
) -> None:
    total = max(Decimal(0), subtotal - taken)
    line = woo_order()["line_items"][0] | {
        "quantity": quantity, "subtotal": str(subtotal), "total": str(total), "total_tax": str(tax),
        "taxes": [{"id": 1, "total": str(tax)}],
    }  # fmt: skip
    (priced,) = priced_lines(from_woo(line_items=[line]), with_tips=False)
    assert priced.gross == total + tax


PAID = {"date_paid_gmt": "2026-11-20T16:11:00"}
UNPAID = {"date_paid_gmt": None}
GIVEN_BACK = {"refunds": [{"id": 9, "reason": "", "total": "-100.00"}]}


@pytest.mark.parametrize(
    ("changes", "financial", "fulfilment"),
    [
        ({"status": "pending"} | UNPAID, "pending", None),
        ({"status": "on-hold"} | UNPAID, "pending", None),
        ({"status": "processing"} | PAID, "paid", None),
        ({"status": "processing"} | UNPAID, "pending", None),
        ({"status": "completed"} | UNPAID, "paid", "fulfilled"),
        ({"status": "completed"} | PAID | GIVEN_BACK, "partially_refunded", "fulfilled"),
        ({"status": "refunded"} | PAID | GIVEN_BACK, "refunded", None),
        ({"status": "refunded"} | UNPAID, "voided", None),
        ({"status": "cancelled"} | UNPAID, "voided", None),
        ({"status": "failed"} | UNPAID, "voided", None),
        ({"status": "a-status-of-a-plugin"} | UNPAID, "pending", None),
    ],
)
def test_the_one_status_of_woocommerce_says_how_payment_and_parcel_stand(
    changes: dict[str, Any], financial: str, fulfilment: str | None
) -> None:
    order = from_woo(**changes)
    assert (order.financial_status, order.fulfillment_status) == (financial, fulfilment)
    assert (order.cancelled_at is not None) is (changes["status"] == "cancelled")


def test_a_guest_is_known_by_the_billing_address() -> None:
    order = from_woo(customer_id=0)
    assert order.customer is None
    assert buyer_fields(order)["email"] == "kim@example.com"


def test_an_account_is_a_customer_nobody_else_has() -> None:
    buyer = buyer_fields(from_woo(customer_id=12))
    assert buyer["externalId"] == "woocommerce-shop.example.com-12"
    assert (buyer["firstName"], buyer["city"], buyer["mobilePhone"]) == ("Kim", "Malmö", "+46700000000")


def test_a_woocommerce_customer_is_a_contact() -> None:
    body = orjson.dumps(woo_customer())
    customer = from_woocommerce.customer_of(read_exactly(WooCustomer, body, what="customer"), DOMAIN)
    assert contact_fields(customer) == {
        "externalId": "woocommerce-shop.example.com-12",
        "email": "kim@example.com",
        "mobilePhone": "+46700000000",
        "firstName": "Kim",
        "lastName": "Åberg",
        "street": "Storgatan 1",
        "zipCode": "211 34",
        "city": "Malmö",
        "countryCode": "SE",
    }
    assert customer.updated_at is not None
    assert customer.updated_at.isoformat() == "2026-11-20T16:15:47+00:00"


def test_amounts_are_exact_whether_text_or_number() -> None:
    body = orjson.dumps(woo_order()).replace(b'"total":"549.00"', b'"total":0.30000000000000004')
    assert read_exactly(WooOrder, body, what="order").total == Decimal("0.30000000000000004")
    assert from_woo(total="", total_tax="").total_price == 0


@pytest.mark.parametrize("field", ["id", "currency", "date_created_gmt", "total"])
def test_a_woocommerce_order_without_what_it_needs_is_refused_by_name(field: str) -> None:
    body = woo_order()
    del body[field]
    with pytest.raises(Rejected, match=field):
        read_exactly(WooOrder, orjson.dumps(body), what="order")


def test_a_generic_order_says_itself_whether_prices_hold_the_tax() -> None:
    order = from_message()
    assert (order.id, order.label) == ("standard-shop.example.com-A-17", "#A-17")
    (line,) = priced_lines(order, with_tips=False)
    assert (line.gross, line.tax, line.tax_percent) == (Decimal("450.00"), Decimal("90.00"), Decimal(25))
    (without,) = priced_lines(from_message(taxes_included=False), with_tips=False)
    assert (without.gross, without.tax) == (Decimal("540.00"), Decimal("90.00"))


def test_a_generic_order_may_hold_no_more_than_it_must() -> None:
    order = from_message(
        lines=[], shipping=None, customer=None, payment_status=None, billing_address=None, updated_at=None
    )
    assert (order.financial_status, order.customer, order.line_items) == (None, None, ())
    assert from_message(number=None).label == "#A-17"
    assert from_message(id=17, number=1042).label == "#1042"


@pytest.mark.parametrize(
    ("changes", "price"),
    [
        ({}, "49.00"),
        ({"taxes_included": False}, "58.80"),
        ({"taxes_included": False, "shipping_tax": "1.00"}, "50.00"),
        ({"taxes_included": False, "shipping_tax": None}, "58.80"),
        ({"taxes_included": False, "shipping_tax": None, "tax": None}, "49.00"),
        ({"shipping": None}, "0.00"),
    ],
)
def test_shipping_is_taxed_as_it_says_or_with_what_is_on_no_line(changes: dict[str, Any], price: str) -> None:
    assert shipping_price(from_message(**changes)) == Decimal(price)


@pytest.mark.parametrize("fulfilment", ["unfulfilled", None])
def test_what_was_not_shipped_is_unfulfilled(fulfilment: str | None) -> None:
    assert from_message(fulfillment_status=fulfilment).fulfillment_status is None
    assert from_message(fulfillment_status="partial").fulfillment_status == "partial"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "data.id"),
        ({"id": ""}, "data.id"),
        ({"id": "a b"}, "data.id"),
        ({"id": "x" * 65}, "data.id"),
        ({"payment_status": "PAID"}, "data.payment_status"),
        ({"currency": None}, "data.currency"),
        ({"created_at": "2026-11-20T16:15:47"}, "data.created_at"),
        ({"lines": [{"quantity": 1}]}, "data.lines.0.unit_price"),
        ({"lines": [{"quantity": -1, "unit_price": 1}]}, "data.lines.0.quantity"),
    ],
)
def test_a_generic_order_that_can_not_be_used_says_which_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Rejected, match=f"'{field}'"):
        from_message(**changes)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["13001", 13002], ["13001", "13002"]),
        (["13001", "13001"], ["1", "2"]),
        (["a", "13001"], ["1", "2"]),
        ([None, None], ["1", "2"]),
    ],
)
def test_lines_keep_their_ids_where_these_can_be_kept(given: list[Any], kept: list[str]) -> None:
    lines = [{"id": line_id, "quantity": 1, "unit_price": "1.00"} for line_id in given]
    assert [line.id for line in from_message(lines=lines).line_items] == kept


def test_a_generic_customer_is_a_contact() -> None:
    body = orjson.dumps({"type": "customer.updated", "data": standard_customer()})
    customer = from_standard.customer_of(read_exactly(CustomerMessage, body, what="customer").data, DOMAIN)
    again = read(Customer, customer.model_dump_json(exclude_none=True).encode(), what="customer")
    assert again == customer
    assert contact_fields(customer)["externalId"] == "standard-shop.example.com-C-9"
    assert contact_fields(customer)["city"] == "Malmö"


def test_a_deleted_thing_needs_only_its_id() -> None:
    body = b'{"type": "order.deleted", "data": {"id": 17}}'
    assert read_exactly(DeletedMessage, body, what="order").data.id == "17"


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ({"x-shopify-topic": "orders/updated"}, None),
        ({}, None),
        ({"X-WC-Webhook-Topic": "order.updated"}, Sender.WOOCOMMERCE),
        ({"webhook-id": "msg_1"}, Sender.STANDARD),
    ],
)
def test_a_sender_is_known_by_its_headers(headers: dict[str, str], sender: Sender | None) -> None:
    assert sender_of(Payload(body=b"", headers=headers)) is sender
