"""Places in lists of tasks come back as they went, and only to the query they belong to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.places import InvalidCursor, Place, decode, encode
from query_api.stories.belonging import OfOrder
from query_api.task_order import Spot, in_order, is_after, place_of, spot_of
from query_api.task_query import Sort, TaskQuery
from query_api.time_spans import Span
from shared.envelope import State
from shared.tasks import TaskType

MOMENT = datetime(2026, 11, 21, 8, tzinfo=UTC)
SINCE = Span(MOMENT)
QUERY = TaskQuery(states=(State.FAILED,), types=(TaskType.SYNC_ORDER,), shop_ids=(1, 2), created=SINCE)
moments = st.timedeltas(timedelta(), timedelta(days=30_000)).map(lambda since: MOMENT + since)
VALUES: dict[Sort, st.SearchStrategy[Any]] = {
    Sort.CREATED: st.none(),
    Sort.STARTED: st.none() | moments,
    Sort.COMPLETED: st.none() | moments,
    Sort.DURATION: st.none() | st.floats(0, 10**9),
    Sort.ATTEMPTS: st.integers(1, 1_000),
    Sort.TYPE: st.sampled_from([one.value for one in TaskType]),
}


@pytest.mark.parametrize("sort", list(Sort))
@given(st.data())
def test_a_place_survives_the_way_out_and_back(sort: Sort, data: st.DataObject) -> None:
    spot = Spot(data.draw(VALUES[sort]), data.draw(st.uuids()))
    place = place_of(spot, is_forward=data.draw(st.booleans()))
    text = encode(place, QUERY.mark)
    assert decode(text, QUERY.mark) == place
    assert spot_of(place, sort) == spot
    assert text.isascii()
    assert "=" not in text


@pytest.mark.parametrize("sort", list(Sort))
@given(st.data(), st.booleans())
def test_an_order_is_total_and_those_without_a_value_come_last(
    sort: Sort, data: st.DataObject, descending: bool
) -> None:
    several = st.lists(
        st.builds(Spot, VALUES[sort], st.uuids()), unique_by=lambda spot: spot.task_id, max_size=9
    )
    spots = in_order(data.draw(several), descending=descending)
    for position, spot in enumerate(spots):
        assert [is_after(other, spot, descending=descending) for other in spots] == [
            number > position for number in range(len(spots))
        ]
    values = [spot.value for spot in spots if spot.value is not None]
    assert values == sorted(values, reverse=descending)
    assert [spot.value for spot in spots[len(values) :]] == [None] * (len(spots) - len(values))


@pytest.mark.parametrize(
    "change",
    [
        {"states": (), "types": (), "shop_ids": None, "created": Span()},
        {"states": (State.QUEUED,)},
        {"shop_ids": None},
        {"created": Span(until=MOMENT)},
        {"started": SINCE},
        {"descending": False},
        {"as_of": MOMENT},
        {"order_numbers": ("1",)},
        {"order": OfOrder("1")},
        {"sort": Sort.TYPE},
    ],
    ids=str,
)
def test_another_query_refuses_it(change: dict[str, Any]) -> None:
    text = encode(Place((None, str(UUID(int=1))), is_forward=True), QUERY.mark)
    with pytest.raises(InvalidCursor, match="another query"):
        decode(text, replace(QUERY, **change).mark)


def test_the_order_of_values_and_the_time_zone_make_no_other_query() -> None:
    same = TaskQuery(
        states=QUERY.states,
        types=QUERY.types,
        shop_ids=(2, 1),
        created=Span(MOMENT.astimezone(tz=datetime.now().astimezone().tzinfo)),
    )
    assert same.mark == QUERY.mark
    assert TaskQuery(created=Span(MOMENT + timedelta(microseconds=1))).mark != QUERY.mark


@given(st.text(max_size=60))
def test_whatever_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidCursor, match="cursor"):
        decode(text, QUERY.mark)


anything = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40)


@pytest.mark.parametrize("sort", list(Sort))
@given(st.lists(anything, max_size=3))
def test_a_place_somebody_made_up_is_refused_or_a_place(sort: Sort, keys: list[Any]) -> None:
    try:
        spot = spot_of(Place(tuple(keys), is_forward=True), sort)
    except InvalidCursor:
        return
    assert isinstance(spot.task_id, UUID)
