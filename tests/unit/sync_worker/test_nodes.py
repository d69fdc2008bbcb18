"""Nodes of the Admin API as the shop's webhooks say them."""

from typing import Any

import pytest

from sync_worker.mapping.movement_nodes import parcel_body, refund_body
from sync_worker.mapping.nodes import amount, number_of
from sync_worker.mapping.order_node import order_body
from sync_worker.shopify.fulfilments import Fulfilment, ParcelState
from sync_worker.shopify.orders import Order
from sync_worker.shopify.refunds import Refund

ORDER = {"id": "gid://shopify/Order/7", "name": "#1042"}


def bag(value: str, currency: str = "SEK") -> dict[str, Any]:
    return {"shopMoney": {"amount": value, "currencyCode": currency}}


def line(**changes: Any) -> dict[str, Any]:
    return {
        "id": "gid://shopify/LineItem/13001",
        "sku": "MUG-1",
        "name": "Mug",
        "title": "Mug",
        "variantTitle": None,
        "vendor": "Acme",
        "quantity": 2,
        "currentQuantity": 2,
        "unfulfilledQuantity": 2,
        "isGiftCard": False,
        "requiresShipping": True,
        "taxable": True,
        "originalUnitPriceSet": bag("225.0"),
        "totalDiscountSet": bag("0.0"),
        "discountAllocations": [],
        "taxLines": [{"title": "Moms", "rate": 0.25, "priceSet": bag("90.0")}],
        "product": {"id": "gid://shopify/Product/3301"},
        "variant": {"id": "gid://shopify/ProductVariant/4401"},
        **changes,
    }


def order(**changes: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(
        ("email", "phone", "note", "cancelledAt", "cancelReason", "closedAt", "customerLocale", "customer")
    )
    moments = dict.fromkeys(("createdAt", "updatedAt", "processedAt"), "2026-11-20T16:15:47Z")
    prices = ("totalPriceSet", "subtotalPriceSet", "totalTaxSet", "totalDiscountsSet", "currentTotalPriceSet")
    return {
        **ORDER,
        **nothing,
        **moments,
        **{name: bag("499.0") for name in prices},
        "number": 1042,
        "tags": ["vip", "web"],
        "test": False,
        "sourceName": "web",
        "paymentGatewayNames": ["swish"],
        "currencyCode": "SEK",
        "presentmentCurrencyCode": "SEK",
        "taxesIncluded": True,
        "taxExempt": False,
        "displayFinancialStatus": "PARTIALLY_REFUNDED",
        "displayFulfillmentStatus": "UNFULFILLED",
        "billingAddress": None,
        "shippingAddress": None,
        "lineItems": {"nodes": [line()]},
        "shippingLines": {"nodes": []},
        "fulfillments": [],
        "refunds": [],
        **changes,
    }


def read(**changes: Any) -> Order:
    return Order.model_validate(order_body(order(**changes)))


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("225.0", "SEK", "225.00"),
        ("225", "SEK", "225.00"),
        ("0.125", "SEK", "0.125"),
        ("1000.0", "JPY", "1000"),
        ("1.5", "KWD", "1.500"),
        ("-3.5", "SEK", "-3.50"),
    ],
)
def test_amounts_are_written_as_webhooks_write_them(value: str, currency: str, text: str) -> None:
    assert amount({"amount": value, "currencyCode": currency}) == text


def test_ids_are_the_numbers_of_webhooks() -> None:
    assert number_of("gid://shopify/Order/5523001122334?note=x") == 5523001122334


def test_words_of_the_api_become_those_of_webhooks() -> None:
    assert read().financial_status == "partially_refunded"
    assert order_body(order(cancelReason="FRAUD"))["cancel_reason"] == "fraud"
    assert order_body(order())["tags"] == "vip, web"


@pytest.mark.parametrize(
    ("displayed", "parcels", "status"),
    [
        ("FULFILLED", ["SUCCESS"], "fulfilled"),
        ("PARTIALLY_FULFILLED", ["SUCCESS"], "partial"),
        ("RESTOCKED", [], "restocked"),
        ("UNFULFILLED", [], None),
        ("ON_HOLD", ["SUCCESS"], "partial"),
        ("ON_HOLD", ["CANCELLED"], None),
        ("SOMETHING_NEW", [], None),
    ],
)
def test_what_was_sent_is_told_in_three_words_or_none(
    displayed: str, parcels: list[str], status: str | None
) -> None:
    fulfillments = [{"status": each} for each in parcels]
    assert read(displayFulfillmentStatus=displayed, fulfillments=fulfillments).fulfillment_status == status


