"""Hours that count, in the shop's time zone, on days whose clocks are set as on others."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from shared.alerts.windows import DailyWindow
from tests.unit.shared.alerts.wall_clocks import STEP, changes, open_time

PRAGUE = ZoneInfo("Europe/Prague")
ZONES = (
    "UTC",
    "Africa/Cairo",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Prague",
    "Pacific/Apia",
    "Pacific/Chatham",
)
DAY = timedelta(days=1)
OFFICE, NIGHT, ALWAYS = (time(6), time(21)), (time(22), time(2)), (time(0), time(0))
EARLY, LATE = (time(2, 30), time(5)), (time(22), time(2, 30))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def window(hours: tuple[time, time], zone: ZoneInfo = PRAGUE) -> DailyWindow:
    return DailyWindow(*hours, zone)


@pytest.mark.parametrize(
    ("what", "hours", "start", "end", "minutes"),
    [
        ("inside", OFFICE, "2026-11-20 08:00", "2026-11-20 14:00", 360),
        ("before it opens", OFFICE, "2026-11-19 21:00", "2026-11-20 05:00", 0),
        ("the night does not count", OFFICE, "2026-11-19 18:00", "2026-11-20 07:00", 120 + 120),
        ("several days add up", OFFICE, "2026-11-17 23:00", "2026-11-20 23:00", 3 * 900),
        ("over midnight", NIGHT, "2026-11-20 12:00", "2026-11-21 12:00", 240),
        ("begun over midnight", NIGHT, "2026-11-21 00:30", "2026-11-21 12:00", 30),
        ("the whole day", ALWAYS, "2026-11-19 18:00", "2026-11-20 07:00", 780),
        ("nothing of no time", OFFICE, "2026-11-20 08:00", "2026-11-20 08:00", 0),
        ("nothing backwards", ALWAYS, "2026-11-20 08:00", "2026-11-20 07:00", 0),
        ("a night one hour short", NIGHT, "2026-03-28 12:00", "2026-03-29 12:00", 240),
        ("closing in the hour left out", LATE, "2026-03-28 12:00", "2026-03-29 12:00", 270),
        ("opening in the hour left out", EARLY, "2026-03-28 22:00", "2026-03-29 12:00", 90),
        ("opening in the hour that comes twice", EARLY, "2026-10-24 22:00", "2026-10-25 12:00", 210),
        ("closing in the hour that comes twice", LATE, "2026-10-24 12:00", "2026-10-25 12:00", 330),
        ("a whole day of 23 hours", ALWAYS, "2026-03-28 23:00", "2026-03-29 22:00", 1380),
    ],
)  # fmt: skip
def test_only_time_inside_counts(
    what: str, hours: tuple[time, time], start: str, end: str, minutes: int
) -> None:
    assert window(hours).counted(utc(start), utc(end)) == timedelta(minutes=minutes), what


def test_windows_that_touch_in_the_hour_that_comes_twice_count_it_once() -> None:
    nearly_always = window((time(2, 40), time(2, 20)))
    assert nearly_always.counted(utc("2026-10-24 12:00"), utc("2026-10-26 12:00")) == 2 * DAY - timedelta(
        minutes=20
    )


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-20 04:59", False),
        ("2026-11-20 05:00", True),
        ("2026-11-20 19:59", True),
        ("2026-11-20 20:00", False),
    ],
)
def test_it_is_open_from_the_first_moment_and_closed_from_the_last(at: str, is_open: bool) -> None:
    assert window(OFFICE).is_open(utc(at)) is is_open
    assert window(ALWAYS).is_open(utc(at))


def test_its_length_is_that_of_a_usual_day() -> None:
    lengths = [window(hours).length for hours in (OFFICE, NIGHT, ALWAYS)]
    assert lengths == [timedelta(hours=15), timedelta(hours=4), timedelta(hours=24)]


TIMES = st.builds(time, st.integers(0, 4) | st.integers(0, 23), st.integers(0, 11).map(lambda n: 5 * n))
HOURS = st.tuples(TIMES, TIMES).filter(lambda hours: hours[0] != hours[1])


@st.composite
def spans(draw: st.DrawFn) -> tuple[ZoneInfo, datetime, datetime]:
    """Some days of a zone, more often than not those about a change of its clocks."""
    zone, year = ZoneInfo(draw(st.sampled_from(ZONES))), draw(st.integers(2008, 2034))
    midnight = draw(st.sampled_from((*changes(zone, year), datetime(year, 7, 1, tzinfo=UTC))))
    start = midnight + STEP * draw(st.integers(-2 * 288, 288))
    return zone, start, start + STEP * draw(st.integers(0, 3 * 288))


@settings(max_examples=150, deadline=None)
@given(spans(), HOURS)
@example((ZoneInfo("Pacific/Apia"), utc("2011-12-29 00:00"), utc("2011-12-31 20:00")), (time(9), time(17)))
@example((ZoneInfo("Pacific/Apia"), utc("2011-12-29 00:00"), utc("2011-12-31 20:00")), (time(20), time(4)))
def test_it_counts_as_a_clock_on_the_wall_does(
    span: tuple[ZoneInfo, datetime, datetime], hours: tuple[time, time]
) -> None:
    zone, start, end = span
    assert window(hours, zone).counted(start, end) == open_time(start, end, hours, zone)


@given(spans(), HOURS, st.integers(1, 14 * 288))
@settings(deadline=None)
def test_an_amount_is_reached_when_so_much_has_been_counted(
    span: tuple[ZoneInfo, datetime, datetime], hours: tuple[time, time], steps: int
) -> None:
    zone, start, _ = span
    assume(window(hours, zone).length * 60 >= steps * STEP)
    reached = window(hours, zone).reached(start, steps * STEP)
    assert window(hours, zone).counted(start, reached) == steps * STEP
    assert window(hours, zone).counted(start, reached - timedelta(seconds=1)) < steps * STEP


@given(spans(), HOURS, st.integers(0, 3 * 288))
@settings(deadline=None)
def test_what_is_counted_in_parts_adds_up(
    span: tuple[ZoneInfo, datetime, datetime], hours: tuple[time, time], steps: int
) -> None:
    zone, start, end = span
    between = min(start + steps * STEP, end)
    daily = window(hours, zone)
    assert daily.counted(start, between) + daily.counted(between, end) == daily.counted(start, end)
