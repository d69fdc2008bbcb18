"""An object's lines make the state a webhook would have told, or say why not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.freshness import Known, Stamp
from sync_worker.imports.kinds import EXPORT_QUERIES, ImportKind
from sync_worker.imports.objects import (
    CustomerState,
    OrderState,
    customer_node,
    customer_of,
    order_node,
    order_of,
)
from sync_worker.imports.pace import BATCH, next_look, room
from sync_worker.imports.shapes import Unusable
from sync_worker.imports.verdicts import Kept, verdict_on
from sync_worker.shopify.consents import Channel

MOMENT = datetime(2026, 11, 20, 10, tzinfo=UTC)
MONEY = {"shopMoney": {"amount": "225.0", "currencyCode": "SEK"}}
CUSTOMER: dict[str, Any] = {
    "id": "gid://shopify/Customer/6148732321001",
    "firstName": "Kim",
    "lastName": "Åberg",
    "state": "ENABLED",
    "note": None,
    "tags": ["vip", "a"],
    "taxExempt": False,
    "verifiedEmail": True,
    "createdAt": "2026-11-01T09:00:00Z",
    "updatedAt": "2026-11-20T10:00:00Z",
    "defaultEmailAddress": {
        "emailAddress": "kim@example.com",
        "marketingState": "SUBSCRIBED",
        "marketingOptInLevel": "SINGLE_OPT_IN",
        "marketingUpdatedAt": "2026-11-02T09:00:00Z",
    },
    "defaultPhoneNumber": None,
    "defaultAddress": None,
}
ORDER: dict[str, Any] = {
    **dict.fromkeys(("note", "cancelledAt", "cancelReason", "closedAt", "phone", "customer")),
    **dict.fromkeys(("billingAddress", "shippingAddress", "customerLocale", "sourceName")),
    **{f"{name}Set": MONEY for name in ("totalPrice", "subtotalPrice", "totalTax", "totalDiscounts")},
    "currentTotalPriceSet": MONEY,
    "id": "gid://shopify/Order/5523001122334",
    "name": "#1042",
    "number": 1042,
    "email": "kim@example.com",
    "tags": [],
    "test": False,
    "createdAt": "2026-11-20T10:00:00Z",
    "updatedAt": "2026-11-20T10:00:00Z",
    "processedAt": "2026-11-20T10:00:00Z",
    "currencyCode": "SEK",
    "presentmentCurrencyCode": "SEK",
    "displayFinancialStatus": "PAID",
    "displayFulfillmentStatus": "UNFULFILLED",
    "taxesIncluded": True,
    "taxExempt": False,
    "paymentGatewayNames": ["shopify_payments"],
    "fulfillments": [],
    "refunds": [],
}
LINE: dict[str, Any] = {
    "id": "gid://shopify/LineItem/11",
    "__parentId": ORDER["id"],
    **dict.fromkeys(("sku", "name", "title", "variantTitle", "vendor"), "x"),
    **dict.fromkeys(("quantity", "currentQuantity", "unfulfilledQuantity"), 2),
    **dict.fromkeys(("isGiftCard", "requiresShipping", "taxable"), False),
    "originalUnitPriceSet": MONEY,
    "totalDiscountSet": MONEY,
    "discountAllocations": [],
    "taxLines": [{"title": "Moms", "rate": 0.25, "priceSet": MONEY}],
    "product": {"id": "gid://shopify/Product/9007199254740993"},
    "variant": None,
}
SHIPPING: dict[str, Any] = {
    "id": "gid://shopify/ShippingLine/71",
    "__parentId": ORDER["id"],
    "title": "Standard",
    "code": "STD",
    "originalPriceSet": MONEY,
    "discountedPriceSet": MONEY,
    "taxLines": [],
}


def _order(*children: dict[str, Any], **changes: Any) -> OrderState:
    lines = [(number, orjson.dumps(child)) for number, child in enumerate(children, start=2)]
    return order_of(order_node(orjson.dumps(ORDER | changes), lines))


def _customer(content: dict[str, Any]) -> CustomerState:
    return customer_of(customer_node(orjson.dumps(content)))


def test_a_customer_comes_with_consents_and_tags() -> None:
    built = _customer(CUSTOMER)
    assert (built.state.id, built.state.email) == ("6148732321001", "kim@example.com")
    assert built.consents[Channel.EMAIL].state == "subscribed"
    assert built.consents.keys() == {Channel.EMAIL}
    assert built.tags == ("a", "vip")


def test_an_order_is_joined_with_its_lines_in_any_order() -> None:
    built = _order(SHIPPING, LINE)
    assert [line.id for line in built.state.line_items] == ["11"]
    assert built.state.line_items[0].product_id == "9007199254740993"
    assert built.state.line_items[0].tax_lines[0].rate == Decimal("0.25")
    assert [line.price for line in built.state.shipping_lines] == [Decimal("225.00")]
    assert built.digest == _order(LINE, SHIPPING).digest
    assert _order({"id": "gid://shopify/Whatever/1"}).state.line_items == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": "gid://shopify/LineItem/7"}, "The object is no Order"),
        ({"id": "gid://shopify/Order/x"}, "The object has not the shape that was asked for"),
        ({"currencyCode": "kr"}, "The order sent by the shop can not be used: field 'currency'"),
        ({"totalPriceSet": {"shopMoney": {"amount": "much", "currencyCode": "SEK"}}}, "has not the shape"),
        ({"tags": 7}, "has not the shape"),
    ],
)
def test_an_order_of_the_wrong_shape_says_why(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        _order(LINE, **changes)


def test_what_is_missing_is_named_and_values_are_not() -> None:
    less = {name: value for name, value in CUSTOMER.items() if name != "state"}
    with pytest.raises(Unusable, match="The object has no field 'state'"):
        _customer(less)
    with pytest.raises(Unusable) as told:
        _order({**LINE, "quantity": "kim@example.com"})
    assert "kim" not in str(told.value)


ANYTHING = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=5)


@given(st.dictionaries(st.sampled_from(sorted(set(ORDER) - {"id"})), ANYTHING))
def test_nothing_an_export_may_hold_breaks_it(changes: dict[str, Any]) -> None:
    try:
        built = _order(LINE, **changes)
    except Unusable:
        return
    assert built.state.id == "5523001122334"


def test_every_kind_is_asked_for() -> None:
    assert all("updatedAt" in EXPORT_QUERIES[kind] for kind in ImportKind)


@pytest.mark.parametrize(
    ("known", "kept"),
    [
        (None, Kept.NEW),
        (Known(), Kept.NEW),
        (Known(is_deleted=True), Kept.DELETED),
        (Known(Stamp(MOMENT), b"same"), Kept.UNCHANGED),
        (Known(Stamp(MOMENT), b"other"), Kept.UNCHANGED),
        (Known(Stamp(MOMENT - timedelta(seconds=1)), b"other"), Kept.CHANGED),
        (Known(Stamp(MOMENT - timedelta(seconds=1)), b"same"), Kept.UNCHANGED),
        (Known(Stamp(MOMENT + timedelta(seconds=1)), b"other"), Kept.OLDER),
    ],
)
def test_an_export_is_no_news(known: Known | None, kept: Kept) -> None:
    assert verdict_on(known, Stamp(MOMENT), b"same") is kept


def test_an_export_is_looked_at_ever_more_seldom_and_at_least_hourly() -> None:
    looks = [next_look(timedelta(seconds=s)).total_seconds() for s in (0, 60, 600, 86_400)]
    assert looks == [15, 30, 300, 3600]


def test_there_is_room_for_one_batch_at_a_time() -> None:
    assert [room(unfinished) for unfinished in (0, 30, BATCH, 10 * BATCH)] == [BATCH, BATCH - 30, 0, 0]
