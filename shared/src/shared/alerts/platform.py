"""Rules for those who operate the platform: queues, lanes, the log and what nobody could read. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.alerts.facts import PlatformFacts, PlatformLimits, QueueFacts
from shared.alerts.verdicts import Rule, Severity, Verdict
from shared.alerts.words import duration, limit, many, stamp

BROKER, SPOOL = "broker", "spool"

_SERVICE = "Start the service that consumes it, or look at its log: it may be up and have lost the broker."
_BROKER = (
    "See whether RabbitMQ runs and can be reached. Deliveries are accepted meanwhile and kept in the "
    "database; they are run when it is back."
)
_LOG = (
    "See whether the recorder (query-api's recorder process) runs, and look at its log. The broker keeps "
    "what is not recorded yet, so nothing is lost; lists and statistics are behind."
)
_DEAD_LETTERS = (
    "Look at the reasons in the messages' headers (queue dead-letters): mostly an old or a foreign program "
    "publishes what this version can not read. The runbook says how to bring them back."
)
_SPOOL = (
    "See whether RabbitMQ runs and ingest can reach it: its relay publishes what waits as soon as it can."
)


def queues(facts: PlatformFacts, limits: PlatformLimits, now: datetime) -> list[Verdict]:
    """Whether the broker is seen at all, and whether every lane is consumed."""
    if facts.broker_seen_at is None:
        return []
    return [_broker(facts.broker_seen_at, limits, now), *(_lane(queue, limits) for queue in facts.queues)]


def log_lag(facts: PlatformFacts, limits: PlatformLimits, now: datetime) -> list[Verdict]:
    """How far the log is behind, and whether anybody records."""
    if facts.as_of is None:
        return []
    behind = max(now - facts.as_of, timedelta())
    is_met = behind >= timedelta(minutes=limits.lag_minutes)
    silent = now - facts.recorder_seen_at if facts.recorder_seen_at else timedelta()
    said = f"The log is complete up to {facts.as_of:%Y-%m-%d %H:%M:%S} UTC, {duration(behind)} ago."
    waiting = f"When a recorder last looked, {many(facts.backlog, 'message')} waited to be recorded."
    if silent >= timedelta(minutes=limits.lag_minutes):
        waiting += f" None has said anything for {duration(silent)}."
    return [
        Verdict(
            rule=Rule.LOG_LAG,
            subject="",
            is_met=is_met,
            severity=Severity.CRITICAL,
            title=f"The log is {duration(behind)} behind" if is_met else "The log is up to date",
            explanation=f"{said} {waiting} The limit is {limit(limits.lag_minutes)}.",
            numbers={
                "as_of": stamp(facts.as_of),
                "behind_s": behind // timedelta(seconds=1),
                "backlog": facts.backlog,
                "recorder_seen_at": stamp(facts.recorder_seen_at) if facts.recorder_seen_at else None,
                "limit_s": limits.lag_minutes * 60,
            },
            since=facts.as_of if is_met else None,
            remedy=_LOG if is_met else None,
        )
    ]


def dead_letters(facts: PlatformFacts, limits: PlatformLimits, now: datetime) -> list[Verdict]:
    """Whether messages nobody could read have become more lately."""
    return [_dead_letters(facts.dead_letters, limits, now)] if facts.dead_letters is not None else []


def spool(facts: PlatformFacts, limits: PlatformLimits, now: datetime) -> list[Verdict]:
    """Whether accepted deliveries wait for the broker for too long."""
    since = facts.spooled_since
    waited = max(now - since, timedelta()) if since else timedelta()
    is_met = since is not None and waited >= timedelta(minutes=limits.spool_minutes)
    said = f"Accepted deliveries have waited for {duration(waited)} to be handed to the broker."
    return [
        Verdict(
            rule=Rule.QUEUED,
            subject=SPOOL,
            is_met=is_met,
            severity=Severity.CRITICAL,
            title=f"Deliveries have waited for the broker for {duration(waited)}"
            if is_met
            else "No delivery waits long for the broker",
            explanation=f"{said if since else 'None waits.'} The limit is {limit(limits.spool_minutes)}.",
            numbers={
                "oldest_since": stamp(since) if since else None,
                "limit_minutes": limits.spool_minutes,
            },
            since=since,
            remedy=_SPOOL if is_met else None,
        )
    ]


def _broker(seen: datetime, limits: PlatformLimits, now: datetime) -> Verdict:
    silent = max(now - seen, timedelta())
    is_met = silent >= timedelta(minutes=limits.broker_minutes)
    title = "The message broker does not answer" if is_met else "The message broker answers"
    return Verdict(
        rule=Rule.LANE,
        subject=BROKER,
        is_met=is_met,
        severity=Severity.CRITICAL,
        title=title,
        explanation=f"Its queues were last seen {duration(silent)} ago. "
        f"The limit is {limit(limits.broker_minutes)}.",
        numbers={
            "seen_at": stamp(seen),
            "silent_s": silent // timedelta(seconds=1),
            "limit_s": limits.broker_minutes * 60,
        },
        since=seen if is_met else None,
        remedy=_BROKER if is_met else None,
    )


def _lane(queue: QueueFacts, limits: PlatformLimits) -> Verdict:
    is_met = queue.consumers <= 0
    consumed = many(max(queue.consumers, 0), "consumer")
    title = f"Queue {queue.queue}: {'nobody consumes it' if is_met else 'is consumed'}"
    said = f"It has {consumed} and {many(queue.messages, 'message')} waiting."
    if queue.consumers < 0:
        title, said = f"Queue {queue.queue}: does not exist", "There is no such queue at the broker."
    return Verdict(
        rule=Rule.LANE,
        subject=queue.queue,
        is_met=is_met,
        severity=Severity.CRITICAL,
        title=title,
        explanation=f"{said} A restart may take {limit(limits.lane_minutes)}.",
        numbers={
            "consumers": queue.consumers,
            "messages": queue.messages,
            "measured_at": stamp(queue.measured_at),
        },
        hold=timedelta(minutes=limits.lane_minutes),
        remedy=_SERVICE if is_met else None,
    )


def _dead_letters(queue: QueueFacts, limits: PlatformLimits, now: datetime) -> Verdict:
    within = timedelta(minutes=limits.dead_letter_minutes)
    is_met = queue.messages > 0 and queue.grew_at is not None and now - queue.grew_at < within
    grew = f"It last grew {duration(max(now - queue.grew_at, timedelta()))} ago." if queue.grew_at else ""
    return Verdict(
        rule=Rule.DEAD_LETTERS,
        subject="",
        is_met=is_met,
        severity=Severity.WARNING,
        title=f"{many(queue.messages, 'message')} nobody could read"
        if is_met
        else "No new messages nobody could read",
        explanation=f"The queue {queue.queue} holds {many(queue.messages, 'message')}. {grew}".rstrip(),
        numbers={
            "messages": queue.messages,
            "grew_at": stamp(queue.grew_at) if queue.grew_at else None,
            "limit_minutes": limits.dead_letter_minutes,
        },
        since=queue.grew_at if is_met else None,
        remedy=_DEAD_LETTERS if is_met else None,
    )


def all_of(facts: PlatformFacts, limits: PlatformLimits, now: datetime) -> Iterable[Verdict]:
    """In the order people should read them."""
    for rule in (queues, log_lag, dead_letters, spool):
        yield from rule(facts, limits, now)
