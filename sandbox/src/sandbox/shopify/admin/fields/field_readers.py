"""Money, addresses and what every page has."""

import zlib
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.shopify.admin.context import Resolver
from sandbox.shopify.admin.gids import gid
from sandbox.shopify.admin.values import Amount, Problem, moment
from sandbox.shopify.entities import Address, rounded
from sandbox.shopify.markets import SHOP_CURRENCY

Fields = Mapping[str, Mapping[str, Resolver]]


def read(getter: Callable[[Any], Any]) -> Resolver:
    """A resolver that needs nothing but the object itself."""
    return lambda obj, _ctx, _args: getter(obj)


def attribute(name: str) -> Resolver:
    return lambda obj, _ctx, _args: getattr(obj, name)


def attributes(*names: str) -> dict[str, Resolver]:
    """Fields called like the object's own attributes, in camel case."""
    return {_camel(name): attribute(name) for name in names}


def identified(kind: str) -> dict[str, Resolver]:
    """`id` and `legacyResourceId` of an object with an `id`."""
    return {"id": read(lambda obj: gid(kind, obj.id)), "legacyResourceId": attribute("id")}


def dated() -> dict[str, Resolver]:
    return {
        "createdAt": read(lambda obj: moment(obj.created_at)),
        "updatedAt": read(lambda obj: moment(obj.updated_at)),
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _presentment(bag: Amount) -> tuple[Any, str]:
    return rounded(bag.amount * bag.market.rate), bag.market.currency


def _full_name(address: Address) -> str:
    return f"{address.first_name} {address.last_name}".strip()


def _error(*extra: str) -> dict[str, Resolver]:
    return attributes("message", "field", *extra)


FIELDS: Fields = {
    "MoneyBag": {
        "shopMoney": read(lambda bag: (rounded(bag.amount), SHOP_CURRENCY)),
        "presentmentMoney": read(_presentment),
    },
    "MoneyV2": {
        "amount": read(lambda money: money[0]),
        "currencyCode": read(lambda money: money[1]),
    },
    "Attribute": {"key": read(lambda pair: pair[0]), "value": read(lambda pair: pair[1])},
    "MailingAddress": {
        "id": read(lambda address: gid("MailingAddress", zlib.crc32(repr(address).encode()))),
        **attributes("first_name", "last_name", "company", "address1", "address2", "city"),
        **attributes("province", "province_code", "zip", "country", "phone"),
        "countryCodeV2": attribute("country_code"),
        "name": read(_full_name),
    },
    "Metafield": {
        "id": read(lambda metafield: gid("Metafield", metafield.id)),
        **attributes("namespace", "key", "type", "value"),
    },
    "PageInfo": {
        "hasNextPage": attribute("has_next"),
        "hasPreviousPage": attribute("has_previous"),
        "startCursor": read(lambda page: page.edges[0].cursor if page.edges else None),
        "endCursor": read(lambda page: page.edges[-1].cursor if page.edges else None),
    },
    "UserError": _error(),
    "MetafieldsSetUserError": {**_error("code"), "elementIndex": attribute("index")},
    "BulkOperationUserError": _error("code"),
    "CustomerEmailMarketingConsentUpdateUserError": _error("code"),
    "CustomerSmsMarketingConsentError": _error("code"),
}


def payload(**fields: str) -> dict[str, Resolver]:
    """A mutation's payload is a mapping; `fields` names its keys, `userErrors` is always one of them."""
    return {name: _entry(key) for name, key in fields.items()} | {
        "userErrors": read(lambda done: done.get("problems", []))
    }


def _entry(key: str) -> Resolver:
    return lambda done, _ctx, _args: done.get(key)


def refused(*problems: Problem) -> dict[str, Any]:
    return {"problems": list(problems)}
