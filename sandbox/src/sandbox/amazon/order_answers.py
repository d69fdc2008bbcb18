"""Orders as Orders 2026-01-01 shows them: only the datasets that were asked for."""

from datetime import UTC, datetime
from typing import Any

from sandbox.amazon.orders import Item, Order, Package

DATASETS = frozenset(
    {"BUYER", "RECIPIENT", "PROCEEDS", "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT"}
    | {"PACKAGES", "TAX", "PAYMENT", "FULFILLMENT_ORDERS"}
)


def shown(order: Order, included: frozenset[str]) -> dict[str, Any]:
    packed = order.packed()
    content: dict[str, Any] = {
        "orderId": order.id,
        "createdTime": wire_time(order.created_at),
        "lastUpdatedTime": wire_time(order.updated_at),
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": order.marketplace_id},
        "orderItems": [_item(item, packed[item.id], included) for item in order.items],
    }
    if order.seller_order_id is not None:
        content["orderAliases"] = [{"aliasId": order.seller_order_id, "aliasType": "SELLER_ORDER_ID"}]
    if "BUYER" in included:
        content["buyer"] = {"buyerName": "Kim Åberg", "buyerEmail": "kim.buyer@marketplace.example"}
    if "FULFILLMENT" in included:
        content["fulfillment"] = {
            "fulfillmentStatus": order.status.value,
            "fulfilledBy": order.fulfilled_by.value,
        }
    if "PACKAGES" in included:
        content["packages"] = [_package(package) for package in order.packages.values()]
    return content


def wire_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _item(item: Item, packed: int, included: frozenset[str]) -> dict[str, Any]:
    product = {"asin": item.asin, "title": item.title, "sellerSku": item.sku}
    content: dict[str, Any] = {
        "orderItemId": item.id,
        "quantityOrdered": item.quantity,
        "product": product,
    }
    if "FULFILLMENT" in included:
        content["fulfillment"] = {"quantityFulfilled": packed, "quantityUnfulfilled": item.quantity - packed}
    return content


def _package(package: Package) -> dict[str, Any]:
    confirmed = package.confirmed
    content = {
        "packageReferenceId": package.reference,
        "createdTime": wire_time(package.created_at),
        "packageStatus": {"status": "SHIPPED"},
        "carrier": confirmed.carrier_name or confirmed.carrier_code,
        "shipTime": confirmed.ship_date,
        "shippingService": confirmed.shipping_method,
        "trackingNumber": confirmed.tracking_number,
        "packageItems": [{"orderItemId": id_, "quantity": count} for id_, count in confirmed.quantities],
    }
    return {name: value for name, value in content.items() if value is not None}
