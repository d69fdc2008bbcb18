"""What the CRM is told of parcels and refunds: sums that add up, and words an account may choose."""

from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sandbox.engage.book import ORDER_STATUSES, PAYMENT_STATUSES
from sandbox.engage.order_model import Order as OrderAtEngage
from sandbox.engage.order_model import check_order
from sync_worker.clients.engage import encoded
from sync_worker.mapping.amounts import priced_lines
from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.parcel_notification import has_contents, parcel_body
from sync_worker.mapping.refund_notification import (
    NO_MONEY,
    refund_body,
    refund_status,
    why_no_refund_notification,
)
from sync_worker.mapping.rules import EngageRules
from sync_worker.shopify.fulfilments import Fulfilment
from sync_worker.shopify.orders import Order
from sync_worker.shopify.refunds import Refund
from tests.unit.sync_worker.bodies import any_order, order
from tests.unit.sync_worker.movements import LINE_ID, parcel, refund, refund_line, transaction

KIM = ContactMatch("kim@example.com", "Email")
KNOWN = {"orderStatus": ORDER_STATUSES, "paymentStatus": PAYMENT_STATUSES}


def told(order: Order, parcel: Fulfilment, **rules: Any) -> dict[str, Any]:
    return parcel_body(order, parcel, match=KIM, store_id="ecom-se", rules=EngageRules.model_validate(rules))


def told_refund(order: Order, refund: Refund, **rules: Any) -> dict[str, Any]:
    status = refund_status(order, [refund])
    body = refund_body(order, refund, status, match=KIM, rules=EngageRules.model_validate(rules))
    return {**body, "storeId": "ecom-se"}


def engage_takes(body: dict[str, Any]) -> None:
    check_order(OrderAtEngage.read(orjson.loads(encoded(body))), statuses=KNOWN)


def test_a_parcel_is_told_as_an_order_of_its_own() -> None:
    body = told(order(), parcel(line_items=[{"id": LINE_ID, "quantity": 1}]))
    assert body == {
        "contact": {"matchKey": "kim@example.com", "matchKeyType": "Email", "contactType": "Member"},
        "orderNumber": "1042.1",
        "orderStatus": "Shipped",
        "paymentStatus": "Paid",
        "createdDate": "2026-11-20T17:10:00+01:00",
        "shippingDate": "2026-11-21T08:00:00+01:00",
        "statusChangedDate": "2026-11-21T08:00:00+01:00",
        "storeId": "ecom-se",
        "currency": "SEK",
        "totalGrossPrice": Decimal("225.00"),
        "items": [
            {
                "type": "Purchase",
                "sku": "MUG-1",
                "quantity": 1,
                "grossPaidPrice": Decimal("225.00"),
                "description": "Mug",
            }
        ],
        "extraData": {
            "shopOrderNumber": "1042",
            "carrier": "PostNord",
            "trackingNumbers": "UA123456789SE",
            "trackingUrls": "https://example.test/t/UA123456789SE",
        },
    }
    engage_takes(body)


def test_a_parcel_without_a_name_is_told_by_its_id() -> None:
    assert told(order(), parcel(name=None))["orderNumber"] == "1042.4400110022"


def test_what_is_not_known_of_the_tracking_is_left_out() -> None:
    blank: dict[str, Any] = {"tracking_company": None, "tracking_number": None, "tracking_numbers": []}
    extra = told(order(), parcel(**blank, tracking_url=None, tracking_urls=None))["extraData"]
    assert extra == {"shopOrderNumber": "1042"}


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ({}, "Shipped"),
        ({"Shipped": "Sent"}, "Sent"),
        ({"Shipped": "Sent", "ParcelShipped": "Parcel sent"}, "Parcel sent"),
    ],
)
def test_an_account_may_name_a_parcels_status(words: dict[str, str], status: str) -> None:
    assert told(order(), parcel(), order_statuses=words)["orderStatus"] == status


