"""Orders as `orders/*` webhooks carry them. Amounts are in the shop's currency."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from sync_worker.shopify.customers import Address, Customer
from sync_worker.shopify.fields import (
    LARGEST_ID,
    Currency,
    Flag,
    Items,
    Moment,
    Money,
    Name,
    Quantity,
    ShopModel,
    SourceId,
    TaxRate,
    Text,
)


class TaxLine(ShopModel):
    """`rate` is a fraction: 0.25 for 25 %."""

    price: Money = Decimal(0)
    rate: TaxRate | None = None


class Allocation(ShopModel):
    """The part of a discount that falls on one line."""

    amount: Money


class Recipient(Address):
    """An address something is delivered or billed to."""

    company: Text = None
    province: Text = None
    phone: Text = None


class LineItem(ShopModel):
    """`quantity` as ordered; `current_quantity` without what was removed or given back since;
    `fulfillable_quantity` without what was delivered already."""

    id: SourceId
    title: Text = None
    name: Text = None
    sku: Text = None
    variant_id: SourceId | None = None
    product_id: SourceId | None = None
    quantity: Quantity
    current_quantity: Quantity | None = None
    fulfillable_quantity: Quantity | None = None
    price: Money
    total_discount: Money | None = None
    discount_allocations: Items[Allocation] = ()
    tax_lines: Items[TaxLine] = ()
    gift_card: Flag = False
    tip: Flag = False

    @property
    def to_deliver(self) -> int:
        """How many pieces are still to be delivered."""
        known = (self.fulfillable_quantity, self.current_quantity, self.quantity)
        return next(quantity for quantity in known if quantity is not None)


class ShippingLine(ShopModel):
    price: Money
    discount_allocations: Items[Allocation] = ()
    tax_lines: Items[TaxLine] = ()
    is_removed: Flag = False


class RefundedLine(ShopModel):
    line_item_id: SourceId
    quantity: Quantity


class Refund(ShopModel):
    refund_line_items: Items[RefundedLine] = ()


class Order(ShopModel):
    """`fulfillment_status` None: nothing was shipped. `customer` None: bought without an account."""

    id: SourceId
    name: Name = None
    order_number: Annotated[int, Field(ge=0, le=LARGEST_ID)] | None = None
    email: Text = None
    contact_email: Text = None
    phone: Text = None
    customer_locale: Text = None
    created_at: Moment
    processed_at: Moment | None = None
    updated_at: Moment | None = None
    cancelled_at: Moment | None = None
    currency: Currency
    financial_status: Text = None
    fulfillment_status: Text = None
    total_price: Money
    total_tax: Money | None = None
    taxes_included: Flag = False
    customer: Customer | None = None
    billing_address: Recipient | None = None
    shipping_address: Recipient | None = None
    line_items: Items[LineItem] = ()
    shipping_lines: Items[ShippingLine] = ()
    refunds: Items[Refund] = ()
    payment_gateway_names: Items[Text] = ()
    test: Flag = False

    @property
    def label(self) -> str:
        """The number as people know it in the shop, e.g. "#1042"."""
        return self.name or f"#{self.order_number or self.id}"

    @property
    def number(self) -> str:
        """What people call the order: its name without the leading #."""
        return (self.name or "").lstrip("#") or str(self.order_number or self.id)


class DeletedOrder(ShopModel):
    """`orders/delete` tells no more than which."""

    id: SourceId


class OrderEdit(ShopModel):
    order_id: SourceId


class EditedOrder(ShopModel):
    """`orders/edited` carries the ids of the change, not the order."""

    order_edit: OrderEdit
