"""Buyers at marketplaces: orders at the start, and one more now and then, with ids nobody had before."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from sandbox.amazon import ordering as amazon_ordering
from sandbox.amazon.seller import Seller as AmazonSeller
from sandbox.ebay import ordering as ebay_ordering
from sandbox.ebay.seller import Seller as EbaySeller

_IDLE_POLL_S = 1.0
Buy = Callable[[timedelta], object]


def at_amazon(seller: AmazonSeller, rng: Random) -> Buy:
    """Orders something that long ago."""

    def buy(ago: timedelta) -> object:
        order_id = f"{_digits(rng, 3)}-{_digits(rng, 7)}-{_digits(rng, 7)}"
        return amazon_ordering.place(seller, amazon_ordering.Wish(order_id=order_id), at=seller.now() - ago)

    return buy


def at_ebay(seller: EbaySeller, rng: Random) -> Buy:
    """Orders something that long ago."""

    def buy(ago: timedelta) -> object:
        order_id = f"{_digits(rng, 2)}-{_digits(rng, 5)}-{_digits(rng, 5)}"
        return ebay_ordering.place(seller, ebay_ordering.Wish(order_id=order_id), at=seller.now() - ago)

    return buy


@dataclass
class Sales:
    """`every_s`: how often somebody buys somewhere, 0 for never."""

    buyers: tuple[Buy, ...]
    rng: Random
    every_s: float = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self.every_s or _IDLE_POLL_S)
            if self.every_s:
                self.rng.choice(self.buyers)(timedelta())


def _digits(rng: Random, count: int) -> str:
    return f"{rng.randrange(10 ** (count - 1), 10**count)}"
