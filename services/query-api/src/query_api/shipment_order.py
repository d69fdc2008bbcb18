"""The orders a list of shipments can have, and where in them a row stands. Pure.

Most are by a column, with an index for each. By account or state, whole ranges of rows follow each other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

from query_api.places import Place, id_of, malformed, moment_of
from query_api.repository.shipment_records import ShipmentRow, Shipper
from query_api.shipment_query import Sort

LOWEST, HIGHEST = UUID(int=0), UUID(int=2**128 - 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 2**31 - 1
Group = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """`column` and `type` as the index has them; `of` gives a row's value, `NULL` as the index has it."""

    column: str
    type: str
    of: Callable[[ShipmentRow], Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A range of the list: of one account in one state. `bound`: the id at which the page begins in it."""

    account_id: int
    state: str
    rank: int
    bound: UUID


KEYS: Mapping[Sort, Key] = {
    Sort.CREATED: Key("s.created_at", "timestamptz", lambda row: row.created_at),
    Sort.ORDER_NUMBER: Key("coalesce(s.order_number, '')", "text", lambda row: row.order_number or ""),
    Sort.CARRIER: Key("s.carrier", "text", lambda row: row.carrier),
    Sort.QUANTITY: Key("s.quantity", "integer", lambda row: row.quantity),
    Sort.LAST_ATTEMPT: Key(
        "coalesce(s.last_attempt_at, 'epoch'::timestamptz)",
        "timestamptz",
        lambda row: row.last_attempt_at or _EPOCH,
    ),
    Sort.ERROR_COUNT: Key("s.error_count", "integer", lambda row: row.error_count),
    Sort.SYNCED_AT: Key(
        "coalesce(s.synced_at, 'epoch'::timestamptz)", "timestamptz", lambda row: row.synced_at or _EPOCH
    ),
}


def place_of(row: ShipmentRow, sort: Sort, among: Iterable[Shipper], *, is_forward: bool) -> Place:
    """`among`: the accounts of the list."""
    if (key := KEYS.get(sort)) is not None:
        value = key.of(row)
        kept = value.isoformat() if isinstance(value, datetime) else value
        return Place((kept, str(row.id)), is_forward)
    shipper = next(shipper for shipper in among if shipper.id == row.account_id)
    return Place((*_group(shipper, row.state, sort), str(row.id)), is_forward)


def value_and_id(place: Place, sort: Sort) -> tuple[Any, UUID]:
    """Raises InvalidCursor for a place that somebody made up."""
    if len(place.keys) != 2:
        raise malformed()
    return _value(place.keys[0], KEYS[sort].type), id_of(place)


def parts_from(
    place: Place | None, sort: Sort, among: Sequence[Shipper], states: Sequence[str], *, descending: bool
) -> list[Part]:
    """The ranges that a page reaches from a place on, in no order. Raises InvalidCursor."""
    groups = [(_group(shipper, state, sort), shipper.id, state) for shipper, state in product(among, states)]
    ranks = {group: rank for rank, group in enumerate(sorted({group for group, _, _ in groups}))}
    edge = HIGHEST if descending else LOWEST
    if place is None:
        return [Part(account_id, state, ranks[group], edge) for group, account_id, state in groups]
    start, bound = _start(place, sort), id_of(place)
    return [
        Part(account_id, state, ranks[group], bound if group == start else edge)
        for group, account_id, state in groups
        if group == start or (group < start) == descending
    ]


def _group(shipper: Shipper, state: str, sort: Sort) -> Group:
    return (shipper.name.casefold(), shipper.id) if sort is Sort.ACCOUNT else (str(state),)


def _start(place: Place, sort: Sort) -> Group:
    match sort, place.keys[:-1]:
        case Sort.ACCOUNT, (str(name), int(account_id)):
            return (name, account_id)
        case Sort.STATE, (str(state),):
            return (state,)
    raise malformed()


def _value(kept: Any, type_name: str) -> Any:
    match type_name, kept:
        case "text", str() if "\0" not in kept:
            return kept
        case "integer", int() if not isinstance(kept, bool) and abs(kept) <= _LARGEST:
            return kept
        case "timestamptz", str():
            return moment_of(kept)
    raise malformed()
