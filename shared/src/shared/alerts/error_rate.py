"""Rule error-rate: too large a share of the tasks that ended lately failed. Per shop and per group. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from shared.alerts.facts import Ended, FailureGroup, ShopFacts
from shared.alerts.settings import AlertSettings
from shared.alerts.verdicts import Example, Rule, Severity, Verdict
from shared.alerts.words import limit, many, stamp
from shared.connections.status import minute_of
from shared.tasks import CATALOGUE, Group

GROUPS = (
    Group.CONTACT_SYNC,
    Group.ORDER_SYNC,
    Group.REFUND_SYNC,
    Group.WRITE_BACK,
    Group.DROPSHIPPING,
)
EXAMPLES = 3
_GROUP_OF = {kind.value: spec.group for kind, spec in CATALOGUE.items()}
# From here on it is not a few bad records any more.
CRITICAL_PERCENT = 50

_REMEDY = (
    "Open the failed tasks: each says what to do. Correct the commonest cause first, then retry the tasks it "
    "made fail."
)


def error_rates(facts: ShopFacts, settings: AlertSettings) -> list[Verdict]:
    """Of all the shop's tasks together, subject "", and of each group by itself."""
    everything = Ended(
        sum(ended.succeeded for ended in facts.ended.values()),
        sum(ended.failed for ended in facts.ended.values()),
    )
    verdicts = [_verdict(None, everything, facts, settings)]
    return verdicts + [_verdict(group, facts.ended.get(group, Ended()), facts, settings) for group in GROUPS]


def window_start(settings: AlertSettings, known: datetime) -> datetime:
    """Where the window begins: so many whole minutes before the running one."""
    return minute_of(known) - timedelta(minutes=settings.error_rate_minutes)


def percent_of(ended: Ended) -> float | None:
    """The share of tasks that failed; None when none ended."""
    return ended.failed * 100 / ended.total if ended.total else None


def is_exceeded(ended: Ended, settings: AlertSettings) -> bool:
    """From the limit on, exactly; never of fewer tasks than the minimum."""
    allowed = Decimal(str(settings.error_rate_percent)) * ended.total
    return ended.total >= settings.error_rate_min_tasks and ended.failed * 100 >= allowed


def _verdict(group: Group | None, ended: Ended, facts: ShopFacts, settings: AlertSettings) -> Verdict:
    percent = percent_of(ended)
    is_met = is_exceeded(ended, settings)
    start = window_start(settings, facts.known_until)
    worst = _worst(facts.failure_groups, group, start)
    link = {"state": "failed", "created_from": stamp(start)}
    return Verdict(
        rule=Rule.ERROR_RATE,
        subject=group.value if group else "",
        is_met=is_met,
        severity=Severity.CRITICAL if (percent or 0) >= CRITICAL_PERCENT else Severity.WARNING,
        title=_title(group, ended, is_met=is_met),
        explanation=_explanation(group, ended, settings),
        numbers=_numbers(ended, settings),
        remedy=_remedy(worst) if is_met else None,
        link=link | ({"group": group.value} if group else {}),
        examples=tuple(_example(one) for one in worst) if is_met else (),
    )


def _title(group: Group | None, ended: Ended, *, is_met: bool) -> str:
    of_what = f"{group.value} tasks" if group else "tasks"
    if is_met:
        return f"{_percent(ended)} of the {of_what} fail"
    return f"Few {of_what} fail" if ended.failed else f"No {of_what} fail"


def _explanation(group: Group | None, ended: Ended, settings: AlertSettings) -> str:
    of_what = f"{group.value} task" if group else "task"
    lately = f"in the last {limit(settings.error_rate_minutes).removeprefix('1 ')}"
    allowed = f"The limit is {settings.error_rate_percent:g} % of at least {settings.error_rate_min_tasks:,}"
    if not ended.total:
        return f"No {of_what} ended {lately}. {allowed}."
    said = f"{many(ended.total, of_what)} ended {lately}, {ended.failed:,} of them failed: {_percent(ended)}."
    if ended.failed and ended.total < settings.error_rate_min_tasks:
        return f"{said} So few say little. {allowed}."
    return f"{said} {allowed}."


def _percent(ended: Ended) -> str:
    return f"{percent_of(ended) or 0:.3g} %"


def _numbers(ended: Ended, settings: AlertSettings) -> Mapping[str, float | int | None]:
    percent = percent_of(ended)
    return {
        "ended": ended.total,
        "failed": ended.failed,
        "percent": None if percent is None else round(percent, 2),
        "limit_percent": settings.error_rate_percent,
        "window_minutes": settings.error_rate_minutes,
        "min_tasks": settings.error_rate_min_tasks,
    }


def _worst(failures: Iterable[FailureGroup], group: Group | None, start: datetime) -> list[FailureGroup]:
    """The commonest kinds of failure of the window."""
    own = [one for one in failures if one.last_at >= start and _is_of(one, group)]
    return sorted(own, key=lambda one: (-one.n_lately, one.fingerprint))[:EXAMPLES]


def _is_of(failures: FailureGroup, group: Group | None) -> bool:
    return group is None or _GROUP_OF.get(failures.type) is group


def _remedy(worst: list[FailureGroup]) -> str:
    return worst[0].remedy if len(worst) == 1 else _REMEDY


def _example(failures: FailureGroup) -> Example:
    return Example(failures.example_id, failures.type, failures.message, failures.example_order)
