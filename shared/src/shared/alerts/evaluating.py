"""All rules at once. Pure.

Each verdict says how things stand with one subject, met or not. A subject that no verdict names any more is
as it should be: whatever was wrong with it is over.
"""

from datetime import datetime

from shared.alerts.facts import PlatformFacts, PlatformLimits, ShopFacts
from shared.alerts.settings import AlertSettings
from shared.alerts.silence_verdict import order_silence
from shared.alerts.verdicts import Verdict


def evaluate_shop(facts: ShopFacts, settings: AlertSettings, now: datetime) -> list[Verdict]:
    """Every rule's verdicts of a shop, in the order people should read them."""
    known = min(now, facts.known_until)
    return [order_silence(facts.silence, settings, known)] if facts.silence is not None else []


def evaluate_platform(facts: PlatformFacts, limits: PlatformLimits, now: datetime) -> list[Verdict]:
    """Every rule's verdicts of what concerns those who operate the platform."""
    return []
