"""Reads a page of what changed and finds in it what nobody has told."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from shared.envelope import utc_now
from sync_worker.clients.shop_reading import Change, Kind, Page, changed, movements, whole
from sync_worker.clients.shopify_admin import ShopAdmin
from sync_worker.polling.cursor import PollCursor
from sync_worker.polling.found import (
    Found,
    Thing,
    found_customer,
    found_order,
    found_parcel,
    found_refund,
)
from sync_worker.polling.missed import Stored, Window, unheard_of
from sync_worker.store import polls

_THINGS = {Kind.CUSTOMERS: Thing.CUSTOMER, Kind.ORDERS: Thing.ORDER}
_FOUND = {Kind.CUSTOMERS: found_customer, Kind.ORDERS: found_order}


@dataclass(frozen=True, slots=True)
class PollReader:
    """One kind of things at one shop."""

    kind: Kind
    admin: ShopAdmin
    pool: Any
    shop_id: int
    window: Window

    async def read(self, cursor: PollCursor) -> tuple[Page, list[Found]]:
        """The page at the cursor, and what of it no webhook has told."""
        page = await changed(self.admin, self.kind, since=cursor.since, after=cursor.after)
        return page, [*await self._states(page), *await self._movements(page)]

    async def _states(self, page: Page) -> list[Found]:
        known = await self._stored(_THINGS[self.kind], page.changes)
        unheard = unheard_of(page.changes, known, self.window)
        read_at = utc_now()
        nodes = await whole(self.admin, self.kind, [change.gid for change in unheard])
        states = [_FOUND[self.kind](node, read_at=read_at) for node in nodes]
        return [state for state in states if _tells_something(state, known.get(state.id))]

    async def _movements(self, page: Page) -> list[Found]:
        """Refunds and parcels have webhooks of their own, which may be missed when the order's was not."""
        refunds = await self._unheard(Thing.REFUND, [one for order in page.changes for one in order.refunds])
        parcels = await self._unheard(Thing.PARCEL, [one for order in page.changes for one in order.parcels])
        found: list[Found] = []
        for order in page.changes:
            wanted = {one.gid for one in (*order.refunds, *order.parcels)} & (refunds | parcels)
            found += await self._moved(order, wanted) if wanted else []
        return found

    async def _moved(self, order: Change, wanted: Collection[str]) -> list[Found]:
        read_at = utc_now()
        node = await movements(self.admin, order.gid)
        if node is None:
            return []
        refunds = [one for one in node["refunds"] if one["id"] in wanted]
        parcels = [one for one in node["fulfillments"] if one["id"] in wanted]
        return [
            *(found_parcel(parcel, node, read_at=read_at) for parcel in parcels),
            *(found_refund(refund, node, read_at=read_at) for refund in refunds),
        ]

    async def _unheard(self, thing: Thing, changes: list[Change]) -> set[str]:
        known = await self._stored(thing, changes)
        return {change.gid for change in unheard_of(changes, known, self.window)}

    async def _stored(self, thing: Thing, changes: Collection[Change]) -> dict[str, Stored]:
        ids = [change.id for change in changes]
        return await polls.stored(self.pool, thing, self.shop_id, ids) if ids else {}


def _tells_something(state: Found, known: Stored | None) -> bool:
    """A shop moves `updated_at` on also when nothing has changed that matters here."""
    if known is None:
        return True
    digest = state.content_hash()
    return digest is None or digest != known.content_hash
