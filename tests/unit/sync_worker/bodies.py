"""Bodies as the shop sends them, with everything that does not matter filled in."""

from decimal import Decimal
from typing import Any

import orjson
from hypothesis import strategies as st

from sync_worker.shopify.customers import Customer
from sync_worker.shopify.orders import Order
from sync_worker.shopify.reading import read

CUSTOMER_ID = 6148732321001
ORDER_ID = 5523001122334


def customer_body(**changes: Any) -> dict[str, Any]:
    return {
        "id": CUSTOMER_ID,
        "email": "kim@example.com",
        "phone": "+46 70 000 00 00",
        "first_name": "Kim",
        "last_name": "Åberg",
        "created_at": "2026-11-01T09:00:00+01:00",
        "updated_at": "2026-11-20T17:15:47+01:00",
        "default_address": {
            "address1": "Storgatan 1",
            "address2": None,
            "city": "Malmö",
            "zip": "211 34",
            "country_code": "SE",
        },
        **changes,
    }


def line_body(**changes: Any) -> dict[str, Any]:
    return {
        "id": 13001,
        "sku": "MUG-1",
        "title": "Mug",
        "quantity": 2,
        "current_quantity": 2,
        "price": "225.00",
        "tax_lines": [{"price": "90.00", "rate": 0.25}],
        **changes,
    }


def order_body(**changes: Any) -> dict[str, Any]:
    return {
        "id": ORDER_ID,
        "name": "#1042",
        "order_number": 1042,
        "email": "kim@example.com",
        "created_at": "2026-11-20T17:10:00+01:00",
        "updated_at": "2026-11-20T17:15:47+01:00",
        "currency": "SEK",
        "financial_status": "paid",
        "fulfillment_status": None,
        "total_price": "499.00",
        "total_tax": "99.80",
        "taxes_included": True,
        "customer": {"id": CUSTOMER_ID, "email": "kim@example.com", "updated_at": None},
        "line_items": [line_body()],
        "shipping_lines": [{"id": 71, "price": "49.00"}],
        "payment_gateway_names": ["shopify_payments"],
        **changes,
    }


def customer(**changes: Any) -> Customer:
    return read(Customer, orjson.dumps(customer_body(**changes)), what="customer")


def order(**changes: Any) -> Order:
    return read(Order, orjson.dumps(order_body(**changes)), what="order")


def _amounts(largest: str) -> st.SearchStrategy[str]:
    return st.decimals("0", largest, places=2).map(str)


_LINES = st.builds(
    lambda quantity, left, **fields: line_body(
        quantity=quantity, current_quantity=min(quantity, left), **fields
    ),
    id=st.integers(1, 2**63 - 1),
    sku=st.sampled_from(["MUG-1", None, " "]),
    quantity=st.integers(0, 500),
    left=st.integers(0, 500),
    price=_amounts("99999"),
    tax_lines=st.lists(
        st.builds(
            lambda price, rate: {"price": price, "rate": rate},
            _amounts("9999"),
            st.sampled_from([None, 0, 0.06, 0.25, 0.0725, 1 / 3]),
        ),
        max_size=3,
    ),
    discount_allocations=st.lists(_amounts("9999").map(lambda amount: {"amount": amount}), max_size=3),
    total_discount=st.one_of(st.none(), _amounts("99")),
    gift_card=st.booleans(),
    tip=st.sampled_from([None, None, None, {"payment_gateway": "x"}]),
)


@st.composite
def any_order(draw: st.DrawFn) -> Order:
    """Orders with odd prices, taxes, discounts and currencies; totals need not make sense."""
    lines = draw(st.lists(_LINES, min_size=1, max_size=8, unique_by=lambda line: line["id"]))
    return order(
        line_items=lines,
        currency=draw(st.sampled_from(["SEK", "EUR", "JPY", "KWD"])),
        taxes_included=draw(st.booleans()),
        total_price=draw(_amounts("999999")),
        shipping_lines=draw(st.lists(_amounts("999").map(lambda price: {"price": price}), max_size=2)),
        financial_status=draw(st.sampled_from(["paid", "partially_refunded", "refunded", "pending", None])),
    )


def total(values: list[Decimal]) -> Decimal:
    return sum(values, Decimal(0))
