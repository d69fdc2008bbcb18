"""Work that does not get on: of a shop, and of the platform."""

from uuid import UUID

from shared.alerts.backlog import backlog
from shared.alerts.evaluating import evaluate_platform
from shared.alerts.facts import PlatformFacts, PlatformLimits, TokenFacts, Waiting, WaitingTask
from shared.alerts.settings import AlertSettings
from shared.alerts.verdicts import Rule, Verdict
from tests.unit.shared.alerts.conditions import DAY, HOUR, MINUTE, NOW, met, platform, queue, shop

TASK = WaitingTask(UUID(int=5), "SyncOrder", NOW - 40 * MINUTE, "#7")
LIMITS = PlatformLimits()


def judged(facts: PlatformFacts) -> dict[tuple[Rule, str], Verdict]:
    verdicts = evaluate_platform(facts, LIMITS, NOW)
    return {(verdict.rule, verdict.subject): verdict for verdict in verdicts}


def firing(facts: PlatformFacts) -> list[tuple[Rule, str]]:
    return [key for key, verdict in judged(facts).items() if verdict.is_met]


def test_late_tasks_are_told_with_the_oldest() -> None:
    queued, stuck = backlog(shop(queued=Waiting(12, (TASK,))), AlertSettings())
    assert (queued.is_met, stuck.is_met) == (True, False)
    assert queued.title == "Tasks have waited for 40 minutes"
    assert queued.explanation.startswith(
        "12 tasks should have run by now; the oldest, SyncOrder, has waited for 40 minutes. "
        "The limit is 15 minutes."
    )
    assert (queued.since, queued.numbers["waiting"]) == (TASK.since, 12)
    assert [example.order_number for example in queued.examples] == ["#7"]
    assert queued.hold > 0 * MINUTE


def test_tasks_without_a_sign_of_life_are_told() -> None:
    _, stuck = backlog(shop(stuck=Waiting(1, (TASK,))), AlertSettings())
    assert stuck.is_met
    assert stuck.title == "1 task stuck"


def test_a_shop_whose_work_goes_on_has_nothing_to_be_told() -> None:
    assert met(backlog(shop(), AlertSettings())) == []


def test_a_lane_without_consumers_is_told_after_a_while() -> None:
    facts = platform(queues=(queue("sync", consumers=0, messages=31), queue("writeback")))
    assert firing(facts) == [(Rule.LANE, "sync")]
    verdict = judged(facts)[Rule.LANE, "sync"]
    assert verdict.title == "Queue sync: nobody consumes it"
    assert verdict.explanation.startswith("It has 0 consumers and 31 messages waiting.")
    assert verdict.hold == 2 * MINUTE


def test_a_missing_queue_and_a_recorder_without_consumers_count_as_well() -> None:
    facts = platform(queues=(queue("sync-overflow", consumers=-1), queue("recorder", consumers=0)))
    assert firing(facts) == [(Rule.LANE, "sync-overflow"), (Rule.LANE, "recorder")]


def test_a_broker_that_was_not_seen_for_minutes_is_told() -> None:
    assert firing(platform(broker_seen_at=NOW - 3 * MINUTE)) == [(Rule.LANE, "broker")]
    assert firing(platform(broker_seen_at=NOW - MINUTE)) == []
    assert firing(platform(broker_seen_at=None)) == []


def test_a_log_that_lags_is_told_with_what_waits() -> None:
    facts = platform(as_of=NOW - 5 * MINUTE, backlog=1_200, recorder_seen_at=NOW)
    assert firing(facts) == [(Rule.LOG_LAG, "")]
    verdict = judged(facts)[Rule.LOG_LAG, ""]
    assert verdict.title == "The log is 5 minutes behind"
    assert "1,200 messages waited to be recorded" in verdict.explanation
    assert verdict.since == NOW - 5 * MINUTE
    assert firing(platform(as_of=None)) == []


def test_a_recorder_that_is_silent_is_said_to_be() -> None:
    facts = platform(as_of=NOW - HOUR, recorder_seen_at=NOW - HOUR)
    assert "None has said anything for 1 hour." in judged(facts)[Rule.LOG_LAG, ""].explanation


def test_dead_letters_are_told_while_they_grow() -> None:
    growing = queue("dead-letters", messages=4, grew_at=NOW - 10 * MINUTE, consumers=0)
    assert firing(platform(dead_letters=growing)) == [(Rule.DEAD_LETTERS, "")]
    assert firing(platform(dead_letters=queue("dead-letters", messages=4, grew_at=NOW - HOUR))) == []
    assert firing(platform(dead_letters=queue("dead-letters", messages=0, grew_at=NOW))) == []


def test_deliveries_that_wait_for_the_broker_are_told() -> None:
    assert firing(platform(spooled_since=NOW - 5 * MINUTE)) == [(Rule.QUEUED, "spool")]
    assert firing(platform(spooled_since=NOW - 4 * MINUTE)) == []


def test_tokens_for_all_shops_are_the_platforms() -> None:
    token = TokenFacts(3, "grafana", "viewer", NOW + 3 * DAY, None)
    assert firing(platform(tokens=(token,))) == [(Rule.EXPIRY, "token:3")]
