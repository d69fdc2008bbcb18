"""eBay's Sell Fulfillment as a target: packages are added, and can neither be changed nor taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.envelope import TaskHeader
from shared.errors import Rejected, UnknownOutcome
from shared.marketplaces.ebay import Uses
from writeback.clients.ebay import EbayAccounts
from writeback.clients.ebay_fulfillment import Fulfillment
from writeback.clients.ebay_trading import Trading
from writeback.mapping import ebay_packages as packages
from writeback.mapping.ebay_packages import Known, Parcel
from writeback.targets.ebay_trading import EbayTrading
from writeback.targets.port import Package, Target, Told

BY_HAND = "by_hand"
_CHANGE = (
    "eBay's Fulfillment interface can not change a tracking number. In the seller's Sold list select order "
    "{order}, choose 'Edit tracking number', replace {old} by {new} with carrier {carrier}, submit, and "
    "synchronise this shipment again"
)
_TAKE_BACK = (
    "eBay's Fulfillment interface can not take a shipment back. In the seller's Sold list select order "
    "{order}, choose 'Edit tracking number', delete {old}, submit, and synchronise this shipment again"
)


async def open_ebay(accounts: EbayAccounts, pool: Any, task: TaskHeader) -> Target:
    """The task's account as a target, by whichever interface it uses."""
    ebay = await accounts.open(pool, task)
    if ebay.account.settings.uses is Uses.TRADING:
        return EbayTrading(Trading(ebay))
    return EbayFulfillment(Fulfillment(ebay))


@dataclass(frozen=True, slots=True)
class EbayFulfillment:
    """One request for each tracking number of a package; eBay calls each by that number."""

    api: Fulfillment

    async def ship(self, package: Package, *, is_uncertain: bool) -> Told:
        """Reads first what eBay knows when an earlier attempt, or a part of one, may be there already."""
        wanted = self._parcels(package)
        must_read = is_uncertain or len(wanted) > 1 or bool(package.tried_numbers)
        known = await self._known(package) if must_read else []
        if packages.with_number(packages.outdated_numbers(package), known) is not None:
            raise _by_hand(_CHANGE, package)
        return _told([await self._tell(parcel, package, known) for parcel in wanted])

    async def correct(self, package: Package, *, is_uncertain: bool) -> Told:  # noqa: ARG002 - always read
        """Done when a person has made the change there. Else raises Rejected with what is to be done."""
        known = await self._known(package)
        there = [_found(parcel, package, known) for parcel in self._parcels(package)]
        if None in there or packages.with_number(packages.outdated_numbers(package), known) is not None:
            raise _by_hand(_CHANGE, package)
        return _told([one for one in there if one is not None])

    async def cancel(self, package: Package, *, is_uncertain: bool) -> Told:  # noqa: ARG002 - always read
        """Done when a person has deleted it there. Else raises Rejected with what is to be done."""
        known = await self._known(package)
        if packages.with_number(packages.told_numbers(package), known) is None:
            return Told(package.target_id, was_there=True, note="eBay does not list this shipment any more")
        raise _by_hand(_TAKE_BACK, package)

    def _parcels(self, package: Package) -> tuple[Parcel, ...]:
        return packages.parcels(package, self.api.ebay.account.settings.carriers)

    async def _known(self, package: Package) -> list[Known]:
        return packages.known_of(await self.api.fulfilments(package.order_id))

    async def _tell(self, parcel: Parcel, package: Package, known: Sequence[Known]) -> "_Parcel":
        """That eBay refuses it as known is as good as if it had taken it, once it is seen there."""
        if there := _found(parcel, package, known):
            return there
        created = await self.api.create(package.order_id, parcel.body)
        if created is not None:
            return _Parcel(created or parcel.tracking_number or "", was_there=False)
        known = await self._known(package)
        if there := _found(parcel, package, known):
            return there
        if packages.other_with_number(parcel, known):
            text = (
                f"At eBay the order has the tracking number {parcel.tracking_number} for other lines already"
            )
            raise Rejected(f"{text}: add these lines to it there by hand", kind=BY_HAND)
        raise UnknownOutcome("eBay says that it knows this shipment already, and does not list it")


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What eBay calls it; `was_there`: it was found there by reading."""

    id: str
    was_there: bool


def _told(parcels: Sequence[_Parcel]) -> Told:
    ids = packages.target_id_of(parcel.id for parcel in parcels)
    return Told(ids, was_there=all(parcel.was_there for parcel in parcels))


def _found(parcel: Parcel, package: Package, known: Sequence[Known]) -> _Parcel | None:
    """eBay: with tracking, a fulfilment's id is that number. Raises Rejected when its carrier is wrong."""
    there = packages.found(parcel, package, known)
    if there is None:
        return None
    if packages.has_other_carrier(parcel, there):
        raise _by_hand(_CHANGE, package)
    return _Parcel(there.id or parcel.tracking_number or "", was_there=True)


def _by_hand(steps: str, package: Package) -> Rejected:
    facts = {
        "order": package.order_id,
        "old": " and ".join(packages.told_numbers(package)) or "what stands there",
        "new": " and ".join(package.tracking_numbers),
        "carrier": package.carrier,
    }
    return Rejected(steps.format(**facts), kind=BY_HAND)
