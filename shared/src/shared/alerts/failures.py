"""Rule failure-group: failures of a kind never seen before, or back after a person had resolved them. Pure.

One alert for the group, however many tasks fail that way; it is over when none has for an hour, or a person
says it is mended. Many new groups at once are most likely one trouble: they become one alert together.
"""

from datetime import datetime

from shared.alerts.facts import GROUP_LIFE, FailureGroup, ShopFacts
from shared.alerts.settings import AlertSettings
from shared.alerts.verdicts import Example, Rule, Severity, Verdict
from shared.alerts.words import many, stamp

# More new groups than this at once become one alert.
APART = 5
EXAMPLES = 3
LONGEST_TITLE = 120

_REMEDY = (
    "So many kinds of failure at once mostly have one cause: look at the first of them, and at what changed "
    "then."
)


def failure_groups(facts: ShopFacts, settings: AlertSettings) -> list[Verdict]:
    """One verdict for each group that failed in the last hour, and one for many new ones together."""
    if not settings.new_failures:
        return []
    lately = facts.known_until - GROUP_LIFE
    active = [one for one in facts.failure_groups if one.last_at >= lately and not one.is_resolved]
    fresh = [one for one in active if not one.is_alerted and one.appeared_at >= _new_since(facts, lately)]
    together = fresh if len(fresh) > APART or facts.groups_alert_since is not None else []
    told = {one.fingerprint for one in together}
    apart = [_group(one, lately) for one in active if one.fingerprint not in told]
    return [_together(together), *apart]


def _new_since(facts: ShopFacts, lately: datetime) -> datetime:
    """What one alert has told of stays a part of it for as long as it goes on."""
    since = facts.groups_alert_since
    return lately if since is None else min(lately, since - GROUP_LIFE)


def _group(one: FailureGroup, lately: datetime) -> Verdict:
    is_met = one.is_alerted or one.appeared_at >= lately
    is_back = one.back_at is not None
    return Verdict(
        rule=Rule.FAILURE_GROUP,
        subject=one.fingerprint,
        is_met=is_met,
        severity=Severity.WARNING,
        title=_title(one, is_met=is_met, is_back=is_back),
        explanation=_explanation(one, is_met=is_met),
        numbers={
            "failures": one.n,
            "failures_lately": one.n_lately,
            "first_at": stamp(one.first_at),
            "last_at": stamp(one.last_at),
            "resolved_at": stamp(one.resolved_at) if one.resolved_at else None,
            "back_at": stamp(one.back_at) if one.back_at else None,
        },
        since=one.appeared_at,
        remedy=one.remedy,
        link={"state": "failed", "type": one.type, "fingerprint": one.fingerprint},
        examples=(_example(one),),
    )


def _title(one: FailureGroup, *, is_met: bool, is_back: bool) -> str:
    if not is_met:
        said = "Known failure"
    else:
        said = "A resolved failure is back" if is_back else "New kind of failure"
    text = f"{said}: {one.type}: {one.message}"
    return text if len(text) <= LONGEST_TITLE else f"{text[: LONGEST_TITLE - 1].rstrip()}…"


def _explanation(one: FailureGroup, *, is_met: bool) -> str:
    times = many(one.n, "task")
    if one.back_at is not None and one.resolved_at is not None:
        first = f"It was marked as resolved, and came back: {times} failed this way in all."
    elif is_met:
        first = f"{times} failed this way so far; none had before."
    else:
        first = f"{times} failed this way so far; it is not new."
    return f"{one.type} failed in {one.place}: {one.message}\n{first}"


def _together(groups: list[FailureGroup]) -> Verdict:
    failed = sum(one.n for one in groups)
    n = len(groups)
    worst = sorted(groups, key=lambda one: (-one.n, one.fingerprint))[:EXAMPLES]
    since = min((one.appeared_at for one in groups), default=None)
    explanation = "No more than a few kinds of failure are new."
    if groups:
        kinds = ", ".join(sorted({one.type for one in groups}))
        explanation = (
            f"{many(failed, 'task')} failed in {many(n, 'way')} not seen before, of these types: {kinds}."
        )
    return Verdict(
        rule=Rule.FAILURE_GROUP,
        subject="",
        is_met=bool(groups),
        severity=Severity.CRITICAL,
        title=f"{many(n, 'new kind')} of failure at once" if groups else "Not many new kinds of failure",
        explanation=explanation,
        numbers={"groups": n, "failures": failed, "limit": APART},
        since=since,
        remedy=_REMEDY if groups else None,
        link={"state": "failed"} | ({"created_from": stamp(since)} if since else {}),
        examples=tuple(_example(one) for one in worst),
    )


def _example(one: FailureGroup) -> Example:
    return Example(one.example_id, one.type, one.message, one.example_order)
