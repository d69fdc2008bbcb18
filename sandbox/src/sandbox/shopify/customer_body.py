"""Customers as webhooks carry them."""

from datetime import datetime, timedelta, timezone
from typing import Any

from sandbox.shopify.entities import Address, Customer
from sandbox.shopify.markets import SHOP_CURRENCY

_OFFSETS = tuple(timezone(timedelta(hours=hours)) for hours in (1, 2, -5, 0, 5.5))


def wire_time(moment: datetime, salt: int = 0) -> str:
    """The moment to the second; offsets differ from field to field and resource to resource."""
    return moment.astimezone(_OFFSETS[salt % len(_OFFSETS)]).isoformat(timespec="seconds")


def customer_body(customer: Customer) -> dict[str, Any]:
    """Body of customers/create and customers/update."""
    default_address = _default_address(customer)
    return {
        "id": customer.id,
        "created_at": wire_time(customer.created_at, customer.id),
        "updated_at": wire_time(customer.updated_at, customer.id + customer.orders),
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "state": customer.state,
        "note": customer.note,
        "verified_email": customer.verified_email,
        "multipass_identifier": None,
        "tax_exempt": customer.tax_exempt,
        "email": customer.email,
        "phone": customer.phone,
        "currency": SHOP_CURRENCY,
        "addresses": [default_address] if default_address else [],
        "tax_exemptions": [],
        "admin_graphql_api_id": f"gid://shopify/Customer/{customer.id}",
        **({"default_address": default_address} if default_address else {}),
    }


def embedded_customer(customer: Customer) -> dict[str, Any]:
    """The customer inside an order: no address list, and its times are sometimes null."""
    body = {name: value for name, value in customer_body(customer).items() if name != "addresses"}
    if customer.id % 4 == 0:
        body |= {"created_at": None, "updated_at": None}
    return body


def deleted_customer_body(customer: Customer) -> dict[str, Any]:
    return {
        "id": customer.id,
        "tax_exemptions": [],
        "admin_graphql_api_id": f"gid://shopify/Customer/{customer.id}",
    }


def _default_address(customer: Customer) -> dict[str, Any] | None:
    if customer.address is None:
        return None
    return {
        "id": customer.address_id,
        "customer_id": customer.id,
        **address_body(customer.address),
        "country_name": customer.address.country,
        "default": True,
    }


def address_body(address: Address) -> dict[str, Any]:
    return {
        "first_name": address.first_name,
        "last_name": address.last_name,
        "company": address.company,
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "province": address.province,
        "country": address.country,
        "zip": address.zip,
        "phone": address.phone,
        "name": f"{address.first_name} {address.last_name}".strip(),
        "province_code": address.province_code,
        "country_code": address.country_code,
    }
