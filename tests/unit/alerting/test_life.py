"""What becomes of an alert, moment by moment, and what people hear of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from asyncpg.pgproto import pgproto
from hypothesis import given
from hypothesis import strategies as st

from alerting.life import (
    FLAPPING_CHANGES,
    RESOLVED_AFTER,
    SAME_WITHIN,
    Alert,
    AlertState,
    Notice,
    Terms,
    facts_of,
    step,
)
from shared.alerts.verdicts import Example, Rule, Severity, Verdict

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIRING, RESOLVED, REMINDER = Notice.FIRING, Notice.RESOLVED, Notice.REMINDER
EVERY_HOUR = Terms(timedelta(hours=1))


def verdict(*, is_met: bool = True, hold: timedelta = timedelta(), title: str = "12 % fail") -> Verdict:
    return Verdict(
        rule=Rule.ERROR_RATE,
        subject="",
        is_met=is_met,
        severity=Severity.CRITICAL,
        title=title,
        explanation="12 of 100 tasks failed.",
        numbers={"failed": 12},
        hold=hold,
    )


@dataclass
class Course:
    """One subject through time: `told` are the notices with the minute they were given in."""

    terms: Terms = EVERY_HOUR
    alert: Alert | None = None
    now: datetime = NOON
    told: list[tuple[int, Notice]] = field(default_factory=list)
    events: list[AlertState] = field(default_factory=list)

    def see(self, said: Verdict | None) -> "Course":
        known = self.alert if self.alert is None or self.alert.is_open or self._is_recent else None
        done = step(known, said, self.terms, shop_id=7, now=self.now)
        self.alert = done.alert
        self.events += done.events
        if done.notice:
            self.told.append(((self.now - NOON) // MINUTE, done.notice))
        return self

    def go(self, minutes: int, said: Verdict | None) -> "Course":
        """The same verdict at each minute from the next one on."""
        for _ in range(minutes):
            self.now += MINUTE
            self.see(said)
        return self

    @property
    def _is_recent(self) -> bool:
        assert self.alert is not None
        assert self.alert.resolved_at is not None
        return self.now - self.alert.resolved_at < SAME_WITHIN


def test_what_holds_fires_at_once_and_is_over_after_a_while() -> None:
    course = Course().see(verdict()).go(9, verdict()).go(10, verdict(is_met=False))
    assert course.told == [(0, FIRING), (15, RESOLVED)]
    assert course.events == [AlertState.PENDING, AlertState.FIRING, AlertState.RESOLVED]
    assert course.alert is not None
    assert (course.alert.state, course.alert.title) == (AlertState.RESOLVED, "12 % fail")


def test_it_fires_when_it_has_held_for_long_enough_by_the_newest_verdict() -> None:
    ten = verdict(hold=10 * MINUTE)
    assert Course().see(ten).go(9, ten).told == []
    assert Course().see(ten).go(10, ten).told == [(10, FIRING)]
    assert Course().see(ten).go(3, ten).go(1, verdict()).told == [(4, FIRING)]


def test_what_never_fired_is_forgotten() -> None:
    course = Course().see(verdict(hold=10 * MINUTE)).go(1, verdict(is_met=False))
    assert course.alert is None
    assert course.told == []


def test_a_subject_nobody_names_any_more_is_over() -> None:
    assert Course().see(verdict()).go(6, None).told == [(0, FIRING), (6, RESOLVED)]


def test_a_short_gap_is_no_end() -> None:
    course = Course().see(verdict()).go(4, verdict(is_met=False)).go(20, verdict())
    assert course.told == [(0, FIRING)]


def test_it_is_brought_to_mind_at_each_interval_until_somebody_takes_care() -> None:
    course = Course().see(verdict()).go(130, verdict())
    assert course.told == [(0, FIRING), (60, REMINDER), (120, REMINDER)]
    assert course.alert is not None
    course.alert = replace(course.alert, acknowledged_at=course.now)
    course.go(200, verdict()).go(10, verdict(is_met=False))
    assert [notice for _, notice in course.told] == [FIRING, REMINDER, REMINDER, RESOLVED]


def test_what_is_muted_is_told_when_the_mute_ends_if_it_still_fires() -> None:
    course = Course(Terms(timedelta(hours=1), is_muted=True)).see(verdict()).go(30, verdict())
    assert course.told == []
    course.terms = EVERY_HOUR
    assert course.go(1, verdict()).told == [(31, FIRING)]


def test_what_ended_while_it_was_muted_is_not_told() -> None:
    course = Course().see(verdict())
    course.terms = Terms(timedelta(hours=1), is_muted=True)
    assert course.go(20, verdict(is_met=False)).told == [(0, FIRING)]


def test_what_comes_back_soon_is_the_same_alert_and_later_another() -> None:
    course = Course().see(verdict()).go(10, verdict(is_met=False))
    assert course.alert is not None
    first = course.alert.id
    course.go(1, verdict())
    assert course.alert.id == first
    assert course.told[-1] == (11, FIRING)
    course.go(60, verdict(is_met=False)).go(1, verdict())
    assert course.alert.id != first


def _flapping(times: int) -> Iterable[tuple[int, Verdict]]:
    for _ in range(times):
        yield 2, verdict()
        yield 6, verdict(is_met=False)


def test_a_source_that_flaps_all_day_makes_no_storm() -> None:
    course = Course(Terms(timedelta(hours=4)))
    for minutes, said in _flapping(180):
        course.go(minutes, said)
    assert course.now - NOON == timedelta(days=1)
    hours = course.events.count(AlertState.FIRING) and 24
    # Twice to begin with, then once at each interval, each with its end.
    assert len(course.told) <= 2 * (2 + hours // 4)
    assert [notice for _, notice in course.told[:4]] == [FIRING, RESOLVED, FIRING, RESOLVED]


def test_what_stays_after_it_has_flapped_is_told_before_the_interval_is_over() -> None:
    course = Course(Terms(timedelta(hours=12)))
    for minutes, said in _flapping(4):
        course.go(minutes, said)
    before = len(course.told)
    course.go(40, verdict())
    assert [notice for _, notice in course.told[before:]] == [FIRING]


@given(st.lists(st.tuples(st.integers(1, 90), st.booleans()), min_size=1, max_size=30))
def test_people_hear_of_each_thing_once_and_in_turn(parts: Sequence[tuple[int, bool]]) -> None:
    course = Course(Terms(timedelta(hours=2)))
    for minutes, is_met in parts:
        course.go(minutes, verdict(is_met=is_met))
    news = [notice for _, notice in course.told if notice is not REMINDER]
    assert all(one is not other for one, other in pairwise(news))
    assert news[:1] in ([], [FIRING])
    changes = course.events.count(AlertState.FIRING) + course.events.count(AlertState.RESOLVED)
    assert len(news) <= changes
    for (minute, _), (later, notice) in pairwise(course.told):
        assert later - minute >= 120 or notice is not REMINDER


@pytest.mark.parametrize("minutes", [RESOLVED_AFTER // MINUTE - 1, RESOLVED_AFTER // MINUTE + 1])
def test_it_is_over_only_when_it_has_been_away_for_long_enough(minutes: int) -> None:
    course = Course().see(verdict()).go(1, verdict(is_met=False)).go(minutes, verdict(is_met=False))
    assert (course.alert is not None and course.alert.is_open) is (minutes < RESOLVED_AFTER // MINUTE)


def test_flapping_is_counted_in_changes_of_the_last_hour() -> None:
    course = Course().see(verdict()).go(10, verdict(is_met=False)).go(1, verdict())
    assert course.alert is not None
    assert not course.alert.is_flapping(course.now)
    course.go(10, verdict(is_met=False))
    assert len(course.alert.changed_at) == FLAPPING_CHANGES
    assert course.alert.is_flapping(course.now)
    assert not course.alert.is_flapping(course.now + SAME_WITHIN)


def test_what_is_kept_of_a_verdict_is_json_whoever_made_its_ids() -> None:
    """The database's driver has UUIDs of its own."""
    task_id = pgproto.UUID("019a0000-0000-7000-8000-000000000001")
    example = Example(task_id=task_id, type="SyncOrder", message="no")
    kept = facts_of(replace(verdict(), examples=(example,)))
    assert kept["examples"][0]["task_id"] == str(task_id)
