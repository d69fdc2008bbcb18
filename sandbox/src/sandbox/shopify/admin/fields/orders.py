"""Orders."""

from datetime import datetime
from typing import Any

from sandbox.shopify.admin.context import Args, Context
from sandbox.shopify.admin.fields.customers import upper
from sandbox.shopify.admin.fields.field_readers import Fields, attribute, attributes, dated, identified, read
from sandbox.shopify.admin.finding import by_gid, count, searched, visible_since
from sandbox.shopify.admin.search import Searchable
from sandbox.shopify.admin.sources import ListSource, Source
from sandbox.shopify.admin.values import Amount, Assignment, MoneyBack, OrderLine, Shipment, moment
from sandbox.shopify.entities import ZERO, Order, tax_of
from sandbox.shopify.markets import SHOP_CURRENCY
from sandbox.shopify.money import current_totals, original_totals

_PAID_OFF = frozenset({"paid", "partially_refunded", "refunded", "voided"})
_DISPLAYED = {None: "UNFULFILLED", "partial": "PARTIALLY_FULFILLED", "fulfilled": "FULFILLED"}


def _status(order: Order) -> tuple[str, ...]:
    if order.cancelled_at is not None:
        return ("cancelled", "any")
    return ("closed", "any") if order.closed_at else ("open", "any")


SEARCHABLE = Searchable(
    times={
        "created_at": lambda o: o.created_at,
        "processed_at": lambda o: o.created_at,
        "updated_at": lambda o: o.updated_at,
    },
    texts={
        "id": lambda o: o.id,
        "name": lambda o: (o.name, str(o.number)),
        "email": lambda o: o.email,
        "customer_id": lambda o: o.customer.id if o.customer else None,
        "financial_status": lambda o: o.financial_status,
        "fulfillment_status": lambda o: (o.fulfillment_status or "unfulfilled", o.fulfillment_status),
        "status": _status,
        "sku": lambda o: tuple(line.variant.sku for line in o.lines),
        "tag": lambda o: o.tags,
        "test": lambda _: "false",
    },
    plain=lambda o: (o.name, o.email),
)


def _visible(order: Order | None, ctx: Context) -> Order | None:
    since = visible_since(ctx)
    return order if order and (since is None or order.created_at >= since) else None


def _order(_root: Any, ctx: Context, args: Args) -> Any:
    return _visible(by_gid(ctx.shop.records.orders, "Order", args["id"]), ctx)


def _orders(_root: Any, ctx: Context, args: Args) -> Source:
    since = visible_since(ctx)
    if since is None:
        return searched(ctx.shop.records.orders, SEARCHABLE, ctx, args)
    limited = f"created_at:>='{since.isoformat()}' {args.get('query') or ''}"
    return searched(ctx.shop.records.orders, SEARCHABLE, ctx, {**args, "query": limited})


def _count(_root: Any, ctx: Context, args: Args) -> Any:
    return count(_orders(None, ctx, args), args)


def _original(name: str) -> Any:
    return read(lambda order: Amount(getattr(original_totals(order), name), order.market))


def _current(name: str) -> Any:
    return read(lambda order: Amount(getattr(current_totals(order), name), order.market))


def _outstanding(order: Order) -> Amount:
    paid = order.financial_status in _PAID_OFF
    return Amount(ZERO if paid else current_totals(order).total, order.market)


def displayed_fulfillment(order: Order) -> str:
    """The status the merchant sees; everything taken back before it was sent counts as restocked."""
    sent = order.fulfillment_status
    if sent is None and order.refunds and all(line.open <= 0 for line in order.lines):
        return "RESTOCKED"
    if sent is None and any(place.on_hold for place in order.fulfillment_orders):
        return "ON_HOLD"
    return _DISPLAYED[sent]


def _weight(order: Order) -> int:
    return sum(line.variant.grams * line.quantity for line in order.lines)


def _tax_lines(order: Order) -> list[Any]:
    return [Amount(original_totals(order).tax, order.market)]


def _metafield(order: Order, _ctx: Context, args: Args) -> Any:
    wanted = (args.get("namespace") or "custom", args["key"])
    return next((m for m in order.metafields if (m.namespace, m.key) == wanted), None)


def _first(items: Any, args: Args) -> Any:
    return list(items)[: args["first"]] if args.get("first") is not None else list(items)


def _fulfillments(order: Order, _ctx: Context, args: Args) -> Any:
    return _first((Shipment(order, sent) for sent in order.fulfillments), args)


def _refunds(order: Order, _ctx: Context, args: Args) -> Any:
    return _first((MoneyBack(order, refund) for refund in order.refunds), args)


def _lines(order: Order, _ctx: Context, args: Args) -> Source:
    return ListSource([OrderLine(order, line) for line in order.lines], args)


def _shipping_lines(order: Order, _ctx: Context, args: Args) -> Source:
    return ListSource([order], args)


