"""Orders and products are read from a shop or marketplace, by the kind of the account."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from shared.accounts import kind_of_account
from shared.clients.shopify_account import SHOPIFY
from shared.errors import Obsolete
from shared.handling import Outcome, Run
from shared.marketplaces.amazon import AMAZON
from shared.marketplaces.ebay import EBAY
from writeback.clients.systems import Systems
from writeback.marketplaces import amazon, ebay, shopify

# Reads a slice for the task's account.
Read = Callable[[Run], Awaitable[Outcome]]

NOTHING_TO_READ = "There is nothing to read: this system has none, or tells of them by itself"


async def read_by_kind(readers: Mapping[str, Read], run: Run) -> Outcome:
    """`readers`: who reads from accounts of each kind."""
    kind = await kind_of_account(run.pool, run.task)
    if kind is None:
        raise Obsolete("The account does not exist any more; nothing was read")
    if kind not in readers:
        return Outcome(note=NOTHING_TO_READ)
    return await readers[kind](run)


def order_readers(systems: Systems) -> dict[str, Read]:
    """A shop's orders come by its webhooks."""
    return {
        AMAZON.name: partial(amazon.fetch_orders, systems.amazon),
        EBAY.name: partial(ebay.fetch_orders, systems.ebay),
    }


def product_readers(systems: Systems) -> dict[str, Read]:
    return {
        SHOPIFY.name: partial(shopify.fetch_products, systems.shops),
        AMAZON.name: partial(amazon.fetch_products, systems.amazon),
        EBAY.name: partial(ebay.fetch_products, systems.ebay),
    }
