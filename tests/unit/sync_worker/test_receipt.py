"""Receipts: sums that are always exact, and only for what was paid."""

from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import assume, given

from sandbox.engage.receipt_model import Receipt, check_receipt
from sync_worker.clients.engage import encoded
from sync_worker.mapping import stated
from sync_worker.mapping.amounts import minor_unit
from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.receipt import order_draft, receipt_body, why_no_receipt
from sync_worker.mapping.rules import EngageRules
from sync_worker.shopify.orders import Order
from tests.unit.sync_worker.bodies import any_order, line_body, order, total

KIM = ContactMatch("kim@example.com", "Email")
RULES = EngageRules()


def body_of(order: Order, *, rules: EngageRules = RULES) -> dict[str, Any]:
    """The receipt of the whole order, of which no other receipt exists."""
    draft = order_draft(order)
    receipt = stated.Receipt(draft.id, draft.kind, draft.created_at, draft.lines([]))
    return receipt_body(order, receipt, match=KIM, store_id="ecom-se", rules=rules)


def test_a_paid_order_becomes_the_receipt_the_crm_documents() -> None:
    body = body_of(order())
    assert body == {
        "contact": {"matchKey": "kim@example.com", "matchKeyType": "Email", "contactType": "Member"},
        "uniqueReceiptId": "shopify-5523001122334",
        "receiptNumber": "1042",
        "createdDate": "2026-11-20T17:10:00+01:00",
        "storeExternalId": "ecom-se",
        "currency": "SEK",
        "totalGrossPrice": Decimal("450.00"),
        "paymentMethods": [{"type": "CARD", "description": "shopify_payments", "value": Decimal("450.00")}],
        "items": [
            {
                "type": "PURCHASE",
                "sku": "MUG-1",
                "articleNumber": "MUG-1",
                "articleName": "Mug",
                "quantity": 2,
                "grossPaidPrice": Decimal("450.00"),
                "taxAmount": Decimal("90.00"),
                "taxPercent": Decimal(25),
                "awardsBonus": True,
            }
        ],
    }


def test_amounts_travel_as_exact_json_numbers() -> None:
    wire = encoded(body_of(order()))
    assert b'"totalGrossPrice":450.00,' in wire
    assert b'"taxPercent":25,' in wire


@given(any_order())
def test_items_always_add_up_exactly_and_the_crm_takes_them(any_order: Order) -> None:
    assume(why_no_receipt(any_order) is None)
    body = body_of(any_order)
    gross = [item["grossPaidPrice"] for item in body["items"]]
    assert total(gross) == body["totalGrossPrice"] == body["paymentMethods"][0]["value"]
    assert all(amount % minor_unit(any_order.currency) == 0 and amount >= 0 for amount in gross)
    assert all(0 <= item["taxAmount"] <= item["grossPaidPrice"] for item in body["items"])
    check_receipt(Receipt.read(orjson.loads(encoded(body))))


@pytest.mark.parametrize("status", ["paid", "partially_refunded", "refunded"])
def test_a_receipt_is_due_once_the_order_was_paid(status: str) -> None:
    assert why_no_receipt(order(financial_status=status)) is None


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("pending", "the order is pending"),
        ("partially_paid", "the order is partially paid"),
        ("voided", "the order is voided"),
        (None, "the order is not paid"),
        ("invented_in_2027", "the order is invented in 2027"),
    ],
)
def test_before_that_the_reason_is_said(status: str | None, reason: str) -> None:
    assert why_no_receipt(order(financial_status=status)) == reason


def test_an_order_of_tips_only_has_no_receipt() -> None:
    assert why_no_receipt(order(line_items=[line_body(tip={})])) == "the order has no goods"


def test_a_bought_gift_card_earns_no_bonus() -> None:
    lines = [line_body(gift_card=True), line_body(id=2)]
    body = body_of(order(line_items=lines))
    assert [item["awardsBonus"] for item in body["items"]] == [False, True]


def test_a_line_without_a_sku_is_named_by_what_is_known() -> None:
    lines = [
        line_body(sku="", variant_id=4401),
        line_body(sku=None, product_id=3301, title=None),
        line_body(sku=None),
    ]
    body = body_of(order(line_items=lines))
    assert [(item["sku"], item["articleName"]) for item in body["items"]] == [
        ("4401", "Mug"),
        ("3301", "3301"),
        ("13001", "Mug"),
    ]


def test_an_account_names_its_payments_contact_type_and_exchange_rate() -> None:
    rules = EngageRules.model_validate(
        {
            "contact_type": "Contact",
            "payment_types": {"klarna": "INVOICE"},
            "exchange_rate_to_group_currency": "11.5",
        }
    )
    gateways = ["klarna", "gift_card"]
    body = body_of(order(payment_gateway_names=gateways), rules=rules)
    assert body["contact"]["contactType"] == "Contact"
    assert body["exchangeRateToGroupCurrency"] == Decimal("11.5")
    assert body["paymentMethods"] == [
        {"type": "INVOICE", "description": "klarna, gift_card", "value": Decimal("450.00")}
    ]