def _fulfillment_orders(order: Order, _ctx: Context, args: Args) -> Source:
    return ListSource([Assignment(order, place) for place in order.fulfillment_orders], args)


def _metafields(order: Order, _ctx: Context, args: Args) -> Source:
    namespace, keys = args.get("namespace"), args.get("keys")
    wanted = [
        metafield
        for metafield in order.metafields
        if namespace in (None, metafield.namespace)
        and (keys is None or f"{metafield.namespace}.{metafield.key}" in keys or metafield.key in keys)
    ]
    return ListSource(wanted, args)


def _at(name: str) -> Any:
    def at(order: Order) -> str | None:
        value: datetime | None = getattr(order, name)
        return moment(value)

    return read(at)


_PRICES = {
    "totalPriceSet": _original("total"),
    "subtotalPriceSet": _original("subtotal"),
    "totalTaxSet": _original("tax"),
    "totalDiscountsSet": _original("discounts"),
    "totalShippingPriceSet": _original("shipping"),
    "currentTotalPriceSet": _current("total"),
    "currentSubtotalPriceSet": _current("subtotal"),
    "currentTotalTaxSet": _current("tax"),
    "currentTotalDiscountsSet": _current("discounts"),
    "totalRefundedSet": read(lambda order: Amount(order.money_back, order.market)),
    "totalOutstandingSet": read(_outstanding),
}
_STATE = {
    "processedAt": _at("created_at"),
    "cancelledAt": _at("cancelled_at"),
    "closedAt": _at("closed_at"),
    "closed": read(lambda order: order.closed_at is not None),
    "cancelReason": read(lambda order: upper(order.cancel_reason)),
    "displayFinancialStatus": read(lambda order: upper(order.financial_status)),
    "displayFulfillmentStatus": read(displayed_fulfillment),
    "fullyPaid": read(lambda order: order.financial_status in _PAID_OFF - {"voided"}),
    "unpaid": read(lambda order: order.financial_status in ("pending", "authorized")),
    "confirmed": read(lambda _: True),
    "edited": attribute("edited"),
    "test": read(lambda _: False),
}
FIELDS: Fields = {
    "QueryRoot": {"order": _order, "ordersCount": _count},
    "Count": {"count": read(lambda counted: counted[0]), "precision": read(lambda counted: counted[1])},
    "Order": {
        **identified("Order"),
        **attributes("name", "number", "email", "phone", "note", "tags", "customer"),
        **dated(),
        **_STATE,
        **_PRICES,
        "confirmationNumber": read(lambda order: order.token[:9].upper()),
        "customAttributes": attribute("attributes"),
        "currencyCode": read(lambda _: SHOP_CURRENCY),
        "presentmentCurrencyCode": read(lambda order: order.market.currency),
        "customerLocale": read(lambda order: order.market.locale),
        "customerAcceptsMarketing": read(lambda order: order.id % 3 == 0),
        "taxesIncluded": read(lambda order: order.market.taxes_included),
        "taxExempt": read(lambda _: False),
        "totalWeight": read(_weight),
        "paymentGatewayNames": read(lambda order: [order.gateway]),
        "sourceName": read(lambda _: "web"),
        "statusPageUrl": lambda order, ctx, _: f"https://{ctx.shop.sender.shop_domain}/orders/{order.token}",
        "discountCode": attribute("discount_code"),
        "discountCodes": read(lambda order: [order.discount_code] if order.discount_code else []),
        "billingAddress": attribute("ship_to"),
        "shippingAddress": attribute("ship_to"),
        "shippingLine": read(lambda order: order),
        "taxLines": read(_tax_lines),
        "fulfillments": _fulfillments,
        "refunds": _refunds,
        "metafield": _metafield,
    },
    "ShippingLine": {
        "id": read(lambda order: f"gid://shopify/ShippingLine/{order.shipping_line_id}"),
        "code": read(lambda _: "STANDARD"),
        "title": read(lambda _: "Paket till ombud"),
        "source": read(lambda _: "shopify"),
        "carrierIdentifier": read(lambda _: None),
        "originalPriceSet": read(lambda order: Amount(order.shipping_price, order.market)),
        "discountedPriceSet": read(lambda order: Amount(order.shipping_price, order.market)),
        "taxLines": read(lambda order: [Amount(tax_of(order.shipping_price, order.market), order.market)]),
    },
    "TaxLine": {
        "title": read(lambda tax: tax.market.tax_title),
        "rate": read(lambda tax: float(tax.market.tax_rate)),
        "ratePercentage": read(lambda tax: float(tax.market.tax_rate * 100)),
        "priceSet": read(lambda tax: tax),
    },
}
CONNECTIONS = {
    "QueryRoot": {"orders": _orders},
    "Order": {
        "lineItems": _lines,
        "shippingLines": _shipping_lines,
        "fulfillmentOrders": _fulfillment_orders,
        "metafields": _metafields,
    },
}
