"""Brings our orders at a supplier to the states it tells: asked for by reference, or picked from its list."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sync_worker.store import supplier_orders as store
from sync_worker.store.runs import Progress
from sync_worker.store.supplier_orders import OpenOrder
from sync_worker.suppliers.port import BadItem, OrderPage, Supplier

NOT_KNOWN = "Order not found: the supplier does not know it any more"


@dataclass(frozen=True, slots=True)
class Asked:
    """Some of our orders and what the supplier says of them."""

    orders: list[OpenOrder]
    page: OrderPage
    open_now: int | None


@dataclass(frozen=True, slots=True)
class OrdersByReference:
    """Goes through our orders that are under way."""

    pool: Any
    supplier: Supplier
    account_id: int

    async def fetch(self, progress: Progress) -> Asked:
        wanted = self.supplier.most_references or 1
        open_now = await store.count_open(self.pool, self.account_id) if progress.cursor is None else None
        orders = await store.open_orders(
            self.pool, self.account_id, after=progress.cursor or "", wanted=wanted
        )
        references = [order.reference for order in orders]
        page = await self.supplier.get_orders(references) if references else OrderPage([], [])
        return Asked(orders, page, open_now)

    async def keep(self, connection: Any, progress: Progress, asked: Asked) -> Progress:
        known = await store.keep_states(connection, self.account_id, progress.run_id, asked.page.orders)
        bad = {item.id: item.reason for item in asked.page.bad}
        missing = {
            order.reference: bad.get(order.reference, NOT_KNOWN)
            for order in asked.orders
            if order.reference not in known
        }
        through = replace(
            progress,
            cursor=asked.orders[-1].order_id if asked.orders else progress.cursor,
            is_through=len(asked.orders) < (self.supplier.most_references or 1),
            total=progress.total if asked.open_now is None else asked.open_now,
        )
        return counted(through, len(asked.orders), changed=sum(known.values()), failures=missing.items())

    async def finish(self, connection: Any, progress: Progress) -> tuple[Progress, str | None]:  # noqa: ARG002
        return progress, None if progress.processed else "No order is under way at the supplier"


@dataclass(frozen=True, slots=True)
class OrdersByPage:
    """Goes through the supplier's orders; those that are not ours are passed over.

    `since`: only through those that changed since then; None: through all of them.
    """

    supplier: Supplier
    account_id: int
    since: datetime | None

    async def fetch(self, progress: Progress) -> OrderPage:
        return await self.supplier.list_orders(progress.cursor, since=self.since)

    async def keep(self, connection: Any, progress: Progress, page: OrderPage) -> Progress:
        known = await store.keep_states(connection, self.account_id, progress.run_id, page.orders)
        unreadable = await self._unreadable(connection, progress, page.bad)
        through = replace(progress, cursor=page.next, is_through=page.next is None)
        passed_over = len(page.orders) + len(page.bad) - len(known) - len(unreadable)
        through = replace(through, tally=through.tally.plus(skipped=passed_over))
        return counted(
            through,
            len(known) + len(unreadable),
            changed=sum(known.values()),
            failures=unreadable.items(),
        )

    async def finish(self, connection: Any, progress: Progress) -> tuple[Progress, str | None]:
        """An order of ours that the whole list does not name is one that could not be updated."""
        if self.since is not None and self.supplier.tells_changes:
            return progress, f"Only what changed since {self.since:%H:%M} UTC was asked for"
        place = (self.account_id, progress.run_id, progress.started_at)
        missing = dict.fromkeys(await store.unmet(connection, *place), NOT_KNOWN)
        return counted(progress, len(missing), changed=0, failures=missing.items()), None

    async def _unreadable(
        self, connection: Any, progress: Progress, bad: Iterable[BadItem]
    ) -> dict[str, str]:
        """The reasons of those that are ours."""
        reasons = {item.id: item.reason for item in bad if item.id is not None}
        ours = await store.note_unreadable(connection, self.account_id, progress.run_id, list(reasons))
        return {reference: reasons[reference] for reference in ours}


def counted(
    progress: Progress, checked: int, *, changed: int, failures: Iterable[tuple[str, str]]
) -> Progress:
    """`checked` orders more, of which some changed and some could not be brought up to date."""
    failed = list(failures)
    tally = progress.tally.plus(
        *failed, updated=changed, unchanged=checked - changed - len(failed), failed=len(failed)
    )
    return replace(
        progress,
        processed=progress.processed + checked,
        failed=progress.failed + len(failed),
        tally=tally,
    )