def test_a_tip_is_a_line_without_a_product_that_is_called_so() -> None:
    tip = line(title="Tip", product=None, variant=None, requiresShipping=False)
    mug = line(title="Tip", requiresShipping=False)
    assert [item.tip for item in read(lineItems={"nodes": [tip, mug]}).line_items] == [True, False]


def test_a_discount_on_shipping_is_what_the_prices_differ_by() -> None:
    shipping = {
        "id": "gid://shopify/ShippingLine/71",
        "title": "Standard",
        "code": "STD",
        "originalPriceSet": bag("49.0"),
        "discountedPriceSet": bag("19.0"),
        "taxLines": [],
    }
    (one,) = read(shippingLines={"nodes": [shipping]}).shipping_lines
    assert [str(part.amount) for part in one.discount_allocations] == ["30.00"]


@pytest.mark.parametrize(
    ("status", "displayed", "state"),
    [
        ("SUCCESS", "FULFILLED", ParcelState.SHIPPED),
        ("SUCCESS", "IN_TRANSIT", ParcelState.SHIPPED),
        ("SUCCESS", "DELIVERED", ParcelState.DELIVERED),
        ("CANCELLED", "CANCELED", ParcelState.CANCELLED),
        ("OPEN", None, ParcelState.WAITING),
    ],
)
def test_a_parcel_is_where_it_is(status: str, displayed: str | None, state: ParcelState) -> None:
    parcel = {
        "id": "gid://shopify/Fulfillment/44",
        "name": "#1042.1",
        "status": status,
        "displayStatus": displayed,
        "createdAt": "2026-11-20T16:15:47Z",
        "updatedAt": "2026-11-20T16:15:47Z",
        "trackingInfo": [{"company": "PostNord", "number": "UA1", "url": None}],
        "fulfillmentLineItems": {
            "nodes": [{"quantity": 2, "lineItem": {"id": "gid://shopify/LineItem/13001"}}]
        },
    }
    told = Fulfilment.model_validate(parcel_body(parcel, order=ORDER))
    assert (told.state, told.order_id, told.quantities) == (state, "7", {"13001": 2})
    assert (told.all_tracking_numbers, told.all_tracking_urls) == (["UA1"], [])


def test_a_refund_tells_goods_and_money() -> None:
    item = {"id": "gid://shopify/LineItem/13001", "sku": "MUG-1", "name": "Mug", "title": "Mug"}
    refund = {
        "id": "gid://shopify/Refund/9",
        "note": None,
        "createdAt": "2026-11-20T16:15:47Z",
        "refundLineItems": {
            "nodes": [
                {
                    "quantity": 1,
                    "restockType": "RETURN",
                    "subtotalSet": bag("225.0"),
                    "totalTaxSet": bag("45.0"),
                    "lineItem": item,
                }
            ]
        },
        "orderAdjustments": {
            "nodes": [{"reason": "REFUND_DISCREPANCY", "amountSet": bag("-5.0"), "taxAmountSet": bag("0.0")}]
        },
        "refundShippingLines": {"nodes": [{"subtotalAmountSet": bag("39.2"), "taxAmountSet": bag("9.8")}]},
        "transactions": {
            "nodes": [
                {
                    "id": "gid://shopify/OrderTransaction/3",
                    "kind": "REFUND",
                    "status": "SUCCESS",
                    "gateway": "swish",
                    "amountSet": {"presentmentMoney": {"amount": "220.0", "currencyCode": "EUR"}},
                }
            ]
        },
    }
    told = Refund.model_validate(refund_body(refund, order=ORDER))
    (goods,), (money,), (adjustment,) = told.refund_line_items, told.transactions, told.order_adjustments
    assert (goods.line_item_id, goods.quantity, goods.restock_type) == ("13001", 1, "return")
    assert (money.gives_back, str(money.amount), money.currency) == (True, "220.00", "EUR")
    (shipping,) = told.refund_shipping_lines
    assert shipping.subtotal_amount_set is not None
    assert str(shipping.subtotal_amount_set.shop_money.amount) == "39.20"
    assert (adjustment.kind, str(adjustment.total)) == ("refund_discrepancy", "-5.00")
