"""Orders and listings as eBay's Trading API tells them. Pure."""

import math
from datetime import datetime

from writeback.mapping import ebay_times
from writeback.mapping.ebay_orders import CANCELLED
from writeback.mapping.ebay_xml import Node
from writeback.marketplaces.port import Listing, MarketplaceOrder, OrderLine, Unreadable

# eBay: weights come in two parts, of which the unit is told beside each.
_GRAMS = {"lbs": 453.59237, "lb": 453.59237, "oz": 28.349523125, "kg": 1000.0, "gr": 1.0, "gm": 1.0, "g": 1.0}
_LONGEST_COUNT = 9


class _Missing(Exception):
    """Something without which the entry can not be used; the text names it."""


def order_of(order: Node) -> MarketplaceOrder | Unreadable:
    try:
        return _order(order)
    except _Missing as missing:
        return Unreadable(order.text("OrderID"), str(missing))


def listing_of(item: Node) -> Listing | Unreadable:
    number = item.text("ItemID")
    if number is None:
        return Unreadable(None, "'ItemID' is missing")
    data = {"listing_type": item.text("ListingType"), "variations": _variations(item)}
    return Listing(
        id=number,
        sku=item.text("SKU"),
        title=item.text("Title"),
        weight_grams=_grams(item),
        image_url=item.text("PictureDetails/PictureURL") or item.text("PictureDetails/GalleryURL"),
        data={name: value for name, value in data.items() if value},
    )


def count_in(root: Node, path: str) -> int | None:
    """None where there is none, or none that could be true."""
    text = root.text(path) or ""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_COUNT else None


def _order(order: Node) -> MarketplaceOrder:
    number = _required(order, "OrderID")
    is_cancelled = order.text("OrderStatus") == "Cancelled"
    transactions = list(order.all("TransactionArray/Transaction"))
    return MarketplaceOrder(
        id=number,
        number=number,
        status=CANCELLED if is_cancelled else _status(transactions),
        is_shippable=not is_cancelled,
        lines=tuple(_line(transaction) for transaction in transactions),
        ordered_at=_moment(order, "CreatedTime"),
        updated_at=_moment(order, "CheckoutStatus/LastModifiedTime"),
    )


def _status(transactions: list[Node]) -> str:
    """In the words of eBay's Fulfillment interface."""
    shipped = [transaction.text("ShippedTime") is not None for transaction in transactions]
    if all(shipped) and shipped:
        return "FULFILLED"
    return "IN_PROGRESS" if any(shipped) else "NOT_STARTED"


def _line(transaction: Node) -> OrderLine:
    return OrderLine(
        id=_required(transaction, "OrderLineItemID"),
        sku=transaction.text("Variation/SKU") or transaction.text("Item/SKU"),
        title=transaction.text("Variation/VariationTitle") or transaction.text("Item/Title"),
        quantity=count_in(transaction, "QuantityPurchased") or 1,
        product_id=transaction.text("Item/ItemID"),
    )


def _grams(item: Node) -> float | None:
    """None: the seller has said no weight."""
    parts = [item.first(f"ShippingPackageDetails/{name}") for name in ("WeightMajor", "WeightMinor")]
    found = [_part(part) for part in parts if part is not None]
    return round(sum(found), 3) if any(found) else None


def _part(weight: Node) -> float:
    text, grams = weight.text() or "", _GRAMS.get((weight.attribute("unit") or "").lower(), 0.0)
    try:
        told = float(text) * grams
    except ValueError:
        return 0.0
    return told if math.isfinite(told) else 0.0


def _variations(item: Node) -> list[str]:
    """The SKUs of a listing that is sold in several kinds."""
    skus = (variation.text("SKU") for variation in item.all("Variations/Variation"))
    return [sku for sku in skus if sku]


def _required(node: Node, name: str) -> str:
    text = node.text(name)
    if text is None:
        raise _Missing(f"'{name}' is missing")
    return text


def _moment(node: Node, name: str) -> datetime:
    moment = ebay_times.read(_required(node, name))
    if moment is None:
        raise _Missing(f"'{name}' is no time")
    return moment
