"""All rules at once. Pure.

Each verdict says how things stand with one subject, met or not. A subject that no verdict names any more is
as it should be: whatever was wrong with it is over.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from shared.alerts import platform
from shared.alerts.backlog import backlog
from shared.alerts.connections import connections, credentials
from shared.alerts.error_rate import error_rates
from shared.alerts.expiry import expiries, token_expiries
from shared.alerts.facts import PlatformFacts, PlatformLimits, ShopFacts
from shared.alerts.failures import failure_groups
from shared.alerts.settings import AlertSettings
from shared.alerts.silence_verdict import order_silence
from shared.alerts.verdicts import Verdict


def evaluate_shop(facts: ShopFacts, settings: AlertSettings, now: datetime) -> list[Verdict]:
    """Every rule's verdicts of a shop, in the order people should read them.

    What goes by the log is judged as of the moment up to which the log is known: a recorder that is down
    makes no shop look silent, nor one that was ill look well.
    """
    known = min(now, facts.known_until)
    return [
        *([order_silence(facts.silence, settings, known)] if facts.silence is not None else []),
        *error_rates(facts, settings),
        *connections(facts, settings),
        *credentials(facts),
        *expiries(facts, now),
        *backlog(facts, settings),
        *failure_groups(facts, settings),
    ]


def evaluate_platform(facts: PlatformFacts, limits: PlatformLimits, now: datetime) -> list[Verdict]:
    """Every rule's verdicts of what concerns those who operate the platform."""
    return [*platform.all_of(facts, limits, now), *token_expiries(facts.tokens, now, ZoneInfo("UTC"))]
