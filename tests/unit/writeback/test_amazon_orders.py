"""Orders and items as Amazon tells them become ours; what can not be used is named."""

from typing import Any

import pytest

from writeback.mapping.amazon_items import grams, listing_of
from writeback.mapping.amazon_orders import order_of
from writeback.marketplaces.port import Listing, MarketplaceOrder, Unreadable

GERMANY = "A1PA6795UKMFR9"


def order(**changes: Any) -> dict[str, Any]:
    product = {"asin": "B0SANDBX01", "title": "Mug", "sellerSku": "MUG-1"}
    content = {
        "orderId": "902-1106328-1059050",
        "createdTime": "2026-11-20T10:00:00Z",
        "lastUpdatedTime": "2026-11-20T11:00:00.500Z",
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": GERMANY},
        "fulfillment": {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT"},
        "orderItems": [{"orderItemId": "79039765272157", "quantityOrdered": 2, "product": product}],
        "buyer": {"buyerName": "Kim Åberg"},
    }
    return {**content, **changes}


def read(**changes: Any) -> MarketplaceOrder:
    found = order_of(order(**changes))
    assert isinstance(found, MarketplaceOrder), found
    return found


def test_an_order_keeps_what_shipping_needs() -> None:
    found = read()
    (line,) = found.lines
    assert (found.id, found.number, found.marketplace) == (
        "902-1106328-1059050",
        "902-1106328-1059050",
        GERMANY,
    )
    assert (line.id, line.sku, line.quantity, line.product_id) == ("79039765272157", "MUG-1", 2, "B0SANDBX01")
    assert "Kim" not in repr(found)


@pytest.mark.parametrize(
    ("status", "by", "is_shippable"),
    [
        ("UNSHIPPED", "MERCHANT", True),
        ("PARTIALLY_SHIPPED", "MERCHANT", True),
        ("SHIPPED", "MERCHANT", True),
        ("PENDING", "MERCHANT", True),
        ("CANCELLED", "MERCHANT", False),
        ("UNFULFILLABLE", "MERCHANT", False),
        ("UNSHIPPED", "AMAZON", False),
    ],
)
def test_cancelled_orders_and_amazons_own_are_not_ours_to_ship(
    status: str, by: str, is_shippable: bool
) -> None:
    found = read(fulfillment={"fulfillmentStatus": status, "fulfilledBy": by})
    assert (found.status, found.is_shippable) == (status, is_shippable)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fulfillment": {}}, "fulfillment.fulfillmentStatus"),
        ({"lastUpdatedTime": "yesterday"}, "lastUpdatedTime"),
        ({"orderItems": [{"orderItemId": "1"}]}, "orderItems.0.quantityOrdered"),
        ({"orderId": ""}, "orderId"),
    ],
)
def test_an_order_that_can_not_be_used_is_named_with_its_fault(changes: dict[str, Any], said: str) -> None:
    found = order_of(order(**changes))
    assert isinstance(found, Unreadable)
    assert said in found.reason


@pytest.mark.parametrize("content", [None, [], "order"])
def test_what_is_no_order_at_all_is_not_used(content: Any) -> None:
    assert isinstance(order_of(content), Unreadable)


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        ({"unit": "grams", "value": 125}, 125.0),
        ({"unit": "Kilograms", "value": 1.5}, 1500.0),
        ({"unit": "pounds", "value": 2}, 907.185),
        ({"unit": "ounce", "value": 1}, 28.35),
        ({"unit": "stones", "value": 1}, None),
        ({"unit": "grams"}, None),
        ({"unit": "kilograms", "value": 1e308}, None),
        (None, None),
    ],
)
def test_weights_become_grams(weight: Any, expected: float | None) -> None:
    assert grams(weight) == expected


def test_a_listing_takes_what_the_catalogue_says_for_its_marketplace() -> None:
    known = Listing("MUG-1", "MUG-1", "Mug", None, None, {"product_id": "B0SANDBX01"})
    small = {"variant": "MAIN", "link": "small", "width": 75}
    images = [
        small,
        {"variant": "PT01", "link": "other", "width": 900},
        {**small, "link": "large", "width": 500},
    ]
    item = {
        "asin": "B0SANDBX01",
        "summaries": [
            {"marketplaceId": "ELSEWHERE", "itemName": "Taza"},
            {"marketplaceId": GERMANY, "itemName": "Becher", "brand": "Norrsken"},
        ],
        "dimensions": [{"marketplaceId": GERMANY, "package": {"weight": {"unit": "pounds", "value": 1}}}],
        "images": [{"marketplaceId": GERMANY, "images": images}],
    }
    listing = listing_of(known, item, GERMANY)
    assert (listing.title, listing.weight_grams, listing.image_url) == ("Becher", 453.592, "large")
    assert listing.data == {"product_id": "B0SANDBX01", "marketplace": GERMANY, "brand": "Norrsken"}


def test_a_listing_keeps_its_title_when_the_catalogue_has_none() -> None:
    known = Listing("MUG-1", "MUG-1", "Mug", None, None, {})
    listing = listing_of(known, {"asin": "B0SANDBX01"}, GERMANY)
    assert (listing.title, listing.weight_grams, listing.image_url) == ("Mug", None, None)
