"""Reads a page of what changed and finds in it what nobody has told."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.clients.shopify_admin import ShopAdmin
from shared.envelope import utc_now
from sync_worker.clients.movements import movements
from sync_worker.clients.shop_reading import Change, Kind, Page, changed, whole
from sync_worker.mapping.nodes import Node
from sync_worker.polling.cursor import PollCursor
from sync_worker.polling.found import (
    Found,
    Thing,
    found_customer,
    found_order,
    found_parcel,
    found_refund,
    key_of,
)
from sync_worker.polling.missed import Stored, Window, or_handed_on, unheard_of
from sync_worker.store import polls

PAGE_PATIENCE_S = 30.0  # for one request of a page that was begun

HandedOn = Mapping[str, datetime]

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

    async def read(self, cursor: PollCursor, *, is_patient: bool) -> tuple[Page, list[Found]]:
        """The page at the cursor, and what of it no webhook has told.

        `is_patient`: all but its first request wait for the budget instead of giving up. A page that costs
        more than a full one would else be begun anew for ever.
        """
        page = await changed(self.admin, self.kind, since=cursor.since, after=cursor.after)
        handed_on = cursor.handed_on
        admin = replace(self.admin, patience_s=PAGE_PATIENCE_S) if is_patient else self.admin
        states = await self._states(admin, page, handed_on)
        return page, [*states, *await self._movements(admin, page, handed_on)]

    async def _states(self, admin: ShopAdmin, page: Page, handed_on: HandedOn) -> list[Found]:
        known = await self._stored(_THINGS[self.kind], page.changes, handed_on)
        unheard = unheard_of(page.changes, known, self.window)
        read_at = utc_now()
        nodes = await whole(admin, self.kind, [change.gid for change in unheard])
        states = [_FOUND[self.kind](node, read_at=read_at) for node in nodes]
        return [state for state in states if _tells_something(state, known.get(state.id))]

    async def _movements(self, admin: ShopAdmin, page: Page, handed_on: HandedOn) -> list[Found]:
        """Refunds and parcels have webhooks of their own, which may be missed when the order's was not."""
        refunds = [one for order in page.changes for one in order.refunds]
        parcels = [one for order in page.changes for one in order.parcels]
        unheard = await self._unheard(Thing.REFUND, refunds, handed_on)
        unheard |= await self._unheard(Thing.PARCEL, parcels, handed_on)
        moved = [
            order.gid
            for order in page.changes
            if not unheard.isdisjoint(one.gid for one in (*order.refunds, *order.parcels))
        ]
        read_at = utc_now()
        nodes = await movements(admin, moved)
        return [found for node in nodes.values() for found in _moved(node, unheard, read_at)]

    async def _unheard(self, thing: Thing, changes: list[Change], handed_on: HandedOn) -> set[str]:
        known = await self._stored(thing, changes, handed_on)
        return {change.gid for change in unheard_of(changes, known, self.window)}

    async def _stored(
        self, thing: Thing, changes: Collection[Change], handed_on: HandedOn
    ) -> dict[str, Stored]:
        ids = [change.id for change in changes]
        stored = await polls.stored(self.pool, thing, self.shop_id, ids) if ids else {}
        known = {id_: or_handed_on(stored.get(id_), handed_on.get(key_of(thing, id_))) for id_ in ids}
        return {id_: one for id_, one in known.items() if one is not None}


def _moved(order: Node, wanted: Collection[str], read_at: datetime) -> list[Found]:
    """The parcels and refunds of an order that are wanted."""
    refunds = [one for one in order["refunds"] if one["id"] in wanted]
    parcels = [one for one in order["fulfillments"] if one["id"] in wanted]
    return [
        *(found_parcel(parcel, order, read_at=read_at) for parcel in parcels),
        *(found_refund(refund, order, read_at=read_at) for refund in refunds),
    ]


def _tells_something(state: Found, known: Stored | None) -> bool:
    """A shop moves `updated_at` on also when nothing has changed that matters here."""
    if known is None:
        return True
    digest = state.content_hash()
    return digest is None or digest != known.content_hash
