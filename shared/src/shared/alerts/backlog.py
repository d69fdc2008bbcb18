"""Rules queued-too-long and stuck-tasks: work of a shop that does not get on. Pure."""

from datetime import timedelta

from shared.alerts.facts import ShopFacts, Waiting
from shared.alerts.settings import AlertSettings
from shared.alerts.verdicts import Example, Rule, Severity, Verdict
from shared.alerts.words import duration, limit, many, stamp

# What was held back a moment ago, and is late on paper, is let run first.
HOLD = timedelta(minutes=2)

_WAITING_REMEDY = (
    "If a large import or a burst of changes is under way, the tasks are run by and by and nothing has to be "
    "done. Otherwise see whether the services run: ask those who operate Syncledger."
)
_STUCK_REMEDY = (
    "See whether the services run, and look at their log around the time the first of them began. What the "
    "broker still has is taken up by another worker; what it has not has to be retried."
)


def backlog(facts: ShopFacts, settings: AlertSettings) -> list[Verdict]:
    """One verdict for tasks that wait, one for tasks that are said to run."""
    return [_queued(facts, settings), _stuck(facts)]


def _queued(facts: ShopFacts, settings: AlertSettings) -> Verdict:
    waiting = facts.queued
    since = waiting.oldest[0].since if waiting.oldest else None
    lasted = facts.known_until - since if since else timedelta()
    allowed = f"The limit is {limit(settings.queued_minutes)}"
    explanation = f"No task waits for longer than it should. {allowed}."
    if since:
        explanation = (
            f"{many(waiting.n, 'task')} should have run by now; the oldest, {waiting.oldest[0].type}, has "
            f"waited for {duration(lasted)}. {allowed}. Tasks that wait for a retry, or for an account that "
            "pauses, do not count."
        )
    return Verdict(
        rule=Rule.QUEUED,
        subject="",
        is_met=since is not None,
        severity=Severity.WARNING,
        title=f"Tasks have waited for {duration(lasted)}" if since else "No task waits too long",
        explanation=explanation,
        numbers={
            "waiting": waiting.n,
            "oldest_since": stamp(since) if since else None,
            "oldest_minutes": lasted // timedelta(minutes=1),
            "limit_minutes": settings.queued_minutes,
        },
        hold=HOLD,
        since=since,
        remedy=_WAITING_REMEDY if since else None,
        link={"state": "pending"},
        examples=_examples(waiting, "waits"),
    )


def _stuck(facts: ShopFacts) -> Verdict:
    stuck = facts.stuck
    since = stuck.oldest[0].since if stuck.oldest else None
    lasted = facts.known_until - since if since else timedelta()
    explanation = "Every task that is processed shows signs of life."
    if since:
        explanation = (
            f"{many(stuck.n, 'task')} began and did not end, and no worker has shown a sign of life for it "
            f"since; the oldest, {stuck.oldest[0].type}, began {duration(lasted)} ago."
        )
    return Verdict(
        rule=Rule.STUCK,
        subject="",
        is_met=since is not None,
        severity=Severity.WARNING,
        title=f"{many(stuck.n, 'task')} stuck" if since else "No task is stuck",
        explanation=explanation,
        numbers={
            "stuck": stuck.n,
            "oldest_since": stamp(since) if since else None,
            "oldest_minutes": lasted // timedelta(minutes=1),
        },
        hold=HOLD,
        since=since,
        remedy=_STUCK_REMEDY if since else None,
        link={"state": "processing"},
        examples=_examples(stuck, "runs"),
    )


def _examples(waiting: Waiting, does: str) -> tuple[Example, ...]:
    return tuple(
        Example(task.task_id, task.type, f"{does} since {stamp(task.since)}", task.order_number)
        for task in waiting.oldest
    )
