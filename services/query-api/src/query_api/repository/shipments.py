"""Shipments: one row for each package that an order's shop or marketplace is told of."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from query_api.repository.shipment_records import ShipmentRow, Shipper, shipment_row
from query_api.shipment_query import ShipmentQuery
from shared.db.queries import load_queries

MOST_FOUND = 5_000
_queries = load_queries(__file__, "shipments")


class TooManyFound(Exception):
    """More shipments than one would look through have the number asked for; `field` names the filter."""

    def __init__(self, field: str) -> None:
        super().__init__(
            f"More than {MOST_FOUND} shipments have this number: name a shop, an account or another number."
        )
        self.field = field


async def shippers(
    connection: Any, shop_ids: Sequence[int] | None, account_ids: Sequence[int] | None
) -> list[Shipper]:
    """Those of these accounts that have shipments; None: of all shops, all of them."""
    records = _queries.accounts_that_ship(connection, shop_ids=None if shop_ids is None else list(shop_ids))
    found = [Shipper(**dict(row)) async for row in records]
    return [shipper for shipper in found if account_ids is None or shipper.id in account_ids]


async def shipments_by_id(connection: Any, ids: Sequence[UUID]) -> list[ShipmentRow]:
    """In the order of the ids; those that do not exist are left out."""
    rows = {row["id"]: shipment_row(row) async for row in _queries.shipments_by_id(connection, ids=list(ids))}
    return [rows[shipment_id] for shipment_id in ids if shipment_id in rows]


async def named_ids(connection: Any, query: ShipmentQuery, among: Sequence[Shipper]) -> list[UUID] | None:
    """The shipments that the query names by a number; None when it names none. Raises TooManyFound."""
    found: set[UUID] | None = None if query.ids is None else set(query.ids)
    for field, records in _searches(connection, query, among):
        ids = {record["id"] async for record in records}
        if len(ids) > MOST_FOUND:
            raise TooManyFound(field)
        found = ids if found is None else found & ids
    return None if found is None else sorted(found)


def _searches(connection: Any, query: ShipmentQuery, among: Sequence[Shipper]) -> list[tuple[str, Any]]:
    account_ids = [shipper.id for shipper in among]
    searches: list[tuple[str, Any]] = []
    if query.order_number is not None:
        terms = {"account_ids": account_ids, "states": list(query.wanted_states)}
        numbers = {"order_numbers": query.order_numbers, "wanted": MOST_FOUND + 1}
        searches.append(("order_number", _queries.ids_by_order_number(connection, **terms, **numbers)))
    if query.shipment_id is not None:
        terms = {"shop_ids": list({shipper.shop_id for shipper in among}), "shipment_id": query.shipment_id}
        searches.append(
            ("shipment_id", _queries.ids_by_shipment_id(connection, **terms, wanted=MOST_FOUND + 1))
        )
    if query.tracking_number is not None:
        terms = {"account_ids": account_ids, "tracking_number": query.tracking_number}
        searches.append(
            ("tracking_number", _queries.ids_by_tracking_number(connection, **terms, wanted=MOST_FOUND + 1))
        )
    return searches
