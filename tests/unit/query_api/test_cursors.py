"""Cursors come back as they went, and only to the query they belong to."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.cursors import Cursor, InvalidCursor, decode, encode
from query_api.task_query import TaskQuery
from shared.envelope import State
from shared.tasks import TaskType

MOMENT = datetime(2026, 11, 21, 8, tzinfo=UTC)
QUERY = TaskQuery(states=(State.FAILED,), types=(TaskType.SYNC_ORDER,), shop_ids=(1, 2), created_from=MOMENT)


@given(st.uuids(), st.booleans())
def test_a_cursor_survives_the_way_out_and_back(task_id: UUID, is_forward: bool) -> None:
    cursor = Cursor(task_id, is_forward)
    text = encode(cursor, QUERY.fingerprint)
    assert decode(text, QUERY.fingerprint) == cursor
    assert text.isascii()
    assert "=" not in text


@pytest.mark.parametrize(
    "other",
    [
        TaskQuery(),
        TaskQuery(states=(State.FAILED,)),
        TaskQuery(states=(State.QUEUED,), types=QUERY.types, shop_ids=(1, 2), created_from=MOMENT),
        TaskQuery(states=QUERY.states, types=QUERY.types, shop_ids=None, created_from=MOMENT),
        TaskQuery(states=QUERY.states, types=QUERY.types, shop_ids=(1, 2), created_to=MOMENT),
        TaskQuery(
            states=QUERY.states, types=QUERY.types, shop_ids=(1, 2), created_from=MOMENT, newest_first=False
        ),
        TaskQuery(states=QUERY.states, types=QUERY.types, shop_ids=(1, 2), created_from=MOMENT, as_of=MOMENT),
    ],
    ids=str,
)
def test_another_query_refuses_it(other: TaskQuery) -> None:
    with pytest.raises(InvalidCursor, match="another query"):
        decode(encode(Cursor(UUID(int=1), is_forward=True), QUERY.fingerprint), other.fingerprint)


def test_the_order_of_values_and_the_time_zone_make_no_other_query() -> None:
    same = TaskQuery(
        states=QUERY.states,
        types=QUERY.types,
        shop_ids=(2, 1),
        created_from=MOMENT.astimezone(tz=datetime.now().astimezone().tzinfo),
    )
    assert same.fingerprint == QUERY.fingerprint
    assert TaskQuery(created_from=MOMENT + timedelta(microseconds=1)).fingerprint != QUERY.fingerprint


@given(st.text(max_size=60))
def test_whatever_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidCursor, match="cursor"):
        decode(text, QUERY.fingerprint)


def test_a_cursor_of_another_version_is_refused() -> None:
    text = encode(Cursor(UUID(int=1), is_forward=True), QUERY.fingerprint)
    with pytest.raises(InvalidCursor, match="version"):
        decode("Ag" + text[2:], QUERY.fingerprint)
