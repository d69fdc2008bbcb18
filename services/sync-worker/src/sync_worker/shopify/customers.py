"""Customers as `customers/*` webhooks carry them, alone or inside an order."""

from sync_worker.shopify.fields import Moment, ShopModel, SourceId, Text


class Address(ShopModel):
    first_name: Text = None
    last_name: Text = None
    address1: Text = None
    address2: Text = None
    zip: Text = None
    city: Text = None
    country_code: Text = None


class Customer(ShopModel):
    """Inside an order `updated_at` may be null."""

    id: SourceId
    updated_at: Moment | None = None
    email: Text = None
    phone: Text = None
    first_name: Text = None
    last_name: Text = None
    default_address: Address | None = None


class DeletedCustomer(ShopModel):
    """`customers/delete` tells no more than which."""

    id: SourceId
