"""Which target a task's account is, opened."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from shared.accounts import kind_of_account
from shared.clients.shopify_account import SHOPIFY
from shared.envelope import TaskHeader
from shared.errors import Obsolete, Rejected
from shared.marketplaces.amazon import AMAZON
from shared.marketplaces.ebay import EBAY
from writeback.clients.systems import Systems
from writeback.targets.amazon import open_amazon
from writeback.targets.ebay import open_ebay
from writeback.targets.port import Target
from writeback.targets.shopify import open_shopify

Open = Callable[[Any, TaskHeader], Awaitable[Target]]


class Targets:
    """`openers`: how the target of each kind of account is opened, by the kind's name."""

    def __init__(self, openers: Mapping[str, Open]) -> None:
        self._openers = openers

    async def open(self, pool: Any, task: TaskHeader) -> Target:
        """Raises Obsolete when the account is gone or off, Rejected when it takes no shipments, Misconfigured
        when it is unusable."""
        kind = await kind_of_account(pool, task)
        if kind is None:
            raise Obsolete("The order's account does not exist any more: nothing was told")
        if kind not in self._openers:
            text = f"Accounts of kind '{kind}' take no shipments: nothing was told"
            raise Rejected(text, kind="configuration")
        return await self._openers[kind](pool, task)


def build_targets(systems: Systems) -> Targets:
    return Targets(
        {
            SHOPIFY.name: partial(open_shopify, systems.shops),
            AMAZON.name: partial(open_amazon, systems.amazon),
            EBAY.name: partial(open_ebay, systems.ebay),
        }
    )
