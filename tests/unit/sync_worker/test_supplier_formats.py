"""Suppliers' answers and our orders, translated as an account's format says."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clients.http import Reply
from shared.envelope import utc_now
from shared.errors import Misconfigured, RateLimited, Rejected, TaskError, Unavailable, UnknownOutcome
from shared.suppliers.format import ErrorWords
from shared.suppliers.paging import CursorPaging, OffsetPaging, PagePaging
from shared.suppliers.settings import SupplierSettings
from shared.suppliers.vocabulary import OrderStatus
from sync_worker.suppliers.paging import next_cursor, page_query, total_of
from sync_worker.suppliers.port import BadItem, OrderState, Product
from sync_worker.suppliers.reading import order_of, product_of
from sync_worker.suppliers.refusals import refusal
from sync_worker.suppliers.writing import Offered, body_of, purchase_of, why_not_deliverable
from tests.unit.sync_worker.bodies import line_body, order

EXAMPLES = Path(__file__).parents[3] / "docs" / "suppliers"


def settings(name: str = "gate4cards") -> SupplierSettings:
    return SupplierSettings.model_validate(orjson.loads((EXAMPLES / f"{name}.json").read_bytes()))


def product(**changes: Any) -> Product | BadItem:
    """One of Gate4cards' products."""
    call = settings().format.products
    assert call is not None
    item = {
        "sku": "G-1",
        "name": "Card",
        "description": "A card",
        "price": {"amount": "12.50", "currency": "eur"},
        "available": 4,
        "images": ["https://images.example/1.jpg"],
    }
    return product_of(item | changes, call)


def test_a_product_is_read_as_the_format_says() -> None:
    assert product() == Product(
        id="G-1",
        sku="G-1",
        title="Card",
        price=Decimal("12.50"),
        currency="EUR",
        is_available=True,
        description="A card",
        stock=4,
        images=("https://images.example/1.jpg",),
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sku": None}, "'id' is missing (looked at sku)"),
        ({"sku": " "}, "'id' is missing"),
        ({"sku": "x" * 201}, "'id' is longer than 200 characters"),
        ({"name": True}, "'title' is missing"),
        ({"price": {"amount": "free", "currency": "EUR"}}, "'price' is no number: 'free'"),
        ({"price": {"amount": "-1", "currency": "EUR"}}, "'price' is no price"),
        ({"price": {"amount": "NaN", "currency": "EUR"}}, "'price' is no price"),
        ({"price": {"amount": "1", "currency": "Euro"}}, "'currency' is no currency of three letters"),
        ({"available": "many"}, "'stock' is no number: 'many'"),
        ({"available": -3}, "'stock' is negative: -3"),
        ({"available": "1e999999999"}, "'stock' is no number: '1e999999999'"),
        ({"available": "-1e999999999"}, "'stock' is no number: '-1e999999999'"),
        ({"price": {"amount": "1e999999999", "currency": "EUR"}}, "'price' is no number: '1e999999999'"),
        ({"available": None}, "it says neither its stock nor whether it is available"),
        ({"images": ["file:///etc/passwd"]}, "'images' holds something that is no address"),
    ],
)
def test_what_can_not_be_used_names_the_field(changes: dict[str, Any], words: str) -> None:
    found = product(**changes)
    assert isinstance(found, BadItem)
    assert words in found.reason
    assert found.id == (None if "sku" in changes else "G-1")


@pytest.mark.parametrize(
    ("stock", "word", "is_available"),
    [(5, True, True), (0, True, False), (5, False, False), (None, "true", True), (None, "no", False)],
)
def test_a_product_is_there_when_neither_stock_nor_word_deny_it(
    stock: int | None, word: object, is_available: bool
) -> None:
    call = settings("trinavo").format.products
    assert call is not None
    item = {"code": "T-1", "title": "T", "price_cents": 1250, "currency": "EUR"}
    found = product_of(item | {"qty_available": stock, "in_stock": word}, call)
    assert isinstance(found, Product)
    assert (found.is_available, found.price) == (is_available, Decimal("12.5"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["sku", "name", "price", "images"]), inner)
        ),
    )
)
def test_anything_is_read_or_named(item: Any) -> None:
    call = settings().format.products
    assert call is not None
    assert isinstance(product_of(item, call), Product | BadItem)


