"""A Shopify shop as a target: fulfilments made, tracked anew and cancelled.

Shopify has no key that would make a repeat harmless, so after a lost answer its fulfilments are read first.
"""

from dataclasses import dataclass
from typing import Any

from shared.clients.shopify_admin import ShopAdmins
from shared.envelope import TaskHeader
from shared.errors import Rejected
from writeback.clients.shopify_fulfilments import ShopFulfilments
from writeback.mapping.fulfilling import (
    Sent,
    batches,
    fulfilment_input,
    fulfilments_of,
    has_tracking_of,
    mine,
    missing,
    target_id_of,
    tracking_input,
)
from writeback.targets.port import Package, Told

GONE = "Nothing was cancelled: the shop has no such fulfilment any more"
NEVER_THERE = "Nothing was cancelled: the shop was never told of the package"
NOT_FOUND = (
    "A person reported this package in the shop, and no fulfilment there has its items and a tracking number "
    "it had: {deed} in the Shopify admin, then mark the shipment as done by hand"
)
CANCELLED_THERE = "The fulfilment was cancelled in the shop: its tracking can not be changed any more"


@dataclass(frozen=True, slots=True)
class ShopifyTarget:
    """`notifies`: the shop mails its customer."""

    shop: ShopFulfilments
    notifies: bool

    async def ship(self, package: Package, *, is_uncertain: bool) -> Told:
        """One fulfilment for each location that sends a part, each with the package's tracking."""
        # What waits is read before what was sent: an effect that comes late is then seen as sent.
        waiting = await self.shop.waiting(package.order_id)
        there = mine(package, await self.shop.sent(package.order_id)) if is_uncertain else []
        planned = batches(missing(package, there), waiting)
        changed = await self._retrack(package, [one for one in there if not has_tracking_of(package, one)])
        made = [
            await self.shop.create(fulfilment_input(package, batch, notify=self.notifies))
            for batch in planned
        ]
        ids = [one.id for one in there] + made
        return Told(target_id_of(ids), was_there=not made and not changed)

    async def correct(self, package: Package, *, is_uncertain: bool) -> Told:
        if package.is_known_by_hand:
            return await self._correct_by_hand(package)
        known = fulfilments_of(package.target_id)
        sent = {one.id: one for one in await self.shop.sent(package.order_id)} if is_uncertain else {}
        there = [sent[number] for number in known if number in sent]
        if any(one.is_cancelled for one in there):
            raise Rejected(CANCELLED_THERE)
        done = [one.id for one in there if has_tracking_of(package, one)]
        for number in known:
            if number not in done:
                await self._track(package, number)
        return Told(package.target_id, was_there=len(done) == len(known))

    async def cancel(self, package: Package, *, is_uncertain: bool) -> Told:  # noqa: ARG002 - always read
        """What is cancelled already, or was never made, counts as done."""
        there = mine(package, await self.shop.sent(package.order_id))
        standing = [one for one in there if not one.is_cancelled]
        for one in standing:
            await self.shop.cancel(one.id)
        if there:
            return Told(None, was_there=not standing)
        if package.is_known_by_hand:
            raise Rejected(NOT_FOUND.format(deed="cancel its fulfilment"), kind="by_hand")
        return Told(None, note=GONE if package.target_id else NEVER_THERE)

    async def _correct_by_hand(self, package: Package) -> Told:
        """What a person made there is known by its tracking number and its items only."""
        there = mine(package, await self.shop.sent(package.order_id))
        if not there or missing(package, there):
            raise Rejected(NOT_FOUND.format(deed="edit its tracking"), kind="by_hand")
        changed = await self._retrack(package, [one for one in there if not has_tracking_of(package, one)])
        return Told(target_id_of(one.id for one in there), was_there=not changed)

    async def _retrack(self, package: Package, outdated: list[Sent]) -> int:
        for one in outdated:
            await self._track(package, one.id)
        return len(outdated)

    async def _track(self, package: Package, fulfilment_id: str) -> None:
        await self.shop.retrack(fulfilment_id, tracking_input(package), notify=self.notifies)


async def open_shopify(shops: ShopAdmins, pool: Any, task: TaskHeader) -> ShopifyTarget:
    """Raises Obsolete when the account is off, Misconfigured when it is unusable."""
    admin = await shops.open(pool, task)
    return ShopifyTarget(ShopFulfilments(admin), notifies=admin.account.settings.notify_customer)
