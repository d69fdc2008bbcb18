"""How far the board's slider reaches, and where it stands."""

from datetime import UTC, datetime, timedelta

import pytest

from query_api.console.tasks.filters import Filters, parse_filters
from query_api.console.tasks.travelling import DAY, WEEK, moved_by, travel_of
from query_api.problems import Problem

NOW = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)


def _then(**ago: float) -> Filters:
    moment = NOW - timedelta(**ago)
    return parse_filters([("state", "failed"), ("as_of", moment.isoformat())])


def test_the_present_stands_at_the_end_and_has_no_steps() -> None:
    travel = travel_of(parse_filters([]), "", NOW)
    assert (travel.reach, travel.minutes, travel.steps) == (DAY, 0, [])
    assert travel_of(parse_filters([]), "7d", NOW).reach == WEEK


def test_what_is_too_long_ago_takes_the_longer_reach_and_stands_at_its_beginning() -> None:
    assert travel_of(_then(minutes=90), "24h", NOW).minutes == -90
    assert travel_of(_then(hours=30), "24h", NOW).reach == WEEK
    assert travel_of(_then(days=30), "7d", NOW).minutes == -WEEK.minutes


def test_steps_keep_the_filters_and_leave_out_what_has_not_come() -> None:
    steps = dict(travel_of(_then(minutes=30), "", NOW).steps)
    assert list(steps) == ["1 hour earlier", "10 minutes earlier", "10 minutes later"]
    assert all("state=failed" in address for address in steps.values())


@pytest.mark.parametrize("minutes", ["0", "5"], ids=["now", "later"])
def test_what_has_not_passed_is_the_present(minutes: str) -> None:
    assert moved_by(_then(minutes=30), minutes, NOW) == "/?state=failed"


def test_so_many_minutes_ago_is_a_whole_minute() -> None:
    assert moved_by(parse_filters([]), "-90", NOW) == "/?as_of=2026-03-01T10%3A30%3A00%2B00%3A00"


@pytest.mark.parametrize("minutes", ["soon", "-1.5", "-99999999999999"], ids=["word", "fraction", "ages"])
def test_other_minutes_are_refused(minutes: str) -> None:
    with pytest.raises(Problem):
        moved_by(parse_filters([]), minutes, NOW)