def state(**changes: Any) -> OrderState | BadItem:
    wire = settings("trinavo").format
    assert wire.order is not None
    item = {"number": "TN-1", "reference": "1042", "state": "sent", "delivery_date": "24/12/2026"}
    return order_of(item | changes, wire.order, wire.statuses)


def test_an_orders_state_is_read_as_the_format_says() -> None:
    tracking = {"number": "T1", "link": "https://t.example/T1"}
    assert state(tracking=tracking, state="SENT") == OrderState(
        reference="TN-1",
        number="1042",
        status=OrderStatus.SHIPPED,
        tracking_numbers=("T1",),
        tracking_url="https://t.example/T1",
        delivery_date=date(2026, 12, 24),
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": None}, "'reference' is missing"),
        ({"state": "lost"}, "its status 'lost' is not in the account's 'format.statuses': add it there"),
        ({"delivery_date": "2026-12-24"}, "'delivery_date' is no date"),
    ],
)
def test_a_state_that_can_not_be_used_names_the_field(changes: dict[str, Any], words: str) -> None:
    found = state(**changes)
    assert isinstance(found, BadItem)
    assert words in found.reason


CURSOR = CursorPaging(style="cursor", next="meta.next", size=50, size_parameter="limit")
PAGES = PagePaging(style="page", size=10, size_parameter="per_page", total="total")
OFFSET = OffsetPaging(style="offset", size=10)


def test_a_cursor_is_followed_until_there_is_none() -> None:
    assert page_query(CURSOR, None) == {"limit": "50"}
    assert page_query(CURSOR, "abc") == {"limit": "50", "cursor": "abc"}
    assert next_cursor(CURSOR, None, {"meta": {"next": 7}}, count=50) == "7"
    for end in ({}, {"meta": {"next": None}}, {"meta": {"next": ""}}):
        assert next_cursor(CURSOR, "7", end, count=50) is None


def test_numbered_pages_end_with_the_total_or_an_empty_one() -> None:
    assert page_query(PAGES, None) == {"per_page": "10", "page": "1"}
    second = next_cursor(PAGES, None, {"total": 25}, count=10)
    assert page_query(PAGES, second) == {"per_page": "10", "page": "2"}
    third = next_cursor(PAGES, second, {"total": 25}, count=10)
    assert next_cursor(PAGES, third, {"total": 25}, count=5) is None
    assert next_cursor(PAGES, third, {}, count=5) is not None
    assert next_cursor(PAGES, third, {}, count=0) is None
    assert total_of(PAGES, {"total": "25"}) == 25
    assert total_of(PAGES, {"total": "9" * 5_000}) is None


def test_an_offset_counts_what_really_came() -> None:
    """A supplier that gives fewer than asked for would else be skipped through."""
    second = next_cursor(OFFSET, None, {}, count=7)
    assert page_query(OFFSET, second) == {"limit": "10", "offset": "7"}


def test_the_suppliers_order_holds_its_own_lines_only() -> None:
    lines = [
        line_body(id=1, sku="A", quantity=2, current_quantity=2),
        line_body(id=2, sku="B"),
        line_body(id=3, sku="A", quantity=3, current_quantity=1),
    ]
    address = {"first_name": "Kim", "last_name": "Å", "address1": "S 1", "city": "M", "country_code": "SE"}
    bought = order(line_items=lines, shipping_address=address | {"zip": None})
    purchase = purchase_of(bought, [Offered("A", "supplier-a")], prefix="SE-")
    call = settings().format.place_order
    assert call is not None
    assert body_of(purchase, call) == {
        "poNumber": "SE-1042",
        "recipient": {
            "name": "Kim Å",
            "email": "kim@example.com",
            "address": {"street": "S 1", "city": "M", "country": "SE"},
        },
        "lines": [{"sku": "supplier-a", "quantity": 3}],
    }


