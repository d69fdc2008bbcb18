"""Pages of the list of shipments, walked by keyset in the order of any column."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from query_api.places import Place
from query_api.repository.shipment_records import ShipmentRow, Shipper
from query_api.repository.shipments import named_ids, shipments_by_id
from query_api.shipment_order import KEYS, parts_from, place_of, value_and_id
from query_api.shipment_query import ShipmentQuery
from shared.db.queries import load_queries, load_queries_with

_COLUMN, _TYPE = "s.created_at /* column */", "timestamptz /* type */"
QUERIES = {
    sort: load_queries_with(__file__, "shipment_pages", {_COLUMN: key.column, _TYPE: key.type})
    for sort, key in KEYS.items()
}
_groups = load_queries(__file__, "shipment_groups")
_shipments = load_queries(__file__, "shipments")

Search = tuple[Callable[..., Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """Shipments in the order asked for."""

    shipments: list[ShipmentRow]
    next: Place | None
    previous: Place | None


async def shipment_page(
    connection: Any, query: ShipmentQuery, among: Sequence[Shipper], place: Place | None, *, limit: int
) -> Page:
    """`among`: the accounts the query is about. Raises InvalidCursor and TooManyFound."""
    ids = await _pick(connection, query, among, place, wanted=limit + 1)
    found = await shipments_by_id(connection, ids[:limit])
    is_forward = place is None or place.is_forward
    ends = [place_of(row, query.sort, among, is_forward=is_forward) for row in found[:1] + found[-1:]]
    onward = ends[-1] if len(ids) > limit else None
    back = _way_back(ends, place)
    return Page(found, onward, back) if is_forward else Page(found[::-1], back, onward)


def _way_back(ends: Sequence[Place], place: Place | None) -> Place | None:
    """Where we came from, if we came from somewhere; an empty page leads back to where its cursor stood."""
    if place is None:
        return None
    return Place((ends[0] if ends else place).keys, not place.is_forward)


async def _pick(
    connection: Any, query: ShipmentQuery, among: Sequence[Shipper], place: Place | None, *, wanted: int
) -> list[UUID]:
    named = await named_ids(connection, query, among)
    if named is not None or query.is_cut_across:
        await _shipments.plan_for_search(connection)
    search = _by_key if query.sort in KEYS else _by_group
    find, terms = search(query, among, place)
    records = find(connection, **terms, **filters(query, named), wanted=wanted)
    return [record["id"] async for record in records]


def filters(query: ShipmentQuery, named: list[UUID] | None) -> dict[str, Any]:
    """The terms that all queries over shipments share. `named`: the ids that its numbers stand for."""
    return {
        "ids": named,
        "created_from": query.created.since,
        "created_to": query.created.until,
        "attempted_from": query.attempted_since,
        "attempted_to": query.attempted.until,
    }


def _by_key(query: ShipmentQuery, among: Sequence[Shipper], place: Place | None) -> Search:
    value, shipment_id = (None, None) if place is None else value_and_id(place, query.sort)
    terms = {
        "account_ids": [shipper.id for shipper in among],
        "states": list(query.wanted_states),
        "is_first": place is None,
        "value": value,
        "id": shipment_id,
    }
    queries = QUERIES[query.sort]
    return (queries.down if _is_down(query, place) else queries.up), terms


def _by_group(query: ShipmentQuery, among: Sequence[Shipper], place: Place | None) -> Search:
    is_down = _is_down(query, place)
    parts = parts_from(place, query.sort, among, query.wanted_states, descending=is_down)
    terms = {
        "account_ids": [part.account_id for part in parts],
        "states": [part.state for part in parts],
        "ranks": [part.rank for part in parts],
        "bounds": [part.bound for part in parts],
    }
    return (_groups.down if is_down else _groups.up), terms


def _is_down(query: ShipmentQuery, place: Place | None) -> bool:
    return query.descending == (place is None or place.is_forward)
