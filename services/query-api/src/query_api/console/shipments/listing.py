"""What the list of shipments shows: a page of it, and how many require synchronisation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from query_api.console.frame import Frame
from query_api.console.shipments.columns import COLUMNS, USUAL, Column, shown_columns
from query_api.console.shipments.filters import PAGE_SIZE, Filters
from query_api.places import Place, encode
from query_api.repository.records import Shop
from query_api.repository.shipment_records import ShipmentRow, Shipper
from query_api.repository.shipments import shippers
from query_api.repository.shipped_orders import tallies_of
from query_api.repository.syncing import counted
from query_api.routes.shipment_parameters import shipment_query
from query_api.routes.shipments import page_of, place_in
from query_api.shipment_query import ShipmentQuery
from query_api.shipment_words import Fulfilment, ShipmentState, fulfilment_of


@dataclass(frozen=True, slots=True)
class Entry:
    """`fulfilment`: what the shop or marketplace knows of the whole order; None: not known."""

    row: ShipmentRow
    account: Shipper
    fulfilment: Fulfilment | None


@dataclass(frozen=True, slots=True)
class ShipmentsView:
    """`accounts`: all the visitor may see that have shipments. `failed`: how many match and have failed, at
    least. Addresses are None where there is no such page."""

    filters: Filters
    shops: list[Shop]
    accounts: list[Shipper]
    entries: list[Entry]
    failed: int
    is_exact: bool
    columns: tuple[Column, ...]
    previous: str | None
    next: str | None
    is_first_page: bool
    now: datetime

    @property
    def all_columns(self) -> tuple[Column, ...]:
        return COLUMNS

    @property
    def has_many_shops(self) -> bool:
        return len(self.shops) > 1

    @property
    def account_names(self) -> Mapping[str, str]:
        return {str(account.id): account.name for account in self.accounts}

    @property
    def sync_address(self) -> str:
        """What would happen to all of them."""
        return self.filters.address(path="/shipments/sync")

    @property
    def export_address(self) -> str:
        return self.filters.address(path="/shipments.csv")

    def shows(self, name: str) -> bool:
        return any(column.name == name for column in self.columns)


async def shipments_view(connection: Any, frame: Frame, filters: Filters, *, now: datetime) -> ShipmentsView:
    """Raises Problem."""
    asked = filters.asked
    query, among = await shipment_query(connection, asked, frame.reader, sort=asked.sort)
    place = place_in(asked.cursor, query.fingerprint)
    page = await page_of(connection, query, among, place, limit=PAGE_SIZE)
    shops = await frame.shops(connection)
    entries = await _entries(connection, page.shipments, among)
    failed, is_exact = await _failed(connection, query, among)
    return ShipmentsView(
        filters=filters,
        shops=shops,
        accounts=await shippers(connection, frame.reader.shop_ids, None),
        entries=entries,
        failed=failed,
        is_exact=is_exact,
        columns=_columns(frame, shops),
        previous=_address(page.previous, filters, query),
        next=_address(page.next, filters, query),
        is_first_page=asked.cursor is None,
        now=now,
    )


async def _entries(connection: Any, rows: Sequence[ShipmentRow], among: Sequence[Shipper]) -> list[Entry]:
    accounts = {shipper.id: shipper for shipper in among}
    tallies = await tallies_of(connection, {(row.account_id, row.order_id) for row in rows})
    found = [(row, tallies.get((row.account_id, row.order_id))) for row in rows]
    return [
        Entry(row, accounts[row.account_id], fulfilment_of(tally) if tally else None) for row, tally in found
    ]


async def _failed(connection: Any, query: ShipmentQuery, among: Sequence[Shipper]) -> tuple[int, bool]:
    if ShipmentState.FAILED not in query.wanted_states:
        return 0, True
    counts, is_exact = await counted(connection, replace(query, states=(ShipmentState.FAILED,)), among)
    return sum(number for _, number in counts), is_exact


def _columns(frame: Frame, shops: Sequence[Shop]) -> tuple[Column, ...]:
    usual = (*USUAL, "shop") if len(shops) > 1 else USUAL
    return shown_columns(frame.columns("shipments", usual))


def _address(place: Place | None, filters: Filters, query: ShipmentQuery) -> str | None:
    return None if place is None else filters.address(encode(place, query.fingerprint))
