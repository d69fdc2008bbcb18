"""Lines of orders, and what came back of them."""

from typing import Any

from sandbox.shopify.admin.context import Args, Context
from sandbox.shopify.admin.fields.field_readers import Fields, attributes, read
from sandbox.shopify.admin.gids import gid, number_of
from sandbox.shopify.admin.sources import ListSource, Source
from sandbox.shopify.admin.values import Amount, LineBack, Location, MoneyBack, OrderLine, moment
from sandbox.shopify.entities import ZERO, rounded
from sandbox.shopify.markets import LOCATION_NAMES, MAIN_LOCATION
from sandbox.shopify.money import part_of
from sandbox.shopify.movement_body import discrepancy
from sandbox.shopify.variant_shelf import SoldVariant


def _amount(getter: Any) -> Any:
    """A price of an order line, from the line itself."""
    return read(lambda part: Amount(getter(part.line), part.order.market))


def _current_quantity(part: OrderLine) -> int:
    return 0 if part.order.cancelled_at else part.line.quantity - part.line.refunded


def _unfulfilled(part: OrderLine) -> int:
    return 0 if part.order.cancelled_at else max(part.line.open, 0)


def _allocations(part: OrderLine) -> list[Amount]:
    return [Amount(part.line.discount, part.order.market)] if part.line.discount else []


def _taxes(part: OrderLine) -> list[Amount]:
    return [] if part.line.variant.is_gift_card else [Amount(part.line.tax, part.order.market)]


def _product(part: OrderLine, ctx: Context, _args: Args) -> Any:
    return ctx.shop.records.products.get(part.line.variant.product_id)


def _variant(part: OrderLine, ctx: Context, _args: Args) -> Any:
    product = _product(part, ctx, {})
    return SoldVariant(product, part.line.variant) if product else None


def _lines_back(back: MoneyBack, _ctx: Context, args: Args) -> Source:
    lines = {line.id: line for line in back.order.lines}
    moved = [LineBack(back, lines[number], quantity) for number, quantity in back.refund.quantities]
    return ListSource(moved, args)


def _adjustments(back: MoneyBack, _ctx: Context, args: Args) -> Source:
    amount = discrepancy(back.order, back.refund)
    matters = amount != 0 and back.order.cancelled_at is None
    return ListSource([(back, amount)] if matters else [], args)


def _shipping_back(_back: MoneyBack, _ctx: Context, args: Args) -> Source:
    """Nobody gives back shipping in this shop."""
    return ListSource([], args)


def _transactions(back: MoneyBack, _ctx: Context, args: Args) -> Source:
    return ListSource([back] if back.refund.amount else [], args)


def _share(getter: Any) -> Any:
    """The returned items' share of a line's amount."""

    def share(back: LineBack) -> Amount:
        amount = part_of(getter(back.line), back.line, back.quantity)
        return Amount(amount, back.money_back.order.market)

    return read(share)


def _at(back: MoneyBack) -> str | None:
    return moment(back.refund.at)


_SHOP_LOCATION = Location(MAIN_LOCATION, LOCATION_NAMES[MAIN_LOCATION])


def _refund(_root: Any, ctx: Context, args: Args) -> Any:
    number = number_of(args["id"], "Refund")
    order = None if number is None else ctx.shop.records.order_of_refund(number)
    if order is None:
        return None
    return next((MoneyBack(order, refund) for refund in order.refunds if refund.id == number), None)


FIELDS: Fields = {
    "QueryRoot": {"refund": _refund},
    "LineItem": {
        "id": read(lambda part: gid("LineItem", part.line.id)),
        "sku": read(lambda part: part.line.variant.sku),
        "name": read(lambda part: part.line.variant.name),
        "title": read(lambda part: part.line.variant.product_title),
        "variantTitle": read(lambda part: part.line.variant.title),
        "vendor": read(lambda part: part.line.variant.vendor),
        "quantity": read(lambda part: part.line.quantity),
        "currentQuantity": read(_current_quantity),
        "unfulfilledQuantity": read(_unfulfilled),
        "refundableQuantity": read(lambda part: part.line.quantity - part.line.refunded),
        "isGiftCard": read(lambda part: part.line.variant.is_gift_card),
        "requiresShipping": read(lambda part: not part.line.variant.is_gift_card),
        "taxable": read(lambda part: not part.line.variant.is_gift_card),
        "originalUnitPriceSet": _amount(lambda line: line.variant.price),
        "originalTotalSet": _amount(lambda line: line.gross),
        "discountedUnitPriceSet": _amount(lambda line: rounded(line.paid / line.quantity)),
        "discountedTotalSet": _amount(lambda line: line.paid),
        "totalDiscountSet": _amount(lambda _: ZERO),
        "discountAllocations": read(_allocations),
        "taxLines": read(_taxes),
        "customAttributes": read(lambda _: []),
        "product": _product,
        "variant": _variant,
    },
    "DiscountAllocation": {"allocatedAmountSet": read(lambda amount: amount)},
    "Refund": {
        "id": read(lambda back: gid("Refund", back.refund.id)),
        "legacyResourceId": read(lambda back: back.refund.id),
        "note": read(lambda back: back.refund.note),
        "createdAt": read(_at),
        "updatedAt": read(_at),
        "totalRefundedSet": read(lambda back: Amount(back.refund.amount, back.order.market)),
    },
    "RefundLineItem": {
        "id": read(lambda back: gid("RefundLineItem", back.money_back.refund.id + back.line.id % 997)),
        "lineItem": read(lambda back: OrderLine(back.money_back.order, back.line)),
        "location": read(lambda _: _SHOP_LOCATION),
        **attributes("quantity"),
        "restocked": read(lambda _: True),
        "restockType": read(lambda back: "RETURN" if back.line.fulfilled else "CANCEL"),
        "priceSet": read(lambda back: Amount(back.line.variant.price, back.money_back.order.market)),
        "subtotalSet": _share(lambda line: line.paid),
        "totalTaxSet": _share(lambda line: line.tax),
    },
    "OrderAdjustment": {
        "id": read(lambda made: gid("OrderAdjustment", made[0].refund.id + 900)),
        "amountSet": read(lambda made: Amount(made[1], made[0].order.market)),
        "taxAmountSet": read(lambda made: Amount(ZERO, made[0].order.market)),
        "reason": read(lambda _: "REFUND_DISCREPANCY"),
    },
    "RefundShippingLine": {
        "id": read(lambda back: gid("RefundShippingLine", back.refund.id)),
        "subtotalAmountSet": read(lambda back: Amount(ZERO, back.order.market)),
        "taxAmountSet": read(lambda back: Amount(ZERO, back.order.market)),
    },
    "OrderTransaction": {
        "id": read(lambda back: gid("OrderTransaction", back.refund.transaction_id)),
        "kind": read(lambda _: "REFUND"),
        "status": read(lambda _: "SUCCESS"),
        "gateway": read(lambda back: back.order.gateway),
        "amountSet": read(lambda back: Amount(back.refund.amount, back.order.market)),
        "createdAt": read(_at),
        "processedAt": read(_at),
        "test": read(lambda _: False),
    },
}
CONNECTIONS = {
    "Refund": {
        "refundLineItems": _lines_back,
        "orderAdjustments": _adjustments,
        "refundShippingLines": _shipping_back,
        "transactions": _transactions,
    }
}
