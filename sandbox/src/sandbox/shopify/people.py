"""Makes up buyers: names, addresses, and the ways to reach them."""

import unicodedata
from dataclasses import replace
from datetime import datetime
from random import Random

from sandbox.shopify.entities import NO_CONSENT, Address, Consent, Customer
from sandbox.shopify.markets import MARKETS, Market
from sandbox.shopify.numbers import Numbers

_PHONE_ONLY_SHARE = 0.12
_UNREACHABLE_SHARE = 0.03
_WITH_PHONE_SHARE = 0.4
_NO_FIRST_NAME_SHARE = 0.04
_WITH_ADDRESS_SHARE = 0.9
_VERIFIED_SHARE = 0.9
_SUBSCRIBED_SHARE = 0.45


def new_customer(rng: Random, numbers: Numbers, now: datetime) -> Customer:
    """A customer just signed up; some have only a phone number, a few neither phone nor e-mail."""
    market = rng.choice(MARKETS)
    first_name, last_name = rng.choice(market.first_names), rng.choice(market.last_names)
    email, phone = reachable_by(rng, numbers, market, name=(first_name, last_name))
    return Customer(
        id=numbers.resource_id(),
        market=market,
        first_name=None if rng.random() < _NO_FIRST_NAME_SHARE else first_name,
        last_name=last_name,
        email=email,
        phone=phone,
        address_id=numbers.resource_id(),
        address=new_address(rng, market, name=(first_name, last_name))
        if rng.random() < _WITH_ADDRESS_SHARE
        else None,
        created_at=now,
        updated_at=now,
        state=rng.choice(("disabled", "disabled", "enabled", "invited")),
        note=rng.choice((None, None, None, "Vill ha avisering per sms", "Växel 2, ring på")),
        verified_email=rng.random() < _VERIFIED_SHARE,
        email_consent=_first_consent(rng, now) if email else NO_CONSENT,
        sms_consent=_first_consent(rng, now) if phone else NO_CONSENT,
        tags=rng.choice(((), (), ("nyhetsbrev",), ("vip", "återkommande"))),
    )


def _first_consent(rng: Random, now: datetime) -> Consent:
    if rng.random() >= _SUBSCRIBED_SHARE:
        return NO_CONSENT
    return Consent("subscribed", "single_opt_in", now, "SHOPIFY")


def reachable_by(
    rng: Random, numbers: Numbers, market: Market, *, name: tuple[str, str]
) -> tuple[str | None, str | None]:
    """E-mail address and phone number, each possibly None; no two buyers share one."""
    chance = rng.random()
    email = f"{mailbox(name)}.{numbers.token()[:8]}@example.com"
    phone = market.dial + numbers.digits(10)
    if chance < _UNREACHABLE_SHARE:
        return None, None
    if chance < _UNREACHABLE_SHARE + _PHONE_ONLY_SHARE:
        return None, phone
    return email, phone if rng.random() < _WITH_PHONE_SHARE else None


def new_address(rng: Random, market: Market, *, name: tuple[str, str]) -> Address:
    place = rng.choice(market.places)
    return Address(
        first_name=name[0],
        last_name=name[1],
        company=rng.choice((None, None, None, "Norrsken & Söner AB")),
        address1=f"{rng.choice(market.streets)} {rng.randrange(1, 120)}",
        address2=rng.choice((None, None, "c/o Öhman", "lgh 1102")),
        city=place.city,
        zip=place.zip,
        province=place.province,
        province_code=place.province_code,
        country=market.country,
        country_code=market.country_code,
        phone=None,
    )


def edited(customer: Customer, rng: Random, numbers: Numbers, now: datetime) -> Customer:
    """The customer after one change of their own: moved, married, new phone or new e-mail."""
    name = (customer.first_name or rng.choice(customer.market.first_names), customer.last_name)
    match rng.choice(("address", "address", "name", "phone", "email")):
        case "address":
            change = replace(customer, address=new_address(rng, customer.market, name=name))
        case "name":
            change = replace(customer, last_name=rng.choice(customer.market.last_names))
        case "phone":
            change = replace(customer, phone=customer.market.dial + numbers.digits(10))
        case _:
            change = replace(customer, email=f"{mailbox(name)}.{numbers.token()[:8]}@example.com")
    return replace(change, updated_at=now)


def consented(before: Consent, state: str, *, level: str | None, at: datetime, source: str) -> Consent:
    """The consent after this wish; its time moves only when the state does."""
    if state == before.state:
        return replace(before, opt_in_level=level or before.opt_in_level)
    return Consent(state, level or before.opt_in_level or "single_opt_in", at, source)


def tagged(customer: Customer, tags: tuple[str, ...], now: datetime) -> Customer:
    """The customer with exactly these tags, in the order given."""
    return replace(customer, tags=tuple(dict.fromkeys(tags)), updated_at=now)


def mailbox(name: tuple[str, str]) -> str:
    """The local part of an address in plain letters."""
    plain = unicodedata.normalize(
        "NFKD", ".".join(name).replace("ß", "ss").replace("ł", "l").replace("Ł", "L")
    )
    return "".join(c for c in plain.lower() if c.isascii() and (c.isalnum() or c == "."))
