"""The parts that nodes of the Admin API share, as the shop's webhooks say them. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sync_worker.mapping.amounts import minor_unit

Node = Mapping[str, Any]


def number_of(gid: str) -> int:
    """`gid://shopify/Order/5523001122334` → 5523001122334. Raises ValueError for what is no global id."""
    return int(gid.rpartition("/")[2].partition("?")[0])


def optional_number(node: Node | None) -> int | None:
    """The number of a node that may not be there any more, such as a deleted product."""
    return number_of(node["id"]) if node else None


def lowered(word: str | None) -> str | None:
    """Webhooks spell the words of an enum in lower case."""
    return word.lower() if word else None


def amount(money: Node | None) -> str | None:
    """As webhooks write it: 225.0 of the API is 225.00 there."""
    if not money:
        return None
    value, unit = Decimal(money["amount"]), minor_unit(money["currencyCode"])
    exact = value.quantize(unit)
    return format(exact if exact == value else value, "f")


def shop_amount(bag: Node | None) -> str | None:
    """The amount in the shop's currency."""
    return amount(bag["shopMoney"]) if bag else None


def address_body(address: Node | None) -> dict[str, Any] | None:
    if not address:
        return None
    names = ("company", "address1", "address2", "zip", "city", "province", "country", "phone")
    return {
        "first_name": address["firstName"],
        "last_name": address["lastName"],
        **{name: address[name] for name in names},
        "province_code": address["provinceCode"],
        "country_code": address["countryCodeV2"],
    }


def tax_bodies(taxes: list[Node]) -> list[dict[str, Any]]:
    return [
        {"title": tax["title"], "rate": tax["rate"], "price": shop_amount(tax["priceSet"])} for tax in taxes
    ]
