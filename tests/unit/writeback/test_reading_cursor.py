"""Where a reading goes on, and where the next one begins."""

from datetime import UTC, datetime, timedelta

from writeback.reading.cursor import Cursor, cursor_of

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_first_reading_asks_for_the_history() -> None:
    assert cursor_of(None, first_since=NOON - HOUR) == Cursor(NOON - HOUR)


def test_a_reading_under_way_goes_on_where_it_was() -> None:
    cursor = Cursor(NOON - HOUR, NOON, "page 3")
    assert cursor_of(cursor.as_json(), first_since=NOON).begun(NOON + HOUR) == cursor


def test_a_reading_that_broke_off_long_ago_begins_again() -> None:
    cursor = Cursor(NOON - HOUR, NOON, "page 3").begun(NOON + timedelta(days=2))
    assert (cursor.since, cursor.after) == (NOON - HOUR, None)


def test_the_next_reading_begins_some_time_before_this_one_did() -> None:
    cursor = Cursor(NOON - 5 * HOUR, NOON, "last page")
    assert cursor.finished(overlap=timedelta(minutes=10)) == Cursor(NOON - timedelta(minutes=10))


def test_the_next_reading_never_begins_before_this_one() -> None:
    assert Cursor(NOON, NOON).finished(overlap=HOUR) == Cursor(NOON)
