"""Shipments reported to Amazon by confirmShipment.

Amazon knows a package by our number for it; confirming it again changes it, so no repeat makes a second one.
"""

from dataclasses import dataclass, replace
from typing import Any

from shared.envelope import TaskHeader
from shared.errors import Rejected
from writeback.clients.amazon import AmazonSeller, AmazonSellers
from writeback.clients.amazon_answers import PackageClosed
from writeback.mapping import amazon_shipment
from writeback.targets.port import Package, Told

NEVER_TOLD = "Amazon does not know the package: there is nothing to take back"


async def open_amazon(sellers: AmazonSellers, pool: Any, task: TaskHeader) -> "AmazonTarget":
    """Raises Obsolete or Misconfigured when the task's account can not be used."""
    return AmazonTarget(await sellers.open(pool, task))


@dataclass(frozen=True, slots=True)
class AmazonTarget:
    seller: AmazonSeller

    async def ship(self, package: Package, *, is_uncertain: bool) -> Told:
        return await self._confirm(package, is_uncertain=is_uncertain)

    async def correct(self, package: Package, *, is_uncertain: bool) -> Told:
        """Raises Rejected, saying what a person has to do, when the package may not be changed any more."""
        if package.is_known_by_hand:
            return await self._found(package)
        return await self._confirm(package, is_uncertain=is_uncertain)

    async def cancel(self, package: Package, *, is_uncertain: bool) -> Told:
        may_be_unknown = is_uncertain and not package.is_known_by_hand
        if may_be_unknown and amazon_shipment.known_package(await self._order(package), package) is None:
            return Told(None, note=NEVER_TOLD)
        raise Rejected(amazon_shipment.why_no_void(package), kind="by_hand")

    async def _confirm(self, package: Package, *, is_uncertain: bool) -> Told:
        body = amazon_shipment.confirmation(package, self.seller.account.settings)
        if is_uncertain and await self._has(package):
            return _told(package, was_there=True)
        try:
            await self.seller.confirm_shipment(package.order_id, body)
        except PackageClosed as refusal:
            if await self._has(package):
                return _told(package, was_there=True)
            raise _to_be_done_by_hand(package, refusal) from refusal
        return _told(package)

    async def _found(self, package: Package) -> Told:
        """Confirmed by a person it has a number of Amazon's own: under ours it would be a second package."""
        if amazon_shipment.has_tracking_of(await self._order(package), package):
            return Told(None, was_there=True, note=amazon_shipment.left_out(package))
        raise Rejected(amazon_shipment.why_no_correction(package), kind="by_hand")

    async def _has(self, package: Package) -> bool:
        """Whether Amazon has the package as it should be."""
        known = amazon_shipment.known_package(await self._order(package), package)
        return amazon_shipment.is_as_told(known, package)

    async def _order(self, package: Package) -> dict[str, Any]:
        return await self.seller.order(package.order_id, with_packages=True)


def _told(package: Package, *, was_there: bool = False) -> Told:
    told = Told(amazon_shipment.reference_of(package), note=amazon_shipment.left_out(package))
    return replace(told, was_there=was_there)


def _to_be_done_by_hand(package: Package, refusal: PackageClosed) -> Rejected:
    text = f"{refusal.message} {amazon_shipment.how_to_correct(package)}"
    return Rejected(text, answer=refusal.answer, kind="by_hand")
