"""An order as eBay's Fulfillment interface tells it, without its buyer. Pure."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from shared.faults import faults_of
from shared.moments import Moment
from writeback.marketplaces.port import MarketplaceOrder, OrderLine, Unreadable

CANCELLED = "CANCELED"
_NOT_BY_THE_MERCHANT = frozenset({"FULFILLED_BY_EBAY", "DIGITAL"})


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel)


class _Line(_Wire):
    line_item_id: str = Field(min_length=1)
    legacy_item_id: str | None = None
    sku: str | None = None
    title: str | None = None
    quantity: int = Field(default=1, ge=0)


class _Cancelling(_Wire):
    cancel_state: str | None = None


class _Instruction(_Wire):
    fulfillment_instructions_type: str | None = None


class _Order(_Wire):
    order_id: str = Field(min_length=1)
    creation_date: Moment
    last_modified_date: Moment
    order_fulfillment_status: str
    line_items: tuple[_Line, ...]
    cancel_status: _Cancelling = _Cancelling()
    fulfillment_start_instructions: tuple[_Instruction, ...] = ()


def order_of(content: Any) -> MarketplaceOrder | Unreadable:
    try:
        order = _Order.model_validate(content)
    except ValidationError as error:
        name, fault = next(iter(faults_of(error).items()))
        order_id = content.get("orderId") if isinstance(content, Mapping) else None
        return Unreadable(str(order_id) if order_id else None, f"'{name}' {fault}")
    is_cancelled = order.cancel_status.cancel_state == CANCELLED
    return MarketplaceOrder(
        id=order.order_id,
        number=order.order_id,
        status=CANCELLED if is_cancelled else order.order_fulfillment_status,
        is_shippable=not is_cancelled and not _by_others(order),
        lines=tuple(
            OrderLine(line.line_item_id, line.sku, line.title, line.quantity, line.legacy_item_id)
            for line in order.line_items
        ),
        ordered_at=order.creation_date,
        updated_at=order.last_modified_date,
    )


def _by_others(order: _Order) -> bool:
    """Nothing of it is the merchant's to send."""
    kinds = [one.fulfillment_instructions_type for one in order.fulfillment_start_instructions]
    return bool(kinds) and all(kind in _NOT_BY_THE_MERCHANT for kind in kinds)
