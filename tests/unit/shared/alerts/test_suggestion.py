"""What a shop's orders teach about its silences, and what is suggested from it."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.alerts.baseline import SHORT, OrderHistory, Quarter, by_hour_of_week
from shared.alerts.settings import AlertSettings
from shared.alerts.suggestion import suggest
from shared.alerts.windows import DailyWindow

PRAGUE = ZoneInfo("Europe/Prague")
MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
# A Monday midnight in Prague; the weeks before hold the end of summer time.
NOW = datetime(2026, 11, 15, 23, 0, tzinfo=UTC)
SINCE = NOW - 8 * WEEK
MONDAY, FRIDAY = 0, 4


def history(minutes: Iterable[datetime]) -> OrderHistory:
    groups = groupby(sorted(set(minutes)), key=lambda at: (at - SINCE) // SHORT)
    found = [list(group) for _, group in groups]
    quarters = [Quarter(of_one[0], of_one[-1], len(of_one)) for of_one in found]
    return OrderHistory(PRAGUE, SINCE, NOW, quarters)


def local(day: int, clock: time) -> datetime:
    """A time of the shop's clock so many days after the first."""
    first = SINCE.astimezone(PRAGUE).date()
    return datetime.combine(first + day * DAY, clock, PRAGUE).astimezone(UTC)


def by_day(days: Iterable[int] = range(56), *, every: int = 20) -> list[datetime]:
    """Orders from 06:00 to 21:00 of these days, so many minutes apart."""
    clocks = [time(minute // 60, minute % 60) for minute in range(360, 1260, every)]
    return [local(day, clock) for day in days for clock in clocks]


def test_hours_without_orders_are_left_out_and_the_usual_gap_is_rounded_up() -> None:
    suggestion = suggest(history(by_day()))
    assert suggestion.silence_minutes == 30
    assert (suggestion.window_opens, suggestion.window_closes) == (time(6), time(21))
    assert suggestion.evidence[-2:] == (
        "No silence of 30 minutes or more came in that time.",
        "Between 21:00 and 06:00 none of the orders came, so silence does not count then.",
    )


def test_the_evidence_names_the_longest_gap_of_the_busiest_hours_and_of_the_slowest() -> None:
    busy_fridays = [local(4 + 7 * week, time(9, minute)) for week in range(8) for minute in range(60)]
    all_day = [local(day, time(hour)) for day in range(56) for hour in range(6, 21)]
    slow_sunday = (local(13, time(15)), local(13, time(19)))
    orders = [at for at in (*busy_fridays, *all_day) if not slow_sunday[0] < at < slow_sunday[1]]
    suggestion = suggest(history(orders))
    assert suggestion.evidence == (
        "In the last 8 weeks the longest gap on Fridays 09–12, the busiest hours, was 1 hour.",
        "On Sundays 15–18 it was 4 hours.",
        "A silence of 1 hour 30 minutes or more came once in that time.",
        "Between 21:00 and 06:00 none of the orders came, so silence does not count then.",
    )
    assert suggestion.silence_minutes == 90


def test_a_few_outages_do_not_make_the_suggested_period_longer() -> None:
    without_days = [day for day in range(56) if day not in (10, 20, 30, 40)]
    suggestion = suggest(history(by_day(without_days)))
    assert (suggestion.silence_minutes, suggestion.crossed) == (30, 4)
    often = [day for day in range(56) if day not in (10, 20, 30, 40, 50)]
    assert suggest(history(by_day(often))).silence_minutes == 18 * 60


def test_a_shop_that_sells_around_the_clock_has_silence_counted_all_day() -> None:
    suggestion = suggest(history(SINCE + n * 7 * MINUTE for n in range(1, 11_000)))
    assert suggestion.window_opens == suggestion.window_closes
    assert suggestion.silence_minutes == 15
    assert suggestion.evidence[0].endswith("the busiest hours, was not even 15 minutes.")
    assert suggestion.evidence[-1] == "Orders come at all hours, so silence counts all day."


def test_a_shop_with_one_order_a_day_is_given_more_than_a_day() -> None:
    suggestion = suggest(history(local(day, time(8, day % 50)) for day in range(56)))
    assert suggestion.silence_minutes == 36 * 60
    assert suggestion.window_opens == suggestion.window_closes


def test_hours_over_midnight_stay_in_one_window() -> None:
    evenings = [local(day, time(hour % 24, 5)) for day in range(56) for hour in (*range(18, 24), 0, 1)]
    suggestion = suggest(history(evenings))
    assert (suggestion.window_opens, suggestion.window_closes) == (time(18), time(2))
    assert suggestion.silence_minutes == 90


@pytest.mark.parametrize(
    ("minutes", "so_far"),
    [
        (
            [NOW - 3 * DAY + n * HOUR for n in range(72)],
            "in the last 3 days orders came at 72 different times",
        ),
        ([SINCE + n * WEEK for n in range(8)], "in the last 56 days orders came at 8 different times"),
    ],
)
def test_too_few_orders_teach_nothing(minutes: list[datetime], so_far: str) -> None:
    suggestion = suggest(history(minutes))
    why = f"There is too little to learn from: {so_far}. It takes 30, and 2 weeks."
    assert (suggestion.silence_minutes, suggestion.evidence) == (None, (why,))


def test_no_orders_teach_nothing() -> None:
    suggestion = suggest(history([]))
    why = "There is nothing to learn from: no order was synced in the last 8 weeks."
    assert (suggestion.silence_minutes, suggestion.evidence) == (None, (why,))


def test_an_hour_of_the_week_knows_its_usual_and_its_longest_gap() -> None:
    at_nine = [local(day, time(9, minute)) for day in range(56) for minute in (0, 20, 40)]
    one_friday = {local(4, time(9, 20)), local(4, time(9, 40))}
    hours = by_hour_of_week(history({*at_nine} - one_friday), DailyWindow(time(9), time(10), PRAGUE))
    assert [hour for _, hour in hours] == [9] * 7
    assert (hours[(FRIDAY, 9)].usual, hours[(FRIDAY, 9)].longest) == (20 * MINUTE, HOUR)
    assert [hours[(day, 9)].minutes for day in (MONDAY, FRIDAY)] == [24, 22]


def test_gaps_below_a_quarter_of_an_hour_only_count() -> None:
    seen = history(SINCE + n * 14 * MINUTE for n in range(1000))
    assert seen.gaps == []
    assert {hour.longest for hour in by_hour_of_week(seen, ALWAYS).values()} == {SHORT}


ALWAYS = DailyWindow(time(0), time(0), PRAGUE)
MINUTES = st.integers(0, 8 * 7 * 24 * 60 - 1)


@settings(deadline=None, max_examples=60)
@given(st.sets(MINUTES, min_size=30, max_size=400))
def test_what_is_suggested_can_be_set_and_is_crossed_every_other_week_at_most(offsets: set[int]) -> None:
    suggestion = suggest(history(SINCE + n * MINUTE for n in offsets))
    if suggestion.silence_minutes is None:
        assert suggestion.weeks < 2
        return
    AlertSettings(
        silence_minutes=suggestion.silence_minutes,
        window_opens=suggestion.window_opens,
        window_closes=suggestion.window_closes,
    )
    assert suggestion.crossed <= round(suggestion.weeks / 2)
