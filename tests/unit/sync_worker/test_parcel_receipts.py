"""Receipts parcel by parcel: together they are the order, whatever came first."""

from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sandbox.engage import receipt_model
from sync_worker.clients.engage import encoded
from sync_worker.mapping.amounts import priced_lines
from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.parcel_receipts import is_ahead_of, purchase_drafts
from sync_worker.mapping.receipt import order_draft, receipt_body, why_no_receipt
from sync_worker.mapping.rules import EngageRules
from sync_worker.mapping.stated import balances
from sync_worker.shopify.fulfilments import Fulfilment
from sync_worker.shopify.orders import Order
from tests.unit.sync_worker.bodies import any_order, line_body, order, total
from tests.unit.sync_worker.movements import LINE_ID, Books, parcel

THREE_FOR_TEN = {
    "line_items": [
        line_body(
            quantity=3,
            current_quantity=3,
            price="3.50",
            discount_allocations=[{"amount": "0.50"}],
            tax_lines=[{"price": "2.00", "rate": 0.25}],
        )
    ]
}


def due(order: Order, parcels: list[Fulfilment], books: Books, *, by_parcel: bool = True) -> None:
    books.settle_all(purchase_drafts(order, parcels, books.receipts, by_parcel=by_parcel))


def single(number: int, **changes: Any) -> Fulfilment:
    return parcel(id=number, line_items=[{"id": LINE_ID, "quantity": 1}], **changes)


def amounts(books: Books) -> dict[str, tuple[int, Decimal, Decimal]]:
    (line,) = {line.line_id for receipt in books.receipts for line in receipt.lines}
    assert line == str(LINE_ID)
    return {
        receipt.id.split("-", 2)[2]: (receipt.lines[0].quantity, receipt.lines[0].gross, receipt.lines[0].tax)
        for receipt in books.receipts
    }


@st.composite
def shipped_orders(draw: st.DrawFn) -> tuple[Order, list[Fulfilment]]:
    """An order and the parcels, in any order, in which everything bought has left."""
    bought = draw(any_order())
    assume(why_no_receipt(bought) is None)
    count = draw(st.integers(1, 4))
    contents: list[list[dict[str, Any]]] = [[] for _ in range(count)]
    for line in priced_lines(bought, with_tips=False):
        rest = line.quantity
        for place in range(count):
            here = rest if place == count - 1 else draw(st.integers(0, rest))
            rest -= here
            contents[place].append({"id": int(line.item.id), "quantity": here})
    parcels = [parcel(id=number + 1, line_items=content) for number, content in enumerate(contents)]
    return bought, draw(st.permutations(parcels))


@given(shipped_orders(), st.randoms(use_true_random=False))
def test_all_parcels_add_up_to_what_the_goods_cost_whatever_came_first(
    shipped: tuple[Order, list[Fulfilment]], chance: Any
) -> None:
    bought, parcels = shipped
    books = Books()
    for arrived in range(1, len(parcels) + 1):
        known = parcels[:arrived]
        chance.shuffle(known)
        due(bought, known, books)
    whole = order_draft(bought).lines([])
    stated = balances(books.receipts)
    assert {line.line_id: (line.quantity, line.gross, line.tax) for line in whole} == {
        line_id: (one.quantity, one.gross, one.tax) for line_id, one in stated.items()
    }
    assert total([receipt.total for receipt in books.receipts]) == total([line.gross for line in whole])


@given(shipped_orders())
def test_the_crm_takes_the_receipt_of_every_parcel(shipped: tuple[Order, list[Fulfilment]]) -> None:
    bought, parcels = shipped
    books = Books()
    due(bought, parcels, books)
    for receipt in books.receipts:
        body = receipt_body(
            bought, receipt, match=ContactMatch("k@x.se", "Email"), store_id="s", rules=EngageRules()
        )
        receipt_model.check_receipt(receipt_model.Receipt.read(orjson.loads(encoded(body))))


