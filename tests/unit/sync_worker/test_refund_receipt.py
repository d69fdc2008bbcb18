"""Returns: what came back and was paid back, and never more than was bought."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sandbox.engage import receipt_model
from sync_worker.clients.engage import encoded
from sync_worker.mapping.amounts import minor_unit, priced_lines
from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.parcel_receipts import purchase_drafts
from sync_worker.mapping.receipt import order_draft, receipt_body, why_no_receipt
from sync_worker.mapping.refund_receipt import (
    NEVER_STATED,
    NO_MONEY,
    NOT_STATED_YET,
    plan_return,
    return_draft,
)
from sync_worker.mapping.rules import EngageRules
from sync_worker.mapping.stated import Kind, Receipt, balances
from sync_worker.shopify.orders import Order
from sync_worker.shopify.refunds import Refund
from tests.unit.sync_worker.bodies import any_order, line_body, order
from tests.unit.sync_worker.movements import (
    LINE_ID,
    Books,
    parcel,
    refund,
    refund_line,
    transaction,
)

FIVE_BACK = refund(refund_line_items=[], transactions=[transaction("5.00")])


def paid_for(order: Order) -> Books:
    """The books once the receipt of the whole order was sent."""
    books = Books()
    books.settle(order_draft(order))
    return books


def shipped(order: Order, **parcel_fields: Any) -> Books:
    """The books once the receipt of one parcel was sent."""
    books = Books()
    parcels = [parcel(**parcel_fields)]
    books.settle_all(purchase_drafts(order, parcels, [], by_parcel=True))
    return books


def returned(order: Order, books: Books, refund: Refund) -> Receipt:
    receipt = books.settle(return_draft(order, refund))
    assert receipt is not None
    return receipt


def body_of(order: Order, receipt: Receipt) -> dict[str, Any]:
    match = ContactMatch("kim@example.com", "Email")
    return receipt_body(order, receipt, match=match, store_id="ecom-se", rules=EngageRules())


def test_a_refund_becomes_the_return_the_crm_documents() -> None:
    body = body_of(order(), returned(order(), paid_for(order()), refund()))
    assert body == {
        "contact": {"matchKey": "kim@example.com", "matchKeyType": "Email", "contactType": "Member"},
        "uniqueReceiptId": "shopify-5523001122334-r-890088186047",
        "receiptNumber": "1042",
        "createdDate": "2026-11-25T10:00:00+01:00",
        "storeExternalId": "ecom-se",
        "currency": "SEK",
        "totalGrossPrice": Decimal("-225.00"),
        "paymentMethods": [{"type": "CARD", "description": "shopify_payments", "value": Decimal("-225.00")}],
        "items": [
            {
                "type": "RETURN",
                "sku": "MUG-1",
                "articleNumber": "MUG-1",
                "articleName": "Mug",
                "quantity": -1,
                "grossPaidPrice": Decimal("225.00"),
                "taxAmount": Decimal("45.00"),
                "taxPercent": Decimal(25),
                "awardsBonus": True,
            }
        ],
    }


def test_tax_on_top_is_part_of_what_comes_back() -> None:
    bought = order(taxes_included=False)
    line = refund_line(subtotal=225, total_tax=45)
    receipt = returned(
        bought, paid_for(bought), refund(refund_line_items=[line], transactions=[transaction("270.00")])
    )
    assert (receipt.lines[0].gross, receipt.lines[0].tax) == (Decimal("270.00"), Decimal("45.00"))


@st.composite
def refunded_orders(draw: st.DrawFn) -> tuple[Order, list[Refund]]:
    """A paid order, and refunds as the shop makes them: rounded one by one, all items or fewer."""
    bought = draw(any_order())
    assume(why_no_receipt(bought) is None)
    left = {line.item.id: line.quantity for line in priced_lines(bought, with_tips=False)}
    refunds = []
    for number in range(draw(st.integers(1, 5))):
        taken = {line_id: draw(st.integers(0, quantity)) for line_id, quantity in left.items()}
        left = {line_id: left[line_id] - taken[line_id] for line_id in left}
        refunds.append(_refund(bought, number + 1, taken))
    if draw(st.booleans()):
        refunds.append(_refund(bought, 99, left))
    return bought, draw(st.permutations(refunds))


def _refund(bought: Order, number: int, quantities: dict[str, int]) -> Refund:
    unit = minor_unit(bought.currency)
    lines, back = [], Decimal(0)
    for line in priced_lines(bought, with_tips=False):
        share = Decimal(quantities[line.item.id]) / line.quantity
        gross = (line.gross * share).quantize(unit, ROUND_HALF_UP)
        tax = min(gross, (line.tax * share).quantize(unit, ROUND_HALF_UP))
        subtotal, back = gross if bought.taxes_included else gross - tax, back + gross
        lines.append(
            refund_line(
                line_item_id=int(line.item.id),
                quantity=quantities[line.item.id],
                subtotal=str(subtotal),
                total_tax=str(tax),
            )
        )
    return refund(id=number, refund_line_items=lines, transactions=[transaction(str(back))])


@given(refunded_orders())
def test_returns_never_exceed_what_was_bought(it: tuple[Order, list[Refund]]) -> None:
    bought, refunds = it
    books = paid_for(bought)
    for one in [*refunds, *refunds]:
        books.settle(return_draft(bought, one))
    for balance in balances(books.receipts).values():
        assert balance.quantity >= 0
        assert min(balance.gross, balance.tax) >= 0
        if balance.quantity == 0:
            assert balance.gross == balance.tax == 0


@given(refunded_orders())
def test_the_crm_takes_every_return(it: tuple[Order, list[Refund]]) -> None:
    bought, refunds = it
    books = paid_for(bought)
    for one in refunds:
        receipt = books.settle(return_draft(bought, one))
        if receipt is not None:
            body = body_of(bought, receipt)
            receipt_model.check_receipt(receipt_model.Receipt.read(orjson.loads(encoded(body))))
            assert body["totalGrossPrice"] <= 0


def test_three_single_returns_give_back_exactly_what_three_items_cost() -> None:
    bought = order(
        line_items=[line_body(quantity=3, current_quantity=3, price="3.3334", tax_lines=[])],
    )
    books = paid_for(bought)
    for number in (1, 2, 3):
        line = refund_line(subtotal=3.33, total_tax=0)
        books.settle(
            return_draft(
                bought, refund(id=number, refund_line_items=[line], transactions=[transaction("3.33")])
            )
        )
    assert [receipt.total for receipt in books.receipts] == [
        Decimal("10.00"),
        Decimal("-3.33"),
        Decimal("-3.33"),
        Decimal("-3.34"),
    ]


def test_money_without_goods_is_left_to_a_note() -> None:
    plan = plan_return(order(), FIVE_BACK, paid_for(order()).receipts)
    assert plan.lines == ()
    assert plan.note == "No return is due: 5.00 SEK went back, but not for goods, which receipts state"


def test_goods_without_money_are_left_to_a_note() -> None:
    restocked = refund(
        transactions=[], order_adjustments=[{"kind": "refund_discrepancy", "amount": "225.00"}]
    )
    assert plan_return(order(), restocked, paid_for(order()).receipts).note == NO_MONEY


def test_money_that_failed_to_go_back_is_none() -> None:
    failed = refund(
        transactions=[transaction("225.00", status="failure"), transaction("225.00", kind="void")]
    )
    assert plan_return(order(), failed, paid_for(order()).receipts).note == NO_MONEY


def test_money_that_is_still_on_its_way_counts() -> None:
    pending = refund(transactions=[transaction("225.00", status="pending")])
    assert returned(order(), paid_for(order()), pending).total == Decimal("-225.00")


@pytest.mark.parametrize(
    "told",
    [
        {"order_adjustments": [{"kind": "shipping_refund", "amount": "-39.20", "tax_amount": "-9.80"}]},
        {
            "refund_shipping_lines": [
                {
                    "subtotal_amount_set": {"shop_money": {"amount": "39.20"}},
                    "tax_amount_set": {"shop_money": {"amount": "9.80"}},
                }
            ]
        },
        {"total_duties_set": {"shop_money": {"amount": "49.00"}}},
    ],
    ids=["as an adjustment", "as a line", "as duties"],
)
def test_shipping_and_duties_are_no_part_of_a_return(told: dict[str, Any]) -> None:
    with_shipping = refund(transactions=[transaction("274.00")], **told)
    books = paid_for(order())
    plan = plan_return(order(), with_shipping, books.receipts)
    assert plan.note == "49.00 SEK of what went back was not for goods and is in no receipt"
    assert returned(order(), books, with_shipping).total == Decimal("-225.00")


def test_a_fee_that_is_kept_is_no_purchase() -> None:
    kept = refund(transactions=[transaction("100.00"), transaction("100.00")])
    plan = plan_return(order(), kept, paid_for(order()).receipts)
    assert plan.note == "25.00 SEK less went back than the goods had cost, which the receipt states"
    assert [(line.gross, line.tax) for line in plan.lines] == [(Decimal("225.00"), Decimal("45.00"))]


def test_money_for_shipping_only_pays_for_no_goods() -> None:
    shipping = refund(
        transactions=[transaction("49.00")],
        order_adjustments=[
            {"kind": "shipping_refund", "amount": "-49.00"},
            {"kind": "refund_discrepancy", "amount": "225.00"},
        ],
    )
    plan = plan_return(order(), shipping, paid_for(order()).receipts)
    assert plan.note == "No return is due: 49.00 SEK went back, but not for goods, which receipts state"


def test_a_buyer_who_paid_in_another_currency_is_reckoned_by_the_shops_books() -> None:
    euros = [transaction("20.00", currency="EUR")]
    assert returned(order(), paid_for(order()), refund(transactions=euros)).total == Decimal("-225.00")
    unpaid = [{"kind": "refund_discrepancy", "amount": "225.00"}]
    plan = plan_return(
        order(), refund(transactions=euros, order_adjustments=unpaid), paid_for(order()).receipts
    )
    assert plan.note == NO_MONEY


def test_before_the_purchase_is_known_to_the_crm_nothing_is_returned() -> None:
    plan = plan_return(order(), refund(), [])
    assert (plan.lines, plan.note) == ((), NOT_STATED_YET)
    unsent = Receipt(
        "shopify-5523001122334", Kind.PURCHASE, refund().created_at, order_draft(order()).lines([])
    )
    assert plan_return(order(), refund(), [unsent]).note == NOT_STATED_YET


def test_more_than_was_bought_is_not_given_back() -> None:
    books = paid_for(order())
    everything = [refund_line(quantity=2, subtotal=450, total_tax=90)]
    money = [transaction("450.00")]
    returned(order(), books, refund(id=1, refund_line_items=everything, transactions=money))
    again = refund(id=2, refund_line_items=everything, transactions=money)
    assert plan_return(order(), again, books.receipts).note == NEVER_STATED


def test_goods_never_sent_are_in_no_parcels_receipt() -> None:
    one_sent = {"line_items": [{"id": LINE_ID, "quantity": 1}]}
    cancelled = refund(refund_line_items=[refund_line(restock_type="cancel")])
    assert plan_return(order(), cancelled, shipped(order(), **one_sent).receipts).note == NEVER_STATED


def test_goods_never_sent_are_in_the_receipt_of_the_whole_order() -> None:
    cancelled = refund(refund_line_items=[refund_line(restock_type="cancel")])
    assert returned(order(), paid_for(order()), cancelled).total == Decimal("-225.00")


def test_a_return_waits_until_all_its_parcels_are_stated() -> None:
    one_sent = {"line_items": [{"id": LINE_ID, "quantity": 1}]}
    both = refund(
        refund_line_items=[refund_line(quantity=2, subtotal=450, total_tax=90)],
        transactions=[transaction("450.00")],
    )
    assert plan_return(order(), both, shipped(order(), **one_sent).receipts).note == NOT_STATED_YET
    assert returned(order(), shipped(order()), both).total == Decimal("-450.00")


def test_of_goods_that_may_not_have_been_sent_only_those_stated_are_returned() -> None:
    one_sent = {"line_items": [{"id": LINE_ID, "quantity": 1}]}
    both = refund(
        refund_line_items=[refund_line(quantity=2, subtotal=450, total_tax=90, restock_type="no_restock")],
        transactions=[transaction("450.00")],
    )
    assert returned(order(), shipped(order(), **one_sent), both).total == Decimal("-225.00")


def test_a_tip_or_a_line_nobody_stated_is_not_returned() -> None:
    lines = [refund_line(line_item_id=999), refund_line()]
    some = refund(refund_line_items=lines, transactions=[transaction("450.00")])
    receipt = returned(order(), paid_for(order()), some)
    assert [(line.line_id, line.gross) for line in receipt.lines] == [(str(LINE_ID), Decimal("225.00"))]
