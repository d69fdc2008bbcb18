"""Buckets of time without a gap, over nights in which clocks change, and the counters that fill them."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.figures.buckets import Buckets, buckets_of, counters_for, first_kept, together, whole
from query_api.figures.spans import Span, Untellable, stepped_span, whole_span

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NEVER = datetime(2020, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def days_of(zone: str, start: datetime, end: datetime) -> Buckets:
    return buckets_of(Span(start, end), "day", ZoneInfo(zone))


def moments(first: str, last: str) -> st.SearchStrategy[datetime]:
    start, end = (datetime.fromisoformat(day) for day in (first, last))
    return st.datetimes(start, end, timezones=st.just(UTC))


def lengths(buckets: Buckets) -> list[float]:
    return [(end - start) / HOUR for start, end in pairwise(buckets.edges)]


@pytest.mark.parametrize(
    ("zone", "first", "last", "hours"),
    [
        ("Europe/Stockholm", date(2026, 3, 28), date(2026, 3, 30), [24, 23, 24]),
        ("Europe/Stockholm", date(2026, 10, 24), date(2026, 10, 26), [24, 25, 24]),
        ("Australia/Lord_Howe", date(2026, 4, 4), date(2026, 4, 6), [24, 24.5, 24]),
        ("America/Sao_Paulo", date(2018, 11, 3), date(2018, 11, 5), [24, 23, 24]),
        ("America/Havana", date(2026, 10, 31), date(2026, 11, 2), [24, 25, 24]),
        ("Asia/Kathmandu", date(2026, 5, 1), date(2026, 5, 2), [24, 24]),
    ],
)
def test_days_are_as_long_as_they_are_where_the_shop_is(
    zone: str, first: date, last: date, hours: list[float]
) -> None:
    noon = timedelta(hours=12)
    start, end = (datetime.combine(day, datetime.min.time(), ZoneInfo(zone)) + noon for day in (first, last))
    buckets = days_of(zone, start.astimezone(UTC), end.astimezone(UTC))
    assert lengths(buckets) == hours
    assert (buckets.days[0], buckets.days[-1]) == (first, last)


def test_a_date_that_a_place_skipped_is_no_day_there() -> None:
    buckets = days_of(
        "Pacific/Apia", datetime(2011, 12, 29, 20, tzinfo=UTC), datetime(2011, 12, 31, 20, tzinfo=UTC)
    )
    assert buckets.days == (date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1))
    assert min(lengths(buckets)) == 24


@given(
    start=moments("2001-01-01", "2030-01-01"),
    length=st.timedeltas(MINUTE, 40 * DAY),
    zone=st.sampled_from(["UTC", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "America/Havana"]),
)
def test_days_follow_each_other_and_hold_the_span(start: datetime, length: timedelta, zone: str) -> None:
    buckets = days_of(zone, start, start + length)
    assert buckets.edges[0] <= start
    assert buckets.edges[-2] < start + length <= buckets.edges[-1]
    assert len(buckets.days) == len(buckets)
    assert min(lengths(buckets)) > 0
    for day, edge in zip(buckets.days, buckets.edges, strict=False):
        assert edge.astimezone(ZoneInfo(zone)).date() == day
        assert (edge - MINUTE).astimezone(ZoneInfo(zone)).date() < day


def test_minutes_and_hours_are_those_of_utc_and_the_last_is_the_running_one() -> None:
    span = Span(NOON + timedelta(seconds=30), NOON + timedelta(minutes=2, seconds=1))
    assert buckets_of(span, "minute", STOCKHOLM).edges == tuple(NOON + n * MINUTE for n in range(4))
    assert buckets_of(span, "hour", STOCKHOLM).edges == (NOON, NOON + HOUR)


def test_the_night_the_clock_goes_back_has_each_hour_once() -> None:
    night = Span(datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 4, tzinfo=UTC))
    assert lengths(buckets_of(night, "hour", STOCKHOLM)) == [1] * 6


def test_whole_hours_are_read_by_hour() -> None:
    buckets = buckets_of(Span(NOON - 3 * DAY, NOON), "day", STOCKHOLM)
    counters = counters_for(buckets, "day", minutes_since=NEVER)
    assert counters.minutes == ()
    assert counters.hours == ((buckets.edges[0], buckets.edges[-1]),)


def test_steps_of_minutes_are_read_by_minute() -> None:
    buckets = buckets_of(Span(NOON - HOUR, NOON), "minute", STOCKHOLM)
    assert counters_for(buckets, "minute", minutes_since=NEVER).minutes == ((NOON - HOUR, NOON),)


def test_an_hour_with_an_edge_in_it_is_read_by_minute_while_minutes_are_kept() -> None:
    buckets = days_of("Asia/Kathmandu", NOON, NOON + DAY)
    midnight = datetime(2026, 11, 19, 18, 15, tzinfo=UTC)
    kept = counters_for(buckets, "day", minutes_since=NEVER)
    assert kept.minutes == (
        (midnight, midnight + 45 * MINUTE),
        (midnight + DAY - 15 * MINUTE, midnight + DAY + 45 * MINUTE),
        (midnight + 2 * DAY - 15 * MINUTE, midnight + 2 * DAY),
    )
    assert _covered(kept.hours) + _covered(kept.minutes) == 2 * DAY
    gone = counters_for(buckets, "day", minutes_since=NOON + 9 * DAY)
    assert gone.minutes == ()
    assert gone.hours == ((midnight + 45 * MINUTE, midnight + 2 * DAY),)


@given(
    start=moments("2026-01-01", "2026-02-01"),
    length=st.timedeltas(MINUTE, 3 * DAY),
)
def test_a_stretch_of_time_is_read_whole_and_nothing_twice(start: datetime, length: timedelta) -> None:
    bucket = whole(Span(start, start + length))
    counters = counters_for(bucket, "hour", minutes_since=NEVER)
    ranges = sorted(counters.hours + counters.minutes)
    assert (ranges[0][0], ranges[-1][1]) == bucket.edges
    assert all(before[1] == after[0] for before, after in pairwise(ranges))
    assert all(moment.minute == 0 for hours in counters.hours for moment in hours)


def test_days_of_several_zones_are_put_together_by_date() -> None:
    span = Span(NOON - DAY, NOON)
    east, west = (buckets_of(span, "day", ZoneInfo(zone)) for zone in ("Asia/Tokyo", "America/New_York"))
    both = together([east, west])
    assert both.days == (date(2026, 11, 19), date(2026, 11, 20))
    assert (both.edges[0], both.edges[-1]) == (east.edges[0], west.edges[-1])


def test_all_minutes_are_there_from_the_first_whole_hour_on() -> None:
    assert first_kept(NOON + MINUTE, 2) == NOON - 2 * DAY + HOUR


@pytest.mark.parametrize(
    ("length", "step"), [(HOUR, "minute"), (4 * HOUR, "hour"), (7 * DAY, "hour"), (8 * DAY, "day")]
)
def test_the_step_fits_the_span(length: timedelta, step: str) -> None:
    assert stepped_span(NOON - length, None, None, known_until=NOON)[1] == step


def test_by_default_a_day_of_hours_is_told() -> None:
    assert stepped_span(None, None, None, known_until=NOON) == (Span(NOON - DAY, NOON), "hour")
    assert whole_span(None, NOON + DAY, known_until=NOON) == Span(NOON - DAY, NOON)


@pytest.mark.parametrize(
    ("start", "step"),
    [(NOON, None), (NOON - 2 * DAY, "minute"), (NOON - 32 * DAY, "hour"), (NOON - 400 * DAY, None)],
)
def test_what_can_not_be_told_is_refused(start: datetime, step: str | None) -> None:
    with pytest.raises(Untellable):
        stepped_span(start, None, step, known_until=NOON)  # type: ignore[arg-type]


def test_times_out_of_reach_are_refused() -> None:
    for moment in (datetime(1, 1, 1, tzinfo=UTC), datetime(1999, 12, 31, tzinfo=UTC)):
        with pytest.raises(Untellable):
            whole_span(moment, None, known_until=NOON)
        with pytest.raises(Untellable):
            whole_span(None, moment, known_until=NOON)


def _covered(ranges: tuple[tuple[datetime, datetime], ...]) -> timedelta:
    return sum(((end - start) for start, end in ranges), timedelta())
