"""Failures of a kind never seen before, or back after they were resolved."""

from typing import Any

from shared.alerts.facts import FailureGroup
from shared.alerts.failures import APART, failure_groups
from shared.alerts.settings import AlertSettings
from shared.alerts.verdicts import Severity, Verdict
from tests.unit.shared.alerts.conditions import DAY, HOUR, MINUTE, NOW, failures, met, shop

SETTINGS = AlertSettings()


def judged(*groups: FailureGroup, settings: AlertSettings = SETTINGS, **facts: Any) -> list[Verdict]:
    return failure_groups(shop(failure_groups=groups, **facts), settings)


def old(fingerprint: str, **changes: Any) -> FailureGroup:
    return failures(fingerprint, **({"first_at": NOW - 9 * DAY} | changes))


def test_a_new_group_is_one_alert_however_many_tasks_fail_that_way() -> None:
    verdicts = judged(failures("new", n=1_200))
    assert met(verdicts) == ["new"]
    verdict = verdicts[1]
    assert verdict.title == ("New kind of failure: SyncOrder: The CRM refused the order: currency is missing")
    assert "1,200 tasks failed this way so far; none had before." in verdict.explanation
    assert verdict.since == NOW - 10 * MINUTE
    assert [example.order_number for example in verdict.examples] == ["#1042"]
    assert verdict.remedy == "Correct it in the shop, then retry this task."


def test_a_failure_that_was_known_before_is_none() -> None:
    (_, known) = judged(old("known"))
    assert not known.is_met
    assert known.title.startswith("Known failure")


def test_one_that_is_back_after_it_was_resolved_is_told_again() -> None:
    verdicts = judged(old("back", resolved_at=NOW - DAY, back_at=NOW - 20 * MINUTE))
    assert met(verdicts) == ["back"]
    assert verdicts[1].title.startswith("A resolved failure is back")
    assert verdicts[1].since == NOW - 20 * MINUTE


def test_an_alert_goes_on_for_as_long_as_tasks_fail_that_way() -> None:
    assert met(judged(old("alerted", is_alerted=True))) == ["alerted"]


def test_it_is_over_when_none_failed_for_an_hour_or_a_person_resolved_it() -> None:
    silent = old("silent", last_at=NOW - 61 * MINUTE, is_alerted=True)
    resolved = old("resolved", resolved_at=NOW - MINUTE, is_alerted=True)
    assert [verdict.subject for verdict in judged(silent, resolved)] == [""]


def test_many_new_groups_at_once_become_one_alert_with_their_number() -> None:
    few = [failures(f"f{n}") for n in range(APART)]
    assert met(judged(*few)) == [group.fingerprint for group in few]
    verdicts = judged(*few, failures("one-more", n=40))
    assert met(verdicts) == [""]
    together = verdicts[0]
    assert together.title == "6 new kinds of failure at once"
    assert together.explanation == ("55 tasks failed in 6 ways not seen before, of these types: SyncOrder.")
    assert together.severity is Severity.CRITICAL
    assert len(together.examples) == 3


def test_groups_that_have_an_alert_keep_it_when_many_others_come() -> None:
    many = [failures(f"f{n}") for n in range(APART + 1)]
    assert met(judged(failures("alerted", is_alerted=True), *many)) == ["", "alerted"]


def test_what_one_alert_has_told_of_stays_a_part_of_it() -> None:
    since = NOW - 5 * HOUR
    going_on = failures("going-on", first_at=since - 10 * MINUTE)
    assert met(judged(going_on, groups_alert_since=since)) == [""]
    assert met(judged(failures("newer"), groups_alert_since=since)) == [""]
    assert met(judged(old("known"), groups_alert_since=since)) == []


def test_a_shop_that_does_not_want_to_know_is_not_told() -> None:
    assert judged(failures(), settings=AlertSettings(new_failures=False)) == []


def test_a_title_is_one_line_of_bearable_length() -> None:
    (_, verdict) = judged(failures(message="x" * 500))
    assert len(verdict.title) == 120
    assert verdict.title.endswith("…")
