"""Which counter buckets a stretch of time needs."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.windows import start_of_day, told_from, told_until, window_between, window_since

moments = st.integers(10**9, 4 * 10**15).map(
    lambda microseconds: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)
)


@given(moments)
def test_a_window_is_minutes_up_to_a_full_hour(start: datetime) -> None:
    window = window_since(start)
    assert window.start <= start < window.start + timedelta(minutes=1)
    assert window.hours_from.minute == window.hours_from.second == 0
    assert timedelta(0) <= window.hours_from - window.start < timedelta(hours=1)


@given(moments, st.integers(0, 3 * 10**5))
def test_a_window_between_two_moments_is_each_minute_once(start: datetime, seconds: int) -> None:
    window = window_between(start, start + timedelta(seconds=seconds))
    assert window.start <= window.hours_from <= window.hours_to <= window.end
    assert window.end <= start + timedelta(seconds=seconds) < window.end + timedelta(minutes=1)
    for edge in {window.hours_from, window.hours_to} - {window.end}:
        assert edge.minute == 0
    assert max(window.hours_from - window.start, window.end - window.hours_to) < timedelta(hours=1)


def test_where_minutes_are_not_kept_a_moment_is_told_to_the_hour() -> None:
    moment = datetime(2026, 11, 21, 8, 25, 30, tzinfo=UTC)
    eight, hour = datetime(2026, 11, 21, 8, tzinfo=UTC), timedelta(hours=1)
    assert told_until(moment, minutes_since=eight) == eight + timedelta(minutes=25)
    assert told_until(moment, minutes_since=eight + hour) == eight
    assert told_from(moment, minutes_since=eight + hour) == eight + hour


@given(moments, st.sampled_from(sorted(available_timezones())))
def test_the_day_began_at_local_midnight_at_most_a_day_ago(now: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    start = start_of_day(now, zone)
    assert start <= now
    assert now - start <= timedelta(hours=26)
    assert start.astimezone(zone).date() == now.astimezone(zone).date()


@pytest.mark.parametrize(
    ("now", "zone", "start"),
    [
        ("2026-11-21T08:00:00", "Europe/Stockholm", "2026-11-20T23:00:00"),
        ("2026-11-21T08:00:00", "Asia/Kathmandu", "2026-11-20T18:15:00"),
        ("2026-03-29T12:00:00", "Europe/Stockholm", "2026-03-28T23:00:00"),
        ("2026-10-25T12:00:00", "Europe/Stockholm", "2026-10-24T22:00:00"),
    ],
)
def test_known_days(now: str, zone: str, start: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert start_of_day(moment, ZoneInfo(zone)) == datetime.fromisoformat(start).replace(tzinfo=UTC)
