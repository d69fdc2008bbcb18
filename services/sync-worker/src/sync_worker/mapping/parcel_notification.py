"""A parcel's status as the CRM's order notification. To the CRM, each parcel is an order of its own."""

from decimal import Decimal
from typing import Any

from sync_worker.mapping.amounts import PricedLine, priced_lines
from sync_worker.mapping.matching import ContactMatch
from sync_worker.mapping.notification import told_state
from sync_worker.mapping.receipt import article_name, article_number
from sync_worker.mapping.rules import EngageRules
from sync_worker.mapping.shares import part
from sync_worker.shopify.fulfilments import Fulfilment
from sync_worker.shopify.orders import Order


def delivery_number(order: Order, parcel: Fulfilment) -> str:
    """The parcel's name without the leading #, as "1042.1", which tells it from the order's other parcels."""
    return (parcel.name or "").lstrip("#") or f"{order.number}.{parcel.id}"


def parcel_status(parcel: Fulfilment, rules: EngageRules) -> str:
    """An account may name a parcel's status apart from an order's: `ParcelShipped`, else `Shipped`."""
    word = parcel.state.value
    return rules.order_statuses.get(f"Parcel{word}") or rules.order_statuses.get(word, word)


def parcel_body(
    order: Order, parcel: Fulfilment, *, match: ContactMatch, store_id: str, rules: EngageRules
) -> dict[str, Any]:
    """The goods in the parcel with what was paid for them; shipping is the order's."""
    items = [_item(line, quantity, order) for line, quantity in _contents(order, parcel)]
    payment = told_state(order).payment_status
    return {
        "contact": match.body(rules.contact_type),
        "orderNumber": delivery_number(order, parcel),
        "orderStatus": parcel_status(parcel, rules),
        "paymentStatus": rules.payment_statuses.get(payment, payment),
        "createdDate": order.created_at.isoformat(),
        "shippingDate": parcel.created_at.isoformat(),
        "statusChangedDate": (parcel.updated_at or parcel.created_at).isoformat(),
        "storeId": store_id,
        "currency": order.currency,
        "totalGrossPrice": sum((item["grossPaidPrice"] for item in items), Decimal(0)),
        "items": items,
        "extraData": _tracking(order, parcel),
    }


def has_contents(order: Order, parcel: Fulfilment) -> bool:
    return bool(_contents(order, parcel))


def _contents(order: Order, parcel: Fulfilment) -> list[tuple[PricedLine, int]]:
    quantities = parcel.quantities
    lines = ((line, quantities.get(line.item.id, 0)) for line in priced_lines(order, with_tips=True))
    return [(line, min(quantity, line.quantity)) for line, quantity in lines if quantity]


def _item(line: PricedLine, quantity: int, order: Order) -> dict[str, Any]:
    return {
        "type": "Purchase",
        "sku": article_number(line.item),
        "quantity": quantity,
        "grossPaidPrice": part(line.gross, quantity, line.quantity, order.currency),
        "description": article_name(line.item),
    }


def _tracking(order: Order, parcel: Fulfilment) -> dict[str, Any]:
    """What a mail about the parcel needs; only what is known."""
    known = {
        "shopOrderNumber": order.number,
        "carrier": parcel.tracking_company,
        "trackingNumbers": ", ".join(parcel.all_tracking_numbers),
        "trackingUrls": ", ".join(parcel.all_tracking_urls),
    }
    return {name: text for name, text in known.items() if text}
