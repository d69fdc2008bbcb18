"""What events say about a task, and how they move the counters."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.recorder.events import Event
from query_api.recorder.fold import Counters, Kind, Tally, left_state, task_row
from query_api.spreads import EDGES_MS, UNITS, spread_of
from shared.envelope import State
from shared.identity import first_id_at

NOON = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
TASK = UUID(int=first_id_at(NOON).int + 7)
FAILURE = {"kind": "connection", "message": "away", "remedy": "wait", "place": "p", "fingerprint": "f"}


def event(state: State, attempt: int = 1, *, at: datetime = NOON, header: Any = None, **detail: Any) -> Event:
    known = {"shop_id": 1, "type": "SyncContact", "max_attempts": 5, "queued_at": NOON.isoformat()}
    return Event(TASK, attempt, state, at, "test", known | (header or {}), detail)


RETRIED = [
    event(State.QUEUED),
    event(State.PROCESSING, started_at=NOON.isoformat()),
    event(State.RETRYING, duration_ms=12.5, failure=FAILURE, due_at=NOON.isoformat(), items_failed=0),
    event(State.PROCESSING, 2, started_at=NOON.isoformat()),
    event(State.SUCCEEDED, 2, duration_ms=7.0, target_id="c-1", at=NOON + timedelta(hours=1)),
]


@pytest.mark.parametrize("length", range(1, len(RETRIED) + 1))
def test_the_order_of_events_does_not_matter(length: int) -> None:
    rows = {repr(task_row(order)) for order in itertools.permutations(RETRIED[:length])}
    assert len(rows) == 1


def test_a_new_task_has_a_position_and_no_report() -> None:
    row = task_row(RETRIED[:1])
    assert (row.state, row.state_rank, row.attempt, row.report_order) == ("queued", 0, 1, 0)
    assert (row.created_at, row.started_at, row.completed_at) == (NOON, None, None)


def test_a_retrying_task_says_why_and_when_it_goes_on() -> None:
    row = task_row(RETRIED[:3])
    assert (row.state, row.error_message, row.duration_ms, row.due_at) == ("retrying", "away", 12.5, NOON)
    assert row.items_failed == 0


def test_the_next_attempt_keeps_the_report_of_the_last_one() -> None:
    row = task_row(RETRIED[:4])
    assert (row.state, row.attempt, row.error_message, row.due_at) == ("processing", 2, "away", None)


def test_success_leaves_no_error() -> None:
    row = task_row(RETRIED)
    assert (row.state, row.error_message, row.target_id, row.duration_ms) == ("succeeded", None, "c-1", 7.0)
    assert row.completed_at == NOON + timedelta(hours=1)


def test_a_cancelled_task_is_over_and_says_by_whom() -> None:
    row = task_row([*RETRIED[:3], event(State.CANCELLED, 2, note="Cancelled by Ada")])
    assert (row.state, row.completed_at, row.note) == ("cancelled", NOON, "Cancelled by Ada")
    assert (row.error_message, row.duration_ms, row.due_at) == (None, None, None)


def test_a_higher_attempt_wins_over_a_higher_rank() -> None:
    assert task_row([event(State.PROCESSING, 2), event(State.FAILED, 1)]).state == "processing"


def test_the_latest_header_stands() -> None:
    grown = event(State.RETRYING, header={"max_attempts": 6, "source_id": "s"})
    row = task_row([grown, event(State.QUEUED)])
    assert (row.max_attempts, row.source_id) == (6, "s")


@pytest.mark.parametrize(
    ("state", "is_first", "left"),
    [
        (State.QUEUED, True, None),
        (State.PROCESSING, True, State.QUEUED),
        (State.PROCESSING, False, State.RETRYING),
        (State.RETRYING, True, State.PROCESSING),
        (State.SUCCEEDED, True, State.PROCESSING),
        (State.FAILED, False, State.PROCESSING),
        (State.CANCELLED, True, State.QUEUED),
        (State.CANCELLED, False, State.RETRYING),
    ],
)
def test_a_task_leaves_the_state_it_was_in(state: State, is_first: bool, left: State | None) -> None:
    assert left_state(state, is_first=is_first) is left


def test_after_a_whole_life_only_the_last_state_counts() -> None:
    assert _counted(RETRIED).now() == [(Kind(1, "SyncContact", 0, State.SUCCEEDED), 1)]


def test_statistics_say_when_a_state_was_entered_and_what_it_took() -> None:
    hours = dict(_counted(RETRIED).by_hour())
    succeeded = (NOON.replace(hour=13, second=0), Kind(1, "SyncContact", 0, State.SUCCEEDED))
    processing = (NOON.replace(second=0), Kind(1, "SyncContact", 0, State.PROCESSING))
    assert hours[succeeded]._replace(spread=0) == Tally(1, 7, 0, 0)
    assert hours[processing]._replace(spread=0) == Tally(2, 0, 0, 0)


def test_statistics_say_how_long_attempts_took_and_waited_by_class() -> None:
    counted = _counted(
        [
            event(State.QUEUED),
            event(State.PROCESSING, started_at=(NOON + timedelta(milliseconds=5)).isoformat()),
            event(State.RETRYING, duration_ms=EDGES_MS[0] - 0.001),
            event(State.PROCESSING, 2, started_at=NOON.isoformat(), waited_ms=float(EDGES_MS[2])),
            event(State.RETRYING, 2, duration_ms=float(EDGES_MS[0])),
            event(State.PROCESSING, 3, started_at=NOON.isoformat()),
        ]
    )
    spreads = {bucket[1].state: tally.spread for bucket, tally in counted.by_minute()}
    assert spreads == {
        State.QUEUED: 0,
        State.PROCESSING: UNITS[1] + UNITS[3],
        State.RETRYING: UNITS[0] + UNITS[1],
    }


@given(st.lists(st.floats(0, 1e9), max_size=30))
def test_spreads_of_minutes_add_up_to_those_of_hours(durations: list[float]) -> None:
    events = [
        event(State.FAILED, duration_ms=duration, at=NOON.replace(minute=number))
        for number, duration in enumerate(durations)
    ]
    counted = _counted(events)
    added = sum(tally.spread for _, tally in counted.by_minute())
    assert added == sum(map(spread_of, durations))
    assert [tally.spread for _, tally in counted.by_hour()] == ([added] if durations else [])


def test_buckets_are_whole_minutes_and_hours_of_utc() -> None:
    local = NOON.astimezone(tz=None)
    counters = _counted([event(State.QUEUED, at=local + timedelta(minutes=59, seconds=29))])
    assert counters.by_minute()[0][0][0] == NOON.replace(minute=59, second=0)
    assert counters.by_hour()[0][0][0] == NOON.replace(second=0)


@given(st.lists(st.floats(0, 1e9), max_size=30), st.randoms())
def test_sums_do_not_depend_on_the_order(durations: list[float], shuffler: Any) -> None:
    events = [event(State.SUCCEEDED, duration_ms=duration) for duration in durations]
    shuffled = events.copy()
    shuffler.shuffle(shuffled)
    assert _counted(events).by_minute() == _counted(shuffled).by_minute()


def _counted(events: list[Event]) -> Counters:
    counters = Counters()
    for item in events:
        counters.add(item)
    return counters
