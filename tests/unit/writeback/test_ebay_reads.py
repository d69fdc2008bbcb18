"""Orders and listings as eBay's two interfaces tell them, and where their pages are."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from writeback.mapping import ebay_orders, ebay_trading_reads
from writeback.mapping.ebay_paging import Spot, spot_of
from writeback.mapping.ebay_times import read, told
from writeback.mapping.ebay_xml import Node, element
from writeback.marketplaces.port import Listing, MarketplaceOrder, Unreadable

CHANGED = "2026-11-21T08:00:00.000Z"
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
SPOT = Spot(SINCE, SINCE + timedelta(days=20))


def rest_order(**changes: Any) -> dict[str, Any]:
    order = {
        "orderId": "12-34567-89012",
        "creationDate": "2026-11-20T08:00:00.000Z",
        "lastModifiedDate": CHANGED,
        "orderFulfillmentStatus": "IN_PROGRESS",
        "buyer": {"username": "kim"},
        "lineItems": [
            {"lineItemId": "1", "legacyItemId": "11", "sku": "SL-001", "title": "Mug", "quantity": 2},
            {"lineItemId": "2"},
        ],
    }
    return {**order, **changes}


def test_an_order_is_read_without_its_buyer() -> None:
    order = ebay_orders.order_of(rest_order())
    assert isinstance(order, MarketplaceOrder)
    assert (order.id, order.status, order.is_shippable) == ("12-34567-89012", "IN_PROGRESS", True)
    assert [(line.id, line.sku, line.quantity, line.product_id) for line in order.lines] == [
        ("1", "SL-001", 2, "11"),
        ("2", None, 1, None),
    ]
    assert "kim" not in repr(order)


@pytest.mark.parametrize(
    ("changes", "is_shippable"),
    [
        ({"cancelStatus": {"cancelState": "CANCELED"}}, False),
        ({"cancelStatus": {"cancelState": "NONE_REQUESTED"}}, True),
        ({"fulfillmentStartInstructions": [{"fulfillmentInstructionsType": "FULFILLED_BY_EBAY"}]}, False),
        ({"fulfillmentStartInstructions": [{"fulfillmentInstructionsType": "SHIP_TO"}]}, True),
    ],
)
def test_what_is_cancelled_or_sent_by_others_is_not_the_merchants_to_ship(
    changes: dict[str, Any], is_shippable: bool
) -> None:
    order = ebay_orders.order_of(rest_order(**changes))
    assert isinstance(order, MarketplaceOrder)
    assert order.is_shippable is is_shippable


@pytest.mark.parametrize(
    ("content", "id_"),
    [
        (rest_order(lastModifiedDate="yesterday"), "12-34567-89012"),
        (rest_order(creationDate="9999-12-31T23:59:59-14:00"), "12-34567-89012"),
        (rest_order(lineItems=[{"sku": "x"}]), "12-34567-89012"),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_an_order_that_can_not_be_used_is_named_with_the_reason(content: Any, id_: str | None) -> None:
    found = ebay_orders.order_of(content)
    assert isinstance(found, Unreadable)
    assert found.id == id_
    assert found.reason


def sold(*shipped: bool, status: str = "Completed", changed: str | None = CHANGED) -> Node:
    transactions = [
        element(
            "Transaction",
            element("OrderLineItemID", f"11-{place}"),
            element("QuantityPurchased", "2"),
            element("Item", element("ItemID", "11"), element("SKU", "SL-001"), element("Title", "Mug")),
            *([element("ShippedTime", CHANGED)] if is_shipped else []),
        )
        for place, is_shipped in enumerate(shipped)
    ]
    times = [element("LastModifiedTime", changed)] if changed else []
    order = element(
        "Order",
        element("OrderID", "12-34567-89012"),
        element("OrderStatus", status),
        element("CreatedTime", "2026-11-20T08:00:00.000Z"),
        element("CheckoutStatus", *times),
        element("TransactionArray", *transactions),
    )
    return Node(order)


@pytest.mark.parametrize(
    ("order", "status", "is_shippable"),
    [
        (sold(False, False), "NOT_STARTED", True),
        (sold(True, False), "IN_PROGRESS", True),
        (sold(True, True), "FULFILLED", True),
        (sold(False, status="Cancelled"), "CANCELED", False),
    ],
)
def test_a_sale_is_told_in_the_same_words(order: Node, status: str, is_shippable: bool) -> None:
    found = ebay_trading_reads.order_of(order)
    assert isinstance(found, MarketplaceOrder)
    assert (found.status, found.is_shippable) == (status, is_shippable)
    assert (found.lines[0].id, found.lines[0].sku, found.lines[0].quantity) == ("11-0", "SL-001", 2)


@pytest.mark.parametrize(
    "order",
    [
        sold(True, changed=None),
        sold(True, changed="soon"),
        sold(True, changed="0001-01-01T00:00:00+14:00"),
        Node(element("Order")),
    ],
)
def test_a_sale_that_can_not_be_used_is_named_with_the_reason(order: Node) -> None:
    found = ebay_trading_reads.order_of(order)
    assert isinstance(found, Unreadable)
    assert found.reason.endswith(("is missing", "is no time"))


def item(major: str | None, minor: str | None, *, units: tuple[str, str] = ("lbs", "oz")) -> Node:
    parts = []
    for name, text, unit in zip(("WeightMajor", "WeightMinor"), (major, minor), units, strict=True):
        if text is not None:
            part = element(name, text)
            part.set("unit", unit)
            parts.append(part)
    return Node(
        element(
            "Item",
            element("ItemID", "11"),
            element("SKU", "SL-001"),
            element("PictureDetails", element("GalleryURL", "https://images.example/g.jpg")),
            element("ShippingPackageDetails", *parts),
            element("Variations", element("Variation", element("SKU", "SL-001-RED"))),
        )
    )


@pytest.mark.parametrize(
    ("node", "grams"),
    [
        (item("1", "8"), 680.389),
        (item("0", "250", units=("kg", "gr")), 250.0),
        (item("0", "0"), None),
        (item(None, None), None),
        (item("heavy", "1"), 28.35),
        (item("NaN", "1"), 28.35),
        (item("1e999", "1"), 28.35),
        (item("1", "0", units=("stone", "oz")), None),
    ],
)
def test_a_weight_in_two_parts_becomes_grams(node: Node, grams: float | None) -> None:
    listing = ebay_trading_reads.listing_of(node)
    assert isinstance(listing, Listing)
    assert listing.weight_grams == grams
    assert listing.image_url == "https://images.example/g.jpg"
    assert listing.data == {"variations": ["SL-001-RED"]}


def test_a_listing_without_a_number_is_none() -> None:
    assert isinstance(ebay_trading_reads.listing_of(Node(element("Item"))), Unreadable)


def test_the_next_page_follows_until_the_last() -> None:
    second = SPOT.after(100, total=150, is_last=False)
    assert second is not None
    assert (second.position, second.total) == (100, 150)
    assert second.after(50, total=150, is_last=True) is None


@pytest.mark.parametrize(
    ("left", "size", "position"), [(149, 1, 99), (140, 1, 90), (30, 1, 0), (149, 100, 99), (0, 100, 98)]
)
def test_as_much_is_read_again_as_a_list_got_shorter(left: int, size: int, position: int) -> None:
    second = SPOT.after(100, total=150, is_last=False, size=size)
    assert second is not None
    again = second.after(1, total=left, is_last=True, size=size)
    assert again is not None
    assert (again.position, again.total) == (position, left)


def test_a_list_that_got_shorter_before_its_second_page_was_asked_for_goes_on() -> None:
    first = SPOT.after(100, total=150, is_last=False)
    assert first is not None
    assert spot_of(str(first)) == first


@given(st.lists(st.integers(0, 99), min_size=1, unique=True), st.integers(1, 7))
def test_nothing_is_missed_while_a_list_gets_shorter(entries: list[int], page: int) -> None:
    """With each page that was read, the first entry leaves the list."""
    waiting, seen = list(entries), set[int]()
    spot: Spot | None = SPOT
    while spot is not None:
        found = waiting[spot.position : spot.position + page]
        seen |= set(found)
        total = len(waiting)
        spot = spot.after(len(found), total=total, is_last=spot.position + len(found) >= total)
        gone = waiting.pop(0) if waiting and waiting[0] in seen else None
        assert gone is None or gone in seen
    assert seen >= set(waiting)


@pytest.mark.parametrize("text", ["", "2026-11-21", "2026-11-21T08:00:00", "soon", 5, None])
def test_a_time_without_zone_is_none(text: object) -> None:
    assert read(text) is None


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_comes_back_to_the_millisecond(moment: datetime) -> None:
    found = read(told(moment)) if moment.year >= 1000 else moment
    assert found is not None
    assert abs(found - moment) < timedelta(milliseconds=1)


def test_cursors_are_json() -> None:
    assert orjson.loads(str(SPOT))["position"] == 0


def test_a_count_with_more_digits_than_could_be_true_is_none() -> None:
    """Python refuses to read so many digits, which took the whole answer with it."""
    told = Node(element("Answer", element("Total", "9" * 5_000), element("Few", "12")))
    assert ebay_trading_reads.count_in(told, "Total") is None
    assert ebay_trading_reads.count_in(told, "Few") == 12