@given(any_order(), st.data())
def test_the_crm_takes_every_parcel(bought: Order, data: st.DataObject) -> None:
    contents = [
        {"id": int(line.item.id), "quantity": data.draw(st.integers(0, line.quantity))}
        for line in priced_lines(bought, with_tips=True)
    ]
    sent = parcel(line_items=contents)
    assume(has_contents(bought, sent))
    engage_takes(told(bought, sent))


def test_a_refund_is_told_with_what_came_back() -> None:
    body = told_refund(order(), refund())
    assert body == {
        "contact": {"matchKey": "kim@example.com", "matchKeyType": "Email", "contactType": "Member"},
        "orderNumber": "1042",
        "orderStatus": "PartiallyRefunded",
        "paymentStatus": "PartiallyRefunded",
        "createdDate": "2026-11-20T17:10:00+01:00",
        "statusChangedDate": "2026-11-25T10:00:00+01:00",
        "currency": "SEK",
        "totalGrossPrice": Decimal("-225.00"),
        "items": [
            {
                "type": "Return",
                "quantity": -1,
                "grossPaidPrice": Decimal("225.00"),
                "sku": "MUG-1",
                "description": "Mug",
            }
        ],
        "storeId": "ecom-se",
    }
    engage_takes(body)


MONEY = [
    ({"refund_line_items": [], "transactions": [transaction("45.00")]}, "-45.00", {}),
    (
        {
            "transactions": [transaction("274.00")],
            "order_adjustments": [{"kind": "shipping_refund", "amount": "-49.00"}],
        },
        "-274.00",
        {"freightFee": "-49.00"},
    ),
    ({"transactions": [transaction("235.00")]}, "-235.00", {"handlingFee": "-10.00"}),
    ({"transactions": [transaction("200.00")]}, "-200.00", {}),
]


@pytest.mark.parametrize(
    ("fields", "total", "fees"), MONEY, ids=["money", "shipping", "goodwill", "fee kept"]
)
def test_a_refund_adds_up_to_what_went_back(fields: dict[str, Any], total: str, fees: dict[str, str]) -> None:
    body = told_refund(order(), refund(**fields))
    assert body["totalGrossPrice"] == Decimal(total)
    told_fees = {name: str(body[name]["value"]) for name in ("freightFee", "handlingFee") if name in body}
    assert told_fees == fees
    engage_takes(body)


def test_money_without_goods_is_told_as_one_item() -> None:
    body = told_refund(order(), refund(refund_line_items=[], transactions=[transaction("45.00")]))
    assert body["items"] == [
        {
            "type": "Return",
            "quantity": -1,
            "grossPaidPrice": Decimal("45.00"),
            "sku": "REFUND",
            "description": "Refund",
        }
    ]


def test_goods_without_money_are_not_told() -> None:
    assert why_no_refund_notification(order(), refund(transactions=[])) == NO_MONEY


def test_a_line_the_order_does_not_have_is_named_by_the_refund() -> None:
    lines = [
        refund_line(line_item_id=7, line_item={"id": 7, "sku": "CUP-1", "title": "Cup"}),
        refund_line(line_item_id=8, line_item=None),
    ]
    body = told_refund(order(), refund(refund_line_items=lines, transactions=[transaction("450.00")]))
    assert [(item["sku"], item["description"]) for item in body["items"]] == [("CUP-1", "Cup"), ("8", "8")]


@pytest.mark.parametrize(
    ("status", "amounts", "word"),
    [
        ("paid", ["100.00"], "PartiallyRefunded"),
        ("paid", ["100.00", "399.00"], "Refunded"),
        ("refunded", ["100.00"], "Refunded"),
    ],
)
def test_a_refund_is_whole_once_all_money_is_back(status: str, amounts: list[str], word: str) -> None:
    refunds = [
        refund(id=number + 1, refund_line_items=[], transactions=[transaction(amount)])
        for number, amount in enumerate(amounts)
    ]
    assert refund_status(order(financial_status=status), refunds) == word
