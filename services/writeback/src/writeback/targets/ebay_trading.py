"""eBay's Trading API as a target: CompleteSale, by which tracking can also be replaced and deleted."""

from collections.abc import Sequence
from dataclasses import dataclass

from writeback.clients.ebay_trading import Trading
from writeback.mapping import ebay_packages as packages
from writeback.mapping import ebay_sales as sales
from writeback.mapping.ebay_carriers import carrier_code
from writeback.mapping.ebay_sales import Change, SaleLine, Tracking
from writeback.targets.port import Package, Told

_WHOLE_LINES = (
    "eBay's Trading API marks a line as shipped as a whole: the rest of it counts as shipped there too"
)


@dataclass(frozen=True, slots=True)
class EbayTrading:
    """Always reads the sale first, as telling of one package would else delete the tracking of another."""

    api: Trading

    async def ship(self, package: Package, *, is_uncertain: bool) -> Told:  # noqa: ARG002 - always read
        return await self._tell(package)

    async def correct(self, package: Package, *, is_uncertain: bool) -> Told:  # noqa: ARG002 - always read
        return await self._tell(package)

    async def cancel(self, package: Package, *, is_uncertain: bool) -> Told:  # noqa: ARG002 - always read
        """Deletes the package's tracking; lines that have none left are not shipped any more."""
        lines = await self._lines(package)
        changes = sales.taken_back(lines, package, packages.told_numbers(package))
        remarks = await self._make(package, changes)
        return Told(package.target_id, was_there=not changes, note=_note(remarks))

    async def _tell(self, package: Package) -> Told:
        numbers = packages.bare_numbers(package.tracking_numbers)
        code = carrier_code(package.carrier, self.api.ebay.account.settings.carriers)
        lines = await self._lines(package)
        old = packages.outdated_numbers(package)
        changes = sales.added(lines, package, [Tracking(code, number) for number in numbers], old)
        remarks = await self._make(package, changes)
        if sales.splits_a_line(lines, package):
            remarks = [*remarks, _WHOLE_LINES]
        return Told(packages.target_id_of(numbers), was_there=not changes, note=_note(remarks))

    async def _lines(self, package: Package) -> list[SaleLine]:
        return sales.sale_lines(await self.api.order(package.order_id))

    async def _make(self, package: Package, changes: Sequence[Change]) -> list[str]:
        """Each change is a call of its own; what was made before a call failed is found there next time."""
        remarks: list[str] = []
        for change in changes:
            content = sales.complete_sale(package.order_id, change, package.shipped_at)
            remarks += (await self.api.complete_sale(*content)).remarks
        return remarks


def _note(remarks: Sequence[str]) -> str | None:
    return "; ".join(dict.fromkeys(remarks)) or None