def test_each_parcel_states_its_goods_with_their_part_of_discount_and_tax() -> None:
    books = Books()
    due(order(**THREE_FOR_TEN), [single(3), single(1), single(2)], books)
    assert amounts(books) == {
        "f-1": (1, Decimal("3.33"), Decimal("0.67")),
        "f-2": (1, Decimal("3.34"), Decimal("0.66")),
        "f-3": (1, Decimal("3.33"), Decimal("0.67")),
    }


def test_a_parcel_told_again_states_nothing_again() -> None:
    books = Books()
    for _ in range(3):
        due(order(), [parcel()], books)
    assert [receipt.id for receipt in books.receipts] == ["shopify-5523001122334-f-4400110022"]


@pytest.mark.parametrize("status", ["pending", "open", "error", "failure", "invented_in_2027", None])
def test_a_parcel_that_has_not_left_has_no_receipt(status: str | None) -> None:
    books = Books()
    due(order(), [parcel(status=status)], books)
    assert books.receipts == []


def test_a_parcel_cancelled_before_its_receipt_has_none() -> None:
    books = Books()
    due(order(), [parcel(status="cancelled")], books)
    assert books.receipts == []


def test_a_parcel_cancelled_after_its_receipt_is_taken_back_and_its_successor_stated() -> None:
    books, bought = Books(), order(**THREE_FOR_TEN)
    due(bought, [single(1), single(2)], books)
    gone = single(1, status="cancelled")
    due(bought, [gone, single(2)], books)
    due(bought, [gone, single(2), single(3), single(4)], books)
    assert amounts(books) == {
        "f-1": (1, Decimal("3.33"), Decimal("0.67")),
        "f-2": (1, Decimal("3.34"), Decimal("0.66")),
        "f-1-cancelled": (-1, Decimal("3.33"), Decimal("0.67")),
        "f-3": (1, Decimal("3.33"), Decimal("0.67")),
        "f-4": (1, Decimal("3.33"), Decimal("0.67")),
    }
    assert total([receipt.total for receipt in books.receipts]) == Decimal("10.00")


@pytest.mark.parametrize("by_parcel", [True, False])
def test_a_changed_setting_states_nothing_twice(by_parcel: bool) -> None:
    """Half of the order was stated under one setting, the rest follows under the other."""
    books, bought = Books(), order(**THREE_FOR_TEN)
    parcels = [single(1), single(2), single(3)]
    due(bought, parcels[:1], books, by_parcel=by_parcel)
    due(bought, parcels, books, by_parcel=not by_parcel)
    assert total([receipt.total for receipt in books.receipts]) == Decimal("10.00")
    assert balances(books.receipts)[str(LINE_ID)].quantity == 3


def test_on_payment_parcels_matter_to_no_receipt() -> None:
    books = Books()
    due(order(), [parcel()], books, by_parcel=False)
    assert [receipt.id for receipt in books.receipts] == ["shopify-5523001122334"]


def test_what_was_settled_is_due_for_ever() -> None:
    """Nobody may know whether the CRM has it: it is sent again as it is, and only then taken back."""
    books = Books()
    due(order(), [parcel()], books)
    drafts = purchase_drafts(order(), [parcel(status="cancelled")], books.receipts, by_parcel=False)
    assert [draft.id.split("-", 2)[2:] for draft in drafts] == [
        [],
        ["f-4400110022"],
        ["f-4400110022-cancelled"],
    ]


def test_an_order_older_than_its_parcel_is_noticed() -> None:
    assert is_ahead_of(parcel(line_items=[{"id": 999, "quantity": 1}]), order())
    assert is_ahead_of(parcel(line_items=[{"id": LINE_ID, "quantity": 3}]), order())
    assert not is_ahead_of(parcel(), order())
    assert not is_ahead_of(parcel(line_items=[{"id": 999, "quantity": 0}]), order())
