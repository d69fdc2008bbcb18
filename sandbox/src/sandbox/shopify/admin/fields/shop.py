"""The shop, its locations, and what the app may do."""

from typing import Any

from sandbox.shopify.admin.context import Args, Context
from sandbox.shopify.admin.fields.field_readers import Fields, attribute, attributes, dated, read
from sandbox.shopify.admin.gids import gid
from sandbox.shopify.admin.sources import ListSource, Source
from sandbox.shopify.admin.values import Location
from sandbox.shopify.markets import LOCATION_NAMES

SCOPES = (
    "read_orders",
    "read_all_orders",
    "write_orders",
    "read_customers",
    "write_customers",
    "read_products",
    "read_locations",
    "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
)


def _shop(_root: Any, ctx: Context, _args: Args) -> Any:
    return ctx.shop.records.profile


def _installation(_root: Any, _ctx: Context, _args: Args) -> Any:
    return {"accessScopes": SCOPES}


def _locations(_root: Any, _ctx: Context, args: Args) -> Source:
    return ListSource([Location(number, name) for number, name in LOCATION_NAMES.items()], args)


FIELDS: Fields = {
    "QueryRoot": {"shop": _shop, "currentAppInstallation": _installation},
    "Shop": {
        "id": read(lambda shop: gid("Shop", shop.id)),
        **attributes("name", "email", "iana_timezone"),
        **dated(),
        "contactEmail": attribute("email"),
        "shopOwnerName": attribute("owner"),
        "myshopifyDomain": attribute("domain"),
        "primaryDomain": read(lambda shop: shop.domain),
        "url": read(lambda shop: f"https://{shop.domain}"),
        "currencyCode": attribute("currency"),
        "timezoneAbbreviation": read(lambda _: "CET"),
        "plan": attribute("plan"),
        "shopAddress": attribute("address"),
        "taxesIncluded": read(lambda _: True),
    },
    "Domain": {"host": read(lambda host: host), "url": read(lambda host: f"https://{host}")},
    "ShopPlan": {
        "displayName": read(lambda plan: plan),
        "publicDisplayName": read(lambda plan: plan),
        "partnerDevelopment": read(lambda _: False),
        "shopifyPlus": read(lambda plan: plan == "Shopify Plus"),
    },
    "ShopAddress": {
        "address1": read(lambda address: address["address1"]),
        "zip": read(lambda address: address["zip"]),
        "city": read(lambda address: address["city"]),
        "country": read(lambda address: address["country_name"]),
        "countryCodeV2": read(lambda address: address["country_code"]),
    },
    "Location": {"id": read(lambda place: gid("Location", place.id)), "name": attribute("name")},
    "AppInstallation": {"accessScopes": read(lambda installation: installation["accessScopes"])},
    "AccessScope": {"handle": read(lambda scope: scope)},
}
CONNECTIONS = {"QueryRoot": {"locations": _locations}}
