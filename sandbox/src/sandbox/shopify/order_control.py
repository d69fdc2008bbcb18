"""Being a buyer and the merchant: orders placed, moved on and looked at by hand."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import InvalidInput, count_parameter, json_answer, read_model
from sandbox.shopify.app import ShopifyShop
from sandbox.shopify.catalogue import OWN_VENDOR, Variant
from sandbox.shopify.control import shop_of
from sandbox.shopify.entities import Order
from sandbox.shopify.order_body import order_body
from sandbox.shopify.order_desk import Cart
from sandbox.shopify.refunding import RefundKind, can_refund
from sandbox.shopify.shipping import fulfillment_order_status, waiting_quantities


class LineOrder(BaseModel):
    """`price` and `vendor` matter for goods the shop does not have yet."""

    model_config = ConfigDict(extra="forbid")

    sku: str
    quantity: int = Field(default=1, ge=1)
    price: Decimal = Decimal("100.00")
    vendor: str = OWN_VENDOR
    title: str = "Vara"


class CartOrder(BaseModel):
    """`email`: a guest's; else it is made up, and a few guests leave nothing to reach them by."""

    model_config = ConfigDict(extra="forbid")

    customer_id: int | None = None
    email: str | None = None
    lines: list[LineOrder] = Field(min_length=1)
    paid: bool = True
    shipping_price: Decimal = Decimal("0.00")
    locations: int = Field(default=1, ge=1, le=2)
    minutes_ago: int = Field(default=0, ge=0)
    tell: bool = True


class Deed(BaseModel):
    """`kind` is for refunds, `partly` sends one item only, `sku` is what an edit adds."""

    model_config = ConfigDict(extra="forbid")

    kind: RefundKind = RefundKind.BOTH
    partly: bool = False
    sku: str | None = None
    hold: bool = True
    tell: bool = True


def _order(request: Request) -> Order:
    order = shop_of(request).records.orders.get(request.path_params["order_id"])
    if order is None:
        raise HTTPException(404, "no such order")
    return order


def shown_order(shop: ShopifyShop, order: Order) -> dict[str, Any]:
    places = [
        {"id": place.id, "location_id": place.location_id, "status": fulfillment_order_status(order, place)}
        for place in order.fulfillment_orders
    ]
    metafields = [[one.namespace, one.key, one.value] for one in order.metafields]
    body = order_body(order, shop_domain=shop.sender.shop_domain)
    return {**body, "fulfillment_orders": places, "metafields": metafields}


async def list_orders(request: Request) -> Response:
    """The last changed first."""
    shop = shop_of(request)
    limit = count_parameter(request, "limit", default=50)
    return json_answer(
        {"orders": [shown_order(shop, one) for one in shop.records.orders.kept()[::-1][:limit]]}
    )


async def show_effects(request: Request) -> Response:
    """What apps have done to fulfilments, and how many bear each tracking number, cancelled ones too."""
    shop = shop_of(request)
    made = [sent for order in shop.records.orders.kept() for sent in order.fulfillments]
    numbers = Counter(number for sent in made for number in sent.tracking.numbers)
    return json_answer({"counts": shop.effects, "by_tracking_number": numbers})


async def show_order(request: Request) -> Response:
    return json_answer(shown_order(shop_of(request), _order(request)))


async def place_order(request: Request) -> Response:
    """201 with the order as its webhook would carry it."""
    shop, order = shop_of(request), await read_model(request, CartOrder)
    customer = shop.records.customers.get(order.customer_id) if order.customer_id else None
    if order.customer_id and customer is None:
        raise InvalidInput(f"no customer {order.customer_id}")
    cart = Cart(
        customer,
        tuple((_variant(shop, line), line.quantity) for line in order.lines),
        paid=order.paid,
        shipping_price=order.shipping_price,
        locations=order.locations,
        ago=timedelta(minutes=order.minutes_ago),
        email=order.email,
    )
    return json_answer(shown_order(shop, shop.order_desk.place(cart, tell=order.tell)), status=201)


def _variant(shop: ShopifyShop, line: LineOrder) -> Variant:
    """The shop's own with this SKU, else one made for it."""
    known = next((variant for variant in shop.records.stock if variant.sku == line.sku), None)
    if known is not None:
        return known
    ids = Random(f"sku:{line.sku}")
    return Variant(
        id=ids.randrange(10**13, 10**14),
        product_id=ids.randrange(10**12, 10**13),
        product_title=line.title,
        title=None,
        product_type="Accessories",
        sku=line.sku,
        price=line.price,
        grams=100,
        vendor=line.vendor,
    )


async def do(request: Request) -> Response:
    """One of the merchant's deeds: pay, ship, cancel, refund, edit, hold, delete."""
    shop, order, deed = shop_of(request), _order(request), await read_model(request, Deed)
    act = _DEEDS.get(request.path_params["deed"])
    if act is None:
        raise HTTPException(404, f"deeds are {sorted(_DEEDS)}")
    done = act(shop, order, deed)
    return Response(status_code=204) if done is None else json_answer(shown_order(shop, done))


def _ship(shop: ShopifyShop, order: Order, deed: Deed) -> Order:
    quantities = waiting_quantities(order, partly=deed.partly)
    if not quantities:
        raise InvalidInput("nothing is left to send")
    return shop.order_desk.ship(order, quantities, None, tell=deed.tell)


def _refund(shop: ShopifyShop, order: Order, deed: Deed) -> Order:
    if not can_refund(order, deed.kind):
        raise InvalidInput("nothing is left to refund")
    return shop.order_desk.refund(order, deed.kind, tell=deed.tell)


def _edit(shop: ShopifyShop, order: Order, deed: Deed) -> Order:
    variant = _variant(shop, LineOrder(sku=deed.sku or "SL-011"))
    return shop.order_desk.edit(order, variant, tell=deed.tell)


def _hold(shop: ShopifyShop, order: Order, deed: Deed) -> Order:
    """Put all fulfilment orders on hold, or release them."""
    return shop.order_desk.hold(order, on_hold=deed.hold, tell=deed.tell)


_DEEDS: dict[str, Callable[[ShopifyShop, Order, Deed], Order | None]] = {
    "pay": lambda shop, order, deed: shop.order_desk.pay(order, tell=deed.tell),
    "cancel": lambda shop, order, deed: shop.order_desk.cancel(order, tell=deed.tell),
    "delete": lambda shop, order, deed: shop.order_desk.delete(order, tell=deed.tell),
    "ship": _ship,
    "refund": _refund,
    "edit": _edit,
    "hold": _hold,
}


def routes(prefix: str) -> list[Route]:
    one = f"{prefix}/orders/{{order_id:int}}"
    return [
        Route(f"{prefix}/orders", list_orders, methods=["GET"]),
        Route(f"{prefix}/orders", place_order, methods=["POST"]),
        Route(one, show_order, methods=["GET"]),
        Route(f"{prefix}/effects", show_effects, methods=["GET"]),
        Route(f"{one}/{{deed}}", do, methods=["POST"]),
    ]
