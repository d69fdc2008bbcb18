"""What a list was asked for, as ranges of ids and as states."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.task_query import (
    NEAR,
    IdRange,
    TaskQuery,
    UnknownWord,
    id_range,
    near,
    parse_states,
    parse_types,
    spans,
)
from query_api.time_spans import Span
from shared.envelope import State
from shared.tasks import TaskType

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
HIGHEST = UUID(int=2**128 - 1)
moments = st.integers(10**9, 4 * 10**15).map(
    lambda microseconds: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)
)
offsets = st.timedeltas(timedelta(days=-400), timedelta(days=400))


def _id_at(moment: datetime, noise: int = 0) -> UUID:
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return UUID(int=(milliseconds << 80) | noise)


@given(moments, st.integers(0, 2**80 - 1))
def test_a_range_of_creation_holds_the_ids_of_its_milliseconds(moment: datetime, noise: int) -> None:
    whole = moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)
    within = id_range(TaskQuery(created=Span(whole, whole + timedelta(milliseconds=1))))
    assert within.low <= _id_at(whole, noise) < within.high
    assert not within.low <= _id_at(whole - timedelta(milliseconds=1), noise) < within.high
    assert not within.low <= _id_at(whole + timedelta(milliseconds=1), noise) < within.high


def test_a_moment_within_a_millisecond_begins_at_the_next_one() -> None:
    asked = NOW + timedelta(microseconds=1)
    assert id_range(TaskQuery(created=Span(asked))).low == _id_at(NOW + timedelta(milliseconds=1))


def test_what_was_created_in_an_hour_began_and_ended_about_then() -> None:
    hour = Span(NOW, NOW + timedelta(hours=1))
    assert near(id_range(TaskQuery(created=hour))) == Span(NOW - NEAR, NOW + timedelta(hours=1) + NEAR)
    assert near(id_range(TaskQuery(created=Span(NOW)))) == Span(NOW - NEAR)
    assert near(IdRange()) == Span()


def test_what_was_created_at_the_end_of_time_did_so_too() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert near(id_range(TaskQuery(created=Span(until=last)))) == Span(until=last)
    assert near(id_range(TaskQuery(created=Span(last)))) == Span(last - NEAR)
    assert near(id_range(TaskQuery(created=Span(first)))) == Span()


def test_the_past_has_no_ids_of_the_future() -> None:
    assert id_range(TaskQuery(as_of=NOW)).high == _id_at(NOW + timedelta(minutes=5))
    assert id_range(TaskQuery(as_of=NOW, created=Span(until=NOW))).high == _id_at(NOW)


@given(offsets, offsets, st.booleans())
def test_spans_cover_a_range_without_gap_or_overlap(start: timedelta, end: timedelta, newest: bool) -> None:
    low, high = sorted((NOW + start, NOW + end))
    for within in (
        IdRange(_id_at(low), _id_at(high)),
        IdRange(),
        IdRange(high=_id_at(high)),
        IdRange(low=_id_at(low)),
    ):
        parts = spans(within, newest=newest, end=_id_at(NOW))
        if within.low == within.high:
            assert parts == []
            continue
        in_order = parts[::-1] if newest else parts
        assert (in_order[0].low, in_order[-1].high) == (within.low, within.high)
        assert all(before.high == after.low for before, after in pairwise(in_order))
        assert all(part.low < part.high for part in parts)


def test_the_first_span_of_the_newest_is_short() -> None:
    first, *_ = spans(IdRange(), newest=True, end=_id_at(NOW))
    assert first == IdRange(_id_at(NOW - timedelta(days=2)), HIGHEST)


def test_the_first_span_of_the_oldest_is_short() -> None:
    first, *_ = spans(IdRange(), newest=False, end=_id_at(NOW))
    assert first == IdRange(IdRange().low, _id_at(NOW + timedelta(days=2)))
    first, *_ = spans(IdRange(low=_id_at(NOW + timedelta(days=9))), newest=False, end=_id_at(NOW))
    assert first == IdRange(_id_at(NOW + timedelta(days=9)), _id_at(NOW + timedelta(days=11)))


@pytest.mark.parametrize(
    ("words", "states"),
    [
        ([], ()),
        (["failed"], (State.FAILED,)),
        (["Pending"], (State.QUEUED, State.PROCESSING, State.RETRYING)),
        (["error", "failed", "success"], (State.FAILED, State.SUCCEEDED)),
    ],
)
def test_words_become_states(words: list[str], states: tuple[State, ...]) -> None:
    assert parse_states(words) == states


def test_unknown_words_are_named_with_those_there_are() -> None:
    with pytest.raises(UnknownWord) as refused:
        parse_states(["failed", "broken"])
    assert refused.value.word == "broken"
    assert {"failed", "pending"} <= set(refused.value.known)
    with pytest.raises(UnknownWord):
        parse_types(["Sync"])
    assert parse_types(["syncorder", "SyncOrder"]) == (TaskType.SYNC_ORDER,)
