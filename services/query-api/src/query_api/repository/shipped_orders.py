"""Orders with shipments, and how each stands."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from query_api.order_query import OrderQuery
from query_api.places import Place, malformed, moment_of
from query_api.repository.shipment_records import Shipper
from query_api.shipment_words import ShipmentState, Tally
from shared.db.queries import load_queries

_queries = load_queries(__file__, "shipped_orders")


@dataclass(frozen=True, slots=True)
class OrderRow:
    """`status`: what its shop or marketplace says of it; None: not known here."""

    account_id: int
    order_id: str
    order_number: str | None
    state: ShipmentState
    tally: Tally
    first_at: datetime
    updated_at: datetime
    status: str | None
    ordered_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderPage:
    orders: list[OrderRow]
    next: Place | None
    previous: Place | None


async def order_page(
    connection: Any, query: OrderQuery, among: Sequence[Shipper], place: Place | None, *, limit: int
) -> OrderPage:
    """`among`: the accounts the query is about. Raises InvalidCursor."""
    is_forward = place is None or place.is_forward
    records = await _pick(connection, query, among, place, wanted=limit + 1)
    found = await _known(connection, records[:limit])
    ends = [_place_of(row, is_forward=is_forward) for row in found[:1] + found[-1:]]
    onward = ends[-1] if len(records) > limit else None
    back = None if place is None else Place((ends[0] if ends else place).keys, not is_forward)
    return OrderPage(found, onward, back) if is_forward else OrderPage(found[::-1], back, onward)


async def find_order(connection: Any, account_id: int, order_id: str) -> OrderRow | None:
    records = _queries.shipped_order(connection, account_id=account_id, order_id=order_id)
    found = await _known(connection, [record async for record in records])
    return found[0] if found else None


async def tallies_of(connection: Any, orders: Collection[tuple[int, str]]) -> dict[tuple[int, str], Tally]:
    """How orders stand, by account and id there."""
    places = {"account_ids": [account for account, _ in orders], "order_ids": [order for _, order in orders]}
    records = _queries.shipped_orders_of(connection, **places)
    return {(record["account_id"], record["order_id"]): _tally(record) async for record in records}


async def _pick(
    connection: Any, query: OrderQuery, among: Sequence[Shipper], place: Place | None, *, wanted: int
) -> list[Any]:
    is_forward = place is None or place.is_forward
    first_at, order_id, account_id = (None, None, None) if place is None else _start(place)
    find = _queries.newest if query.newest_first == is_forward else _queries.oldest
    records = find(
        connection,
        account_ids=[shipper.id for shipper in among],
        states=list(query.states or ShipmentState),
        is_first=place is None,
        first_at=first_at,
        account_id=account_id,
        order_id=order_id,
        since=query.first_shipment.since,
        until=query.first_shipment.until,
        wanted=wanted,
    )
    return [record async for record in records]


async def _known(connection: Any, records: Sequence[Any]) -> list[OrderRow]:
    places = {
        "account_ids": [record["account_id"] for record in records],
        "order_ids": [record["order_id"] for record in records],
    }
    known = {
        (row["account_id"], row["order_id"]): row async for row in _queries.known_orders(connection, **places)
    }
    return [_row(record, known[record["account_id"], record["order_id"]]) for record in records]


def _row(record: Any, known: Any) -> OrderRow:
    return OrderRow(
        account_id=record["account_id"],
        order_id=record["order_id"],
        order_number=record["order_number"],
        state=ShipmentState(record["state"]),
        tally=_tally(record),
        first_at=record["first_at"],
        updated_at=record["updated_at"],
        status=known["status"],
        ordered_at=_when(known["ordered_at"]),
    )


def _tally(record: Any) -> Tally:
    return Tally(**{field.name: record[field.name] for field in fields(Tally)})


def _place_of(row: OrderRow, *, is_forward: bool) -> Place:
    return Place((row.first_at.isoformat(), row.order_id, row.account_id), is_forward)


def _start(place: Place) -> tuple[datetime, str, int]:
    match place.keys:
        case (str(moment), str(order_id), int(account_id)) if (
            "\0" not in order_id and 0 <= account_id < 2**63
        ):
            return moment_of(moment), order_id, account_id
    raise malformed()


def _when(text: str | None) -> datetime | None:
    """What a shop said is no reason to show no list."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
