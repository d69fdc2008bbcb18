"""What an evaluation would make of a verdict, given the alert there is."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from query_api.alert_outlook import OpenAlert, Outlook, outlook
from query_api.alert_query import AlertState
from shared.alerts.verdicts import Rule, Severity, Verdict

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
HOLD = timedelta(minutes=2)


def verdict(*, is_met: bool, hold: timedelta = HOLD) -> Verdict:
    return Verdict(Rule.LANE, "sync", is_met, Severity.CRITICAL, "title", "explanation", {}, hold=hold)


def alert(state: AlertState, minutes_ago: float) -> OpenAlert:
    return OpenAlert(uuid4(), "lane", "sync", state, NOW - timedelta(minutes=minutes_ago))


PENDING, FIRING = AlertState.PENDING, AlertState.FIRING


@pytest.mark.parametrize(
    ("is_met", "open_alert", "expected"),
    [
        (False, None, Outlook.WELL),
        (False, alert(PENDING, 1), Outlook.WELL),
        (False, alert(FIRING, 1), Outlook.CLEARING),
        (True, None, Outlook.PENDING),
        (True, alert(PENDING, 1.9), Outlook.PENDING),
        (True, alert(PENDING, 2), Outlook.FIRING),
        (True, alert(FIRING, 0), Outlook.FIRING),
    ],
)
def test_what_is_met_fires_once_it_has_held(
    is_met: bool, open_alert: OpenAlert | None, expected: Outlook
) -> None:
    assert outlook(verdict(is_met=is_met), open_alert, NOW) is expected


def test_what_has_not_to_hold_fires_at_once() -> None:
    assert outlook(verdict(is_met=True, hold=timedelta()), None, NOW) is Outlook.FIRING
