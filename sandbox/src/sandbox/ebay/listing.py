"""GetOrders and GetSellerList: what the Trading API lists, page by page."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sandbox.ebay.catalogue import Item
from sandbox.ebay.moments import time_of
from sandbox.ebay.orders import Line, Order
from sandbox.ebay.problems import Failure
from sandbox.ebay.seller import Seller

_PAGE: Mapping[str, Any] = {"EntriesPerPage": None, "PageNumber": None}
_USUAL: Mapping[str, Any] = {
    "DetailLevel": [None],
    "ErrorLanguage": None,
    "OutputSelector": [None],
    "Pagination": _PAGE,
    "RequesterCredentials": {"eBayAuthToken": None},
    "Version": None,
    "WarningLevel": None,
}
ORDERS: Mapping[str, Any] = {
    **_USUAL,
    "OrderIDArray": {"OrderID": [None]},
    "OrderRole": None,
    "OrderStatus": None,
    "NumberOfDays": None,
    "ModTimeFrom": None,
    "ModTimeTo": None,
    "CreateTimeFrom": None,
    "CreateTimeTo": None,
}
ITEMS: Mapping[str, Any] = {
    **_USUAL,
    "EndTimeFrom": None,
    "EndTimeTo": None,
    "StartTimeFrom": None,
    "StartTimeTo": None,
    "GranularityLevel": None,
}
_LONGEST, _LONGEST_LISTED = timedelta(days=90), timedelta(days=120)
_MOST_ORDERS, _MOST_ITEMS = 100, 200


def get_orders(seller: Seller, content: dict[str, Any]) -> dict[str, Any]:
    """Raises Failure."""
    orders, pages = _orders(seller, content), content.get("Pagination") or {}
    size, number = _count(pages, "EntriesPerPage", 25, _MOST_ORDERS), _count(pages, "PageNumber", 1, None)
    page = orders[(number - 1) * size : number * size]
    answer = {
        "PaginationResult": _pagination(len(orders), size),
        "HasMoreOrders": "true" if number * size < len(orders) else "false",
        "OrderArray": {"Order": [_order(order) for order in page]},
        "OrdersPerPage": size,
        "PageNumber": number,
        "ReturnedOrderCountActual": len(page),
    }
    return _selected(answer, content)


def get_seller_list(seller: Seller, content: dict[str, Any]) -> dict[str, Any]:
    """All listings go on for ever, so they end in any time that lies ahead. Raises Failure."""
    _span(content, "EndTime", _LONGEST_LISTED)
    pages = content.get("Pagination")
    if pages is None:
        raise Failure("20183", "Pagination is needed with a detail level.")
    size, number = _count(pages, "EntriesPerPage", 25, _MOST_ITEMS), _count(pages, "PageNumber", 1, None)
    items = list(seller.items.values())
    page = items[(number - 1) * size : number * size]
    answer = {
        "PaginationResult": _pagination(len(items), size),
        "HasMoreItems": "true" if number * size < len(items) else "false",
        "ItemArray": {"Item": [_item(item) for item in page]},
        "ItemsPerPage": size,
        "PageNumber": number,
        "ReturnedItemCountActual": len(page),
    }
    return _selected(answer, content)


def _selected(answer: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    """Of the answer what the request's output selectors name, with all that is below; without any, all."""
    wanted = [tuple(path.split(".")) for path in content.get("OutputSelector", [])]
    return _pruned(answer, wanted) if wanted else answer


def _pruned(content: Any, wanted: Sequence[tuple[str, ...]]) -> Any:
    if isinstance(content, list):
        return [_pruned(one, wanted) for one in content]
    if () in wanted or not isinstance(content, dict):
        return content
    below = {name: [path[1:] for path in wanted if path[0] == name] for name in content}
    return {name: _pruned(value, below[name]) for name, value in content.items() if below[name]}


def _orders(seller: Seller, content: dict[str, Any]) -> list[Order]:
    orders = list(seller.orders.values())
    if ids := (content.get("OrderIDArray") or {}).get("OrderID"):
        return [order for order in orders if order.id in ids]
    if "ModTimeFrom" in content:
        since, until = _span(content, "ModTime", _LONGEST)
        return [order for order in orders if since <= order.updated_at <= until]
    if "CreateTimeFrom" in content:
        since, until = _span(content, "CreateTime", _LONGEST)
        return [order for order in orders if since <= order.created_at <= until]
    days = timedelta(days=_count(content, "NumberOfDays", 0, 30)) if "NumberOfDays" in content else None
    if days is None:
        raise Failure("12", "A date range is needed.")
    return [order for order in orders if order.updated_at >= seller.now() - days]


def _span(content: dict[str, Any], name: str, longest: timedelta) -> tuple[datetime, datetime]:
    since, until = (_moment(content.get(f"{name}{end}", "")) for end in ("From", "To"))
    if since is None or until is None or not timedelta(0) <= until - since <= longest:
        raise Failure("36", f"{name}From and {name}To are no range of {longest.days} days or less.")
    return since, until


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _count(content: Mapping[str, Any], name: str, default: int, most: int | None) -> int:
    text = content.get(name, str(default))
    if not text.isdecimal() or int(text) < 1 or (most is not None and int(text) > most):
        raise Failure("37", f"{name} is not valid.", value=text)
    return int(text)


def _pagination(total: int, size: int) -> dict[str, Any]:
    return {"TotalNumberOfPages": ceil(total / size), "TotalNumberOfEntries": total}


def _order(order: Order) -> dict[str, Any]:
    shipped = [line.shipped_at for line in order.lines if line.shipped_at is not None]
    return {
        "OrderID": order.id,
        "OrderStatus": "Cancelled" if order.is_cancelled else "Completed",
        "CheckoutStatus": {"LastModifiedTime": time_of(order.updated_at), "Status": "Complete"},
        "CreatedTime": time_of(order.created_at),
        "BuyerUserID": order.buyer,
        "ShippingAddress": {"Name": "Kim Åberg", "Street1": "Storgatan 1", "CityName": "Malmö"},
        "TransactionArray": {"Transaction": [_transaction(order, line) for line in order.lines]},
        "ShippedTime": time_of(max(shipped)) if len(shipped) == len(order.lines) else None,
    }


def _transaction(order: Order, line: Line) -> dict[str, Any]:
    tracking = [
        {"ShippingCarrierUsed": one.carrier, "ShipmentTrackingNumber": one.number}
        for one in order.tracking_of(line)
    ]
    return {
        "Buyer": {"Email": "kim@example.com"},
        "ShippingDetails": {"ShipmentTrackingDetails": tracking},
        "Item": {"ItemID": line.item_id, "SKU": line.sku, "Title": line.title},
        "QuantityPurchased": line.quantity,
        "TransactionID": line.id,
        "OrderLineItemID": line.order_line_item_id,
        "ShippedTime": time_of(line.shipped_at) if line.shipped_at else None,
    }


def _item(item: Item) -> dict[str, Any]:
    weight = {
        "WeightMajor": {"@unit": "lbs", "@measurementSystem": "English", "#": item.pounds},
        "WeightMinor": {"@unit": "oz", "@measurementSystem": "English", "#": item.ounces},
    }
    return {
        "ItemID": item.id,
        "SKU": item.sku,
        "Title": item.title,
        "ListingType": "FixedPriceItem",
        "PictureDetails": {"GalleryURL": item.image, "PictureURL": [item.image]},
        "ShippingPackageDetails": weight,
    }
