"""Places in lists sorted by any column come back as they went, and only to their own list."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.order_query import OrderQuery
from query_api.places import InvalidCursor, Place, decode, encode
from query_api.shipment_order import parts_from, value_and_id
from query_api.shipment_query import SORTS, ShipmentQuery, Sort, parse_sort, parse_states
from query_api.shipment_words import ShipmentState
from query_api.task_query import UnknownWord
from query_api.time_spans import Span
from tests.unit.query_api.test_shipment_words import SELLER

MOMENT = datetime(2026, 11, 21, 8, tzinfo=UTC)
QUERY = ShipmentQuery(states=(ShipmentState.FAILED,), shop_ids=(1, 2), created=Span(MOMENT))
ID = "01890000-0000-7000-8000-000000000001"
_keys = st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=20)


@given(st.lists(_keys, min_size=1, max_size=3), st.booleans())
def test_a_place_survives_the_way_out_and_back(keys: list[Any], is_forward: bool) -> None:
    place = Place(tuple(keys), is_forward)
    text = encode(place, QUERY.fingerprint)
    assert decode(text, QUERY.fingerprint) == place
    assert text.isascii()


@pytest.mark.parametrize(
    "other",
    [
        ShipmentQuery(),
        ShipmentQuery(states=(ShipmentState.SYNCED,), shop_ids=(1, 2), created=Span(MOMENT)),
        ShipmentQuery(states=QUERY.states, shop_ids=None, created=Span(MOMENT)),
        ShipmentQuery(states=QUERY.states, shop_ids=(1, 2), created=Span(None, MOMENT)),
        ShipmentQuery(states=QUERY.states, shop_ids=(1, 2), attempted=Span(MOMENT)),
        ShipmentQuery(states=QUERY.states, shop_ids=(1, 2), created=Span(MOMENT), sort=Sort.CARRIER),
        ShipmentQuery(states=QUERY.states, shop_ids=(1, 2), created=Span(MOMENT), descending=False),
        ShipmentQuery(states=QUERY.states, shop_ids=(1, 2), created=Span(MOMENT), order_number="1"),
        OrderQuery(states=QUERY.states, shop_ids=(1, 2), first_shipment=Span(MOMENT)),
    ],
    ids=str,
)
def test_another_list_refuses_it(other: ShipmentQuery | OrderQuery) -> None:
    with pytest.raises(InvalidCursor, match="another query"):
        decode(encode(Place(("x", ID), is_forward=True), QUERY.fingerprint), other.fingerprint)


def test_the_order_of_values_and_the_time_zone_make_no_other_list() -> None:
    elsewhere = MOMENT.astimezone(tz=datetime.now().astimezone().tzinfo)
    assert ShipmentQuery(states=QUERY.states, shop_ids=(2, 1), created=Span(elsewhere)).fingerprint == (
        QUERY.fingerprint
    )
    later = Span(MOMENT + timedelta(microseconds=1))
    assert ShipmentQuery(created=later).fingerprint != ShipmentQuery(created=Span(MOMENT)).fingerprint


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: raw.hex()))
def test_whatever_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidCursor, match="cursor"):
        decode(text, QUERY.fingerprint)


@pytest.mark.parametrize(
    ("sort", "keys"),
    [
        (Sort.CREATED, ("yesterday", ID)),
        (Sort.CREATED, ("2026-11-21T08:00:00", ID)),
        (Sort.CREATED, ("0001-01-01T00:00:00+14:00", ID)),
        (Sort.CREATED, (5, ID)),
        (Sort.CARRIER, ("a\0b", ID)),
        (Sort.CARRIER, (None, ID)),
        (Sort.QUANTITY, (2**40, ID)),
        (Sort.QUANTITY, (True, ID)),
        (Sort.QUANTITY, (1, "no id")),
        (Sort.QUANTITY, (1, 7)),
        (Sort.QUANTITY, (ID,)),
    ],
    ids=str,
)
def test_made_up_keys_are_refused_before_they_reach_the_database(sort: Sort, keys: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidCursor):
        value_and_id(Place(keys, is_forward=True), sort)


@pytest.mark.parametrize("keys", [(ID,), ("a", ID), ("a", "b", ID), (1, 1, ID)], ids=str)
def test_made_up_groups_are_refused(keys: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidCursor):
        parts_from(Place(keys, is_forward=True), Sort.ACCOUNT, [SELLER], ["failed"], descending=True)


def test_sorts_and_states_are_read_in_any_case() -> None:
    assert [parse_sort(word) for word in SORTS[:2]] == [(Sort.CREATED, True), (Sort.CREATED, False)]
    assert len(SORTS) == 2 * len(Sort)
    assert parse_states(["Success", "FAILED"]) == (ShipmentState.SYNCED, ShipmentState.FAILED)
    for wrong in (lambda: parse_sort("price"), lambda: parse_states(["done"])):
        with pytest.raises(UnknownWord):
            wrong()


def test_an_order_number_is_found_with_and_without_its_sign() -> None:
    assert ShipmentQuery(order_number="#7").order_numbers == ["#7", "7"]
    assert ShipmentQuery(order_number="7").order_numbers == ["7", "#7"]
