"""Customers and orders in the generic shape of `docs/sources.md`, inside a Standard Webhooks message."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from sync_worker.senders.naming import is_usable
from sync_worker.shopify.fields import (
    Currency,
    Items,
    Moment,
    Money,
    Name,
    Quantity,
    ShopModel,
    TaxRate,
    Text,
)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _usable(value: str) -> str:
    if not is_usable(value):
        raise ValueError("should be an id of at most 64 printable characters without blanks")
    return value


Id = Annotated[str, BeforeValidator(_text), AfterValidator(_usable)]
Number = Annotated[Name, BeforeValidator(_text)]


class Message(BaseModel):
    """`timestamp`: when it happened; it also decides between two states of one second."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: str
    timestamp: Moment | None = None


class Place(ShopModel):
    first_name: Text = None
    last_name: Text = None
    company: Text = None
    address1: Text = None
    address2: Text = None
    zip: Text = None
    city: Text = None
    province: Text = None
    country_code: Text = None
    phone: Text = None


class StandardCustomer(ShopModel):
    id: Id
    updated_at: Moment | None = None
    email: Text = None
    phone: Text = None
    first_name: Text = None
    last_name: Text = None
    address: Place | None = None


class Line(ShopModel):
    """`unit_price` of one piece; `discount` and `tax` of the whole line; `tax_rate` 0.25 for 25 %."""

    id: Number = None
    sku: Text = None
    title: Text = None
    quantity: Quantity
    unit_price: Money
    discount: Money = Decimal(0)
    tax: Money = Decimal(0)
    tax_rate: TaxRate | None = None


class StandardOrder(ShopModel):
    id: Id
    number: Number = None
    created_at: Moment
    updated_at: Moment | None = None
    paid_at: Moment | None = None
    cancelled_at: Moment | None = None
    currency: Currency
    total: Money
    tax: Money | None = None
    taxes_included: bool = True
    payment_status: (
        Literal["pending", "authorized", "partially_paid", "paid", "partially_refunded", "refunded", "voided"]
        | None
    ) = None
    fulfillment_status: Literal["unfulfilled", "partial", "fulfilled", "restocked"] | None = None
    email: Text = None
    phone: Text = None
    locale: Text = None
    customer: StandardCustomer | None = None
    billing_address: Place | None = None
    shipping_address: Place | None = None
    lines: Items[Line] = ()
    shipping: Money | None = None
    shipping_tax: Money | None = None
    payment_methods: Items[Text] = ()


class Deleted(ShopModel):
    id: Id


class CustomerMessage(Message):
    data: StandardCustomer


class OrderMessage(Message):
    data: StandardOrder


class DeletedMessage(Message):
    data: Deleted
