"""All rules of a shop at once."""

from shared.alerts.evaluating import evaluate_shop
from shared.alerts.facts import ConnectionFacts, Ended, ShopFacts, Waiting, WaitingTask
from shared.alerts.settings import AlertSettings
from shared.alerts.silence import SilenceFacts
from shared.alerts.verdicts import Rule, Verdict
from shared.connections.judging import Cause
from shared.tasks import Group
from tests.unit.shared.alerts.conditions import DAY, HOUR, MINUTE, NOW, account, failures, shop

SETTINGS = AlertSettings(silence_minutes=60)


def troubled() -> ShopFacts:
    """A shop with everything the matter."""
    late = WaitingTask(failures().example_id, "SyncOrder", NOW - HOUR)
    red = ConnectionFacts("orders", NOW - HOUR, Cause.UNAVAILABLE, "Unavailable")
    return shop(
        silence=SilenceFacts("Europe/Stockholm", NOW - 90 * DAY, NOW - 2 * HOUR, None),
        ended={Group.ORDER_SYNC: Ended(0, 50)},
        accounts=(account(refused="No", expires_at=NOW, connections=(red,)),),
        failure_groups=(failures(),),
        queued=Waiting(1, (late,)),
        stuck=Waiting(1, (late,)),
    )


def rules(verdicts: list[Verdict]) -> set[Rule]:
    return {verdict.rule for verdict in verdicts if verdict.is_met}


def test_every_rule_of_a_shop_has_its_say() -> None:
    assert rules(evaluate_shop(troubled(), SETTINGS, NOW)) == {
        Rule.ORDER_SILENCE,
        Rule.ERROR_RATE,
        Rule.CONNECTION,
        Rule.CREDENTIALS,
        Rule.EXPIRY,
        Rule.QUEUED,
        Rule.STUCK,
        Rule.FAILURE_GROUP,
    }


def test_a_shop_that_is_well_has_its_verdicts_all_the_same() -> None:
    silence = SilenceFacts("Europe/Stockholm", NOW - 90 * DAY, NOW - MINUTE, None)
    verdicts = evaluate_shop(shop(silence=silence), SETTINGS, NOW)
    assert rules(verdicts) == set()
    assert {Rule.ORDER_SILENCE, Rule.ERROR_RATE, Rule.QUEUED} <= {verdict.rule for verdict in verdicts}


def test_no_two_verdicts_are_about_the_same_subject() -> None:
    verdicts = evaluate_shop(troubled(), SETTINGS, NOW)
    assert len({(verdict.rule, verdict.subject) for verdict in verdicts}) == len(verdicts)


def test_words_are_sentences_and_titles_are_one_line() -> None:
    for verdict in evaluate_shop(troubled(), SETTINGS, NOW):
        assert verdict.explanation.rstrip().endswith("."), verdict
        assert "\n" not in verdict.title
        assert (verdict.remedy is not None) or not verdict.is_met


def test_while_the_log_stands_still_no_shop_becomes_silent() -> None:
    silence = SilenceFacts("Europe/Stockholm", NOW - 90 * DAY, NOW - 90 * MINUTE, None)
    stale = shop(silence=silence, known_until=NOW - 45 * MINUTE)
    assert rules(evaluate_shop(stale, SETTINGS, NOW)) == set()
    assert rules(evaluate_shop(shop(silence=silence), SETTINGS, NOW)) == {Rule.ORDER_SILENCE}
