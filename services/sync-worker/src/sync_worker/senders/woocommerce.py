"""Customers and orders as WooCommerce's REST API version 3 shows them: only the fields that are used."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator

from sync_worker.shopify.fields import (
    Currency,
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


def _gmt(value: Any) -> Any:
    """WooCommerce: `date_…_gmt` is in GMT and does not say so."""
    if not isinstance(value, str) or not value:
        return value or None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _id_or_none(value: Any) -> Any:
    """WooCommerce: 0 is nobody, and no variation."""
    return value or None


Gmt = Annotated[Moment | None, BeforeValidator(_gmt)]
Amount = Annotated[Money, BeforeValidator(lambda value: value or 0)]
OptionalId = Annotated[SourceId | None, BeforeValidator(_id_or_none)]


class Place(ShopModel):
    first_name: Text = None
    last_name: Text = None
    company: Text = None
    address_1: Text = None
    address_2: Text = None
    city: Text = None
    state: Text = None
    postcode: Text = None
    country: Text = None
    email: Text = None
    phone: Text = None


class WooCustomer(ShopModel):
    id: SourceId
    date_created_gmt: Gmt = None
    date_modified_gmt: Gmt = None
    email: Text = None
    first_name: Text = None
    last_name: Text = None
    billing: Place = Place()


class LineTax(ShopModel):
    """`id` is the rate's, which the order names."""

    id: int | None = None
    total: Amount = Decimal(0)


class Line(ShopModel):
    """`subtotal` before and `total` after coupons, both without tax."""

    id: SourceId
    name: Text = None
    product_id: OptionalId = None
    variation_id: OptionalId = None
    quantity: Quantity
    subtotal: Amount = Decimal(0)
    total: Amount
    total_tax: Amount = Decimal(0)
    taxes: Items[LineTax] = ()
    sku: Text = None


class Shipping(ShopModel):
    total: Amount = Decimal(0)
    total_tax: Amount = Decimal(0)


class Rate(ShopModel):
    """`rate_percent`: 25.0 for 25 %."""

    rate_id: int | None = None
    rate_percent: TaxRate | None = None


class Refund(ShopModel):
    id: SourceId


class WooOrder(ShopModel):
    """`customer_id` None: bought without an account."""

    id: SourceId
    number: Name = None
    status: Text = None
    currency: Currency
    date_created_gmt: Annotated[Moment, BeforeValidator(_gmt)]
    date_modified_gmt: Gmt = None
    date_paid_gmt: Gmt = None
    total: Amount
    total_tax: Amount = Decimal(0)
    customer_id: OptionalId = None
    billing: Place = Place()
    shipping: Place = Place()
    payment_method: Text = None
    line_items: Items[Line] = ()
    shipping_lines: Items[Shipping] = ()
    tax_lines: Items[Rate] = ()
    refunds: Items[Refund] = ()


class Deleted(ShopModel):
    """`*.deleted` tells no more than which."""

    id: SourceId
