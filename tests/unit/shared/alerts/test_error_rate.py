"""The share of tasks that failed lately."""

import pytest

from shared.alerts.error_rate import error_rates, is_exceeded
from shared.alerts.facts import Ended
from shared.alerts.settings import AlertSettings
from shared.alerts.verdicts import Severity, Verdict
from shared.tasks import Group
from tests.unit.shared.alerts.conditions import NOW, failures, met, shop

SETTINGS = AlertSettings(error_rate_percent=10, error_rate_min_tasks=20, error_rate_minutes=60)


def rates(settings: AlertSettings = SETTINGS, **groups: Ended) -> list[Verdict]:
    ended = {Group[name]: counted for name, counted in groups.items()}
    return error_rates(shop(ended=ended), settings)


@pytest.mark.parametrize(
    ("percent", "ended", "fires"),
    [
        (10, Ended(succeeded=18, failed=2), True),
        (10, Ended(succeeded=19, failed=2), False),
        (10, Ended(succeeded=18, failed=3), True),
        (10, Ended(succeeded=0, failed=19), False),
        (10, Ended(succeeded=0, failed=20), True),
        (10, Ended(), False),
        (1.1, Ended(succeeded=2967, failed=33), True),
        (1.1, Ended(succeeded=2968, failed=33), False),
        (100, Ended(succeeded=0, failed=20), True),
        (100, Ended(succeeded=1, failed=20), False),
    ],
)
def test_the_limit_is_met_exactly_and_never_by_too_few_tasks(
    percent: float, ended: Ended, *, fires: bool
) -> None:
    settings = AlertSettings(error_rate_percent=percent, error_rate_min_tasks=20)
    assert is_exceeded(ended, settings) is fires


def test_the_shop_and_each_group_are_judged_by_themselves() -> None:
    verdicts = rates(ORDER_SYNC=Ended(80, 20), CONTACT_SYNC=Ended(900), DATA_IMPORT=Ended(0, 5))
    assert [verdict.subject for verdict in verdicts] == [
        "",
        "contact sync",
        "order sync",
        "refund sync",
        "write-back",
        "dropshipping",
    ]
    assert met(verdicts) == ["order sync"]
    assert verdicts[0].numbers["failed"] == 25


def test_it_says_the_figures_and_the_limit() -> None:
    verdict = rates(ORDER_SYNC=Ended(7_000, 1_000))[2]
    assert verdict.title == "12.5 % of the order sync tasks fail"
    assert verdict.explanation == (
        "8,000 order sync tasks ended in the last hour, 1,000 of them failed: 12.5 %. "
        "The limit is 10 % of at least 20."
    )
    assert verdict.numbers == {
        "ended": 8_000,
        "failed": 1_000,
        "percent": 12.5,
        "limit_percent": 10,
        "window_minutes": 60,
        "min_tasks": 20,
    }
    assert verdict.link == {
        "state": "failed",
        "created_from": "2026-11-20T11:30:00Z",
        "group": "order sync",
    }


def test_too_few_tasks_are_said_to_be_few() -> None:
    (whole, *_) = rates(ORDER_SYNC=Ended(1, 2))
    assert not whole.is_met
    assert whole.explanation.startswith("3 tasks ended in the last hour, 2 of them failed: 66.7 %.")
    assert "So few say little" in whole.explanation
    assert rates()[0].explanation.startswith("No task ended in the last hour.")


def test_half_of_all_tasks_failing_is_critical() -> None:
    assert rates(ORDER_SYNC=Ended(50, 50))[0].severity is Severity.CRITICAL
    assert rates(ORDER_SYNC=Ended(51, 49))[0].severity is Severity.WARNING


def test_the_commonest_failures_of_the_window_are_the_examples() -> None:
    groups = (
        failures("rare", n_lately=1),
        failures("common", n_lately=9),
        failures("contact", type="SyncContact", n_lately=99),
        failures("old", n_lately=500, last_at=NOW.replace(hour=9)),
        failures("often", n_lately=5),
        failures("seldom", n_lately=2),
    )
    facts = shop(ended={Group.ORDER_SYNC: Ended(0, 100)}, failure_groups=groups)
    _, _, orders, *_ = error_rates(facts, SETTINGS)
    assert [example.message for example in orders.examples] == [groups[1].message] * 3
    assert [example.order_number for example in orders.examples] == ["#1042"] * 3
    assert orders.remedy is not None
    alone = error_rates(shop(ended=facts.ended, failure_groups=groups[:1]), SETTINGS)
    assert alone[2].remedy == groups[0].remedy