def test_a_fixed_value_is_sent_as_it_is() -> None:
    call = settings("trinavo").format.place_order
    assert call is not None
    address = {"last_name": "Å", "address1": "S 1", "zip": "1", "city": "M", "country_code": "SE"}
    bought = order(line_items=[line_body(sku="A")], shipping_address=address)
    assert body_of(purchase_of(bought, [Offered("A", "T")], prefix=""), call)["service"] == "standard"


def test_without_a_delivery_address_it_goes_to_the_billing_address() -> None:
    bought = order(billing_address={"last_name": "Bill", "city": "Lund"}, phone="+4670")
    assert purchase_of(bought, [], prefix="").recipient == {
        "name": "Bill",
        "last_name": "Bill",
        "city": "Lund",
        "phone": "+4670",
    }
    assert purchase_of(order(), [], prefix="").recipient == {}


def test_every_required_word_that_is_lacking_is_named() -> None:
    call = settings().format.place_order
    assert call is not None
    with pytest.raises(Rejected, match=r"'recipient.name', 'recipient.address1', 'recipient.city'"):
        body_of(purchase_of(order(), [Offered("MUG-1", "M")], prefix=""), call)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, None),
        ({"fulfillment_status": "partial"}, None),
        ({"financial_status": "pending"}, "the order is not paid (its payment is pending)"),
        ({"cancelled_at": "2026-11-20T18:00:00Z"}, "the order was cancelled"),
        ({"fulfillment_status": "fulfilled"}, "the order is fulfilled"),
        ({"test": True}, "it is a test order"),
    ],
)
def test_which_orders_a_supplier_may_get(changes: dict[str, Any], words: str | None) -> None:
    assert why_not_deliverable(order(**changes)) == words


WORDS = ErrorWords(
    code="error.code",
    message="error.message",
    field="error.field",
    kinds={"SOLD_OUT": "out_of_stock", "SLOW": "rate_limit", "KEY": "authentication", "BUSY": "temporary"},
)


def told(status: int, code: str = "", *, repeatable: bool = True, **headers: str) -> TaskError:
    body = orjson.dumps({"error": {"code": code, "message": "no, a@b.example", "field": "lines"}})
    reply = Reply(status, headers, body)
    return refusal(reply, WORDS, name="Gate", repeatable=repeatable, now=utc_now())


@pytest.mark.parametrize(
    ("status", "code", "error", "kind"),
    [
        (422, "SOLD_OUT", Rejected, "out_of_stock"),
        (400, "KEY", Misconfigured, "authentication"),
        (400, "SLOW", RateLimited, "rate_limit"),
        (422, "BUSY", Unavailable, "connection"),
        (422, "OTHER", Rejected, "validation"),
        (409, "", Rejected, "validation"),
        (404, "", Rejected, "not_found"),
        (401, "", Misconfigured, "authentication"),
        (429, "", RateLimited, "rate_limit"),
        (503, "", Unavailable, "connection"),
        (500, "", Unavailable, "connection"),
    ],
)
def test_a_refusal_is_told_as_what_it_is(status: int, code: str, error: type[TaskError], kind: str) -> None:
    found = told(status, code)
    assert type(found) is error
    assert found.kind == kind


def test_a_refusal_says_the_suppliers_words_and_field_but_nobodys_address() -> None:
    found = told(422, "SOLD_OUT")
    assert found.message == "Gate: no, …@… (field 'lines', SOLD_OUT)"


def test_a_failure_of_what_must_not_be_repeated_is_an_unknown_outcome() -> None:
    assert isinstance(told(500, repeatable=False), UnknownOutcome)
