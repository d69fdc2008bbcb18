"""A shop whose rules fail stops nobody else's alerts, and its own stay as they are."""

from dataclasses import replace
from zoneinfo import ZoneInfoNotFoundError

from alerting.judging import Facts, judge
from alerting.life import Alert, AlertState
from shared.alerts.facts import Ended, PlatformLimits, ShopFacts
from shared.alerts.settings import AlertSettings
from shared.alerts.silence import SilenceFacts
from shared.alerts.verdicts import Rule
from shared.identity import new_task_id
from shared.tasks import Group
from tests.unit.shared.alerts.conditions import DAY, NOW, platform, shop

FAILING = {Group.CONTACT_SYNC: Ended(succeeded=100, failed=30)}


def judgeable(shop_id: int) -> ShopFacts:
    return shop(shop_id=shop_id, ended=FAILING)


def misplaced(shop_id: int) -> ShopFacts:
    """Its time zone does not exist."""
    silence = SilenceFacts(zone="Nowhere/Land", watched_since=NOW - DAY, last_synced_at=None, proof=None)
    return replace(judgeable(shop_id), zone="Nowhere/Land", silence=silence)


def alert_of(shop_id: int | None) -> Alert:
    return Alert(
        id=new_task_id(),
        shop_id=shop_id,
        rule=Rule.CONNECTION.value,
        subject="7",
        state=AlertState.FIRING,
        severity="critical",
        title="",
        explanation="",
        facts={},
        began_at=NOW,
        seen_at=NOW,
    )


def facts(*shops: ShopFacts, known: tuple[Alert, ...] = ()) -> Facts:
    return Facts(
        now=NOW,
        platform=platform(),
        limits=PlatformLimits(),
        shops={own.shop_id: own for own in shops},
        settings={own.shop_id: AlertSettings() for own in shops},
        known={(alert.shop_id, alert.rule, alert.subject): alert for alert in known},
        muted=set(),
    )


def test_the_rest_of_the_round_goes_on() -> None:
    judged = judge(facts(judgeable(1), misplaced(2), judgeable(3)))
    assert {shop_id: type(error) for shop_id, error in judged.failed.items()} == {2: ZoneInfoNotFoundError}
    firing = {one.alert.shop_id for own in judged.steps.values() for _, one in own if one.alert is not None}
    assert firing == {1, 3}
    assert None in judged.steps


def test_alerts_of_a_shop_that_can_not_be_judged_do_not_end() -> None:
    judged = judge(facts(misplaced(2), known=(alert_of(2), alert_of(None))))
    assert 2 not in judged.steps
    assert 2 not in judged.wanted
    assert [one.alert.clear_since for _, one in judged.steps[None] if one.alert is not None] == [NOW]


def test_alerts_of_a_shop_that_is_gone_end() -> None:
    judged = judge(facts(known=(alert_of(9),)))
    assert [one.alert.clear_since for _, one in judged.steps[9] if one.alert is not None] == [NOW]
