"""Customers of a past of any size."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from sandbox.mixing import Draw
from sandbox.shopify.entities import NO_CONSENT, Address, Consent, Customer
from sandbox.shopify.markets import MARKETS, Market
from sandbox.shopify.volume import Numbering, VolumeOrder, mailbox_of

_BASE = 5_000_000_000_000
_ADDRESS_BASE = 3_000_000_000_000
GUEST_EVERY = 20
GUEST_AT = 7


@dataclass(frozen=True)
class PastCustomers:
    order: VolumeOrder

    @cached_property
    def numbering(self) -> Numbering:
        span = timedelta(days=self.order.span_days)
        return Numbering(_BASE, self.order.customers, self.order.newest, span)

    def __len__(self) -> int:
        return self.order.customers

    def index_of(self, resource_id: int) -> int | None:
        return self.numbering.index_of(resource_id)

    def order_indexes(self, index: int) -> list[int]:
        """Which orders are this customer's: dealt out in turn, but for the guests'."""
        mine = range(index, self.order.orders, self.order.customers)
        return [number for number in mine if number % GUEST_EVERY != GUEST_AT]

    def at(self, index: int) -> Customer:
        draw = Draw(self.order.seed, index)
        market: Market = draw.one_of(MARKETS)
        first, last = draw.one_of(market.first_names), draw.one_of(market.last_names)
        reach, changed = draw.below(100), self.numbering.moment(index)
        phone = f"{market.dial}{index:010}" if 3 <= reach < 55 else None
        email = f"{mailbox_of(first, last)}.v{index}@example.com" if reach >= 15 else None
        agreed = Consent("subscribed", "single_opt_in", changed - timedelta(hours=30), "SHOPIFY")
        return Customer(
            id=self.numbering.id_of(index),
            market=market,
            first_name=first,
            last_name=last,
            email=email,
            phone=phone,
            address_id=_ADDRESS_BASE + index,
            address=past_address(draw, market, (first, last)),
            created_at=changed - timedelta(hours=30),
            updated_at=changed,
            state=draw.one_of(("disabled", "enabled")),
            orders=len(self.order_indexes(index)),
            email_consent=agreed if email and draw.below(2) else NO_CONSENT,
            sms_consent=agreed if phone and draw.below(3) == 0 else NO_CONSENT,
        )


def past_address(draw: Draw, market: Market, name: tuple[str, str]) -> Address:
    place = draw.one_of(market.places)
    return Address(
        first_name=name[0],
        last_name=name[1],
        company=None,
        address1=f"{draw.one_of(market.streets)} {1 + draw.below(120)}",
        address2=None,
        city=place.city,
        zip=place.zip,
        province=place.province,
        province_code=place.province_code,
        country=market.country,
        country_code=market.country_code,
        phone=None,
    )
