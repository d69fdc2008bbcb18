"""Customers."""

from typing import Any

from sandbox.shopify.admin.context import Args, Context
from sandbox.shopify.admin.fields.field_readers import Fields, attribute, attributes, dated, identified, read
from sandbox.shopify.admin.finding import by_gid, count, searched
from sandbox.shopify.admin.search import Searchable
from sandbox.shopify.admin.sources import ListSource, Source
from sandbox.shopify.admin.values import moment
from sandbox.shopify.entities import Consent, Customer

SEARCHABLE = Searchable(
    times={"created_at": lambda c: c.created_at, "updated_at": lambda c: c.updated_at},
    texts={
        "id": lambda c: c.id,
        "email": lambda c: c.email,
        "phone": lambda c: c.phone,
        "first_name": lambda c: c.first_name,
        "last_name": lambda c: c.last_name,
        "state": lambda c: c.state,
        "tag": lambda c: c.tags,
        "email_marketing_state": lambda c: c.email_consent.state,
    },
    plain=lambda c: (c.email, c.phone, c.first_name, c.last_name),
)


def _customer(_root: Any, ctx: Context, args: Args) -> Any:
    return by_gid(ctx.shop.records.customers, "Customer", args["id"])


def _customers(_root: Any, ctx: Context, args: Args) -> Source:
    return searched(ctx.shop.records.customers, SEARCHABLE, ctx, args)


def _count(_root: Any, ctx: Context, args: Args) -> Any:
    return count(_customers(None, ctx, args), args)


def _orders(customer: Customer, ctx: Context, args: Args) -> Source:
    return ListSource(ctx.shop.records.orders_of(customer), args)


def _display_name(customer: Customer) -> str:
    name = " ".join(part for part in (customer.first_name, customer.last_name) if part)
    return name or customer.email or customer.phone or ""


def _addresses(customer: Customer) -> list[Any]:
    return [customer.address] if customer.address else []


def upper(text: str | None) -> str | None:
    return text.upper() if text else None


def _opt_in(consent: Consent) -> str | None:
    return upper(consent.opt_in_level)


_CONSENT = {
    "marketingState": read(lambda held: upper(held[1].state)),
    "marketingOptInLevel": read(lambda held: _opt_in(held[1])),
    "marketingUpdatedAt": read(lambda held: moment(held[1].updated_at)),
    "marketingCollectedFrom": read(lambda held: held[1].collected_from),
}
_OLD_CONSENT = {
    "marketingState": _CONSENT["marketingState"],
    "marketingOptInLevel": read(lambda held: _opt_in(held[1]) or "UNKNOWN"),
    "consentUpdatedAt": _CONSENT["marketingUpdatedAt"],
    "consentCollectedFrom": _CONSENT["marketingCollectedFrom"],
}


def _email(customer: Customer) -> Any:
    return (customer.email, customer.email_consent) if customer.email else None


def _phone(customer: Customer) -> Any:
    return (customer.phone, customer.sms_consent) if customer.phone else None


FIELDS: Fields = {
    "QueryRoot": {"customer": _customer, "customersCount": _count},
    "Customer": {
        **identified("Customer"),
        **attributes("first_name", "last_name", "email", "phone", "note", "tags"),
        **attributes("tax_exempt", "verified_email"),
        **dated(),
        "displayName": read(_display_name),
        "defaultEmailAddress": read(_email),
        "defaultPhoneNumber": read(_phone),
        "emailMarketingConsent": read(_email),
        "smsMarketingConsent": read(_phone),
        "state": read(lambda customer: upper(customer.state)),
        "locale": read(lambda customer: customer.market.locale),
        "taxExemptions": read(lambda _: []),
        "numberOfOrders": attribute("orders"),
        "defaultAddress": attribute("address"),
        "addresses": read(_addresses),
    },
    "CustomerEmailAddress": {**_CONSENT, "emailAddress": read(lambda held: held[0])},
    "CustomerPhoneNumber": {**_CONSENT, "phoneNumber": read(lambda held: held[0])},
    "CustomerEmailMarketingConsentState": _OLD_CONSENT,
    "CustomerSmsMarketingConsentState": _OLD_CONSENT,
}
CONNECTIONS = {"QueryRoot": {"customers": _customers}, "Customer": {"orders": _orders}}
