"""An order as Amazon tells it (Orders 2026-01-01), without its buyer. Pure."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from shared.faults import faults_of
from shared.moments import Moment
from writeback.marketplaces.port import MarketplaceOrder, OrderLine, Unreadable

_NEVER_SHIPPED = frozenset({"CANCELLED", "UNFULFILLABLE"})


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel)


class _Product(_Wire):
    asin: str | None = None
    title: str | None = None
    seller_sku: str | None = None


class _Item(_Wire):
    order_item_id: str = Field(min_length=1)
    quantity_ordered: int
    product: _Product


class _Channel(_Wire):
    marketplace_id: str | None = None


class _Fulfillment(_Wire):
    fulfillment_status: str
    fulfilled_by: str = "MERCHANT"


class _Alias(_Wire):
    alias_id: str
    alias_type: str


class _Order(_Wire):
    order_id: str = Field(min_length=1)
    created_time: Moment
    last_updated_time: Moment
    sales_channel: _Channel
    order_items: tuple[_Item, ...]
    order_aliases: tuple[_Alias, ...] = ()
    fulfillment: _Fulfillment


def order_of(content: Any) -> MarketplaceOrder | Unreadable:
    """An order that was asked for with its fulfilment."""
    try:
        order = _Order.model_validate(content)
    except ValidationError as error:
        name, fault = next(iter(faults_of(error).items()))
        order_id = content.get("orderId") if isinstance(content, Mapping) else None
        return Unreadable(str(order_id) if order_id else None, f"'{name}' {fault}")
    return MarketplaceOrder(
        id=order.order_id,
        number=_number(order),
        status=order.fulfillment.fulfillment_status,
        is_shippable=_is_shippable(order.fulfillment),
        lines=tuple(_line(item) for item in order.order_items),
        ordered_at=order.created_time,
        updated_at=order.last_updated_time,
        marketplace=order.sales_channel.marketplace_id,
    )


def _number(order: _Order) -> str:
    """The seller's own number where there is one."""
    own = (alias.alias_id for alias in order.order_aliases if alias.alias_type == "SELLER_ORDER_ID")
    return next(own, order.order_id)


def _is_shippable(fulfillment: _Fulfillment) -> bool:
    return fulfillment.fulfilled_by == "MERCHANT" and fulfillment.fulfillment_status not in _NEVER_SHIPPED


def _line(item: _Item) -> OrderLine:
    product = item.product
    return OrderLine(
        id=item.order_item_id,
        sku=product.seller_sku,
        title=product.title,
        quantity=item.quantity_ordered,
        product_id=product.asin,
    )
