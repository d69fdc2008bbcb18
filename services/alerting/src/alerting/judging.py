"""What a round makes of the facts, shop by shop. Pure.

A shop whose rules fail is left as it is: its alerts neither fire nor end, and all others' go on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerting.life import Alert, Step, Terms, step
from alerting.store.alerts import Subject
from shared.alerts.evaluating import evaluate_platform, evaluate_shop
from shared.alerts.facts import PlatformFacts, PlatformLimits, ShopFacts
from shared.alerts.settings import AlertSettings
from shared.alerts.silence import WantedProof, proof_wanted
from shared.alerts.verdicts import Verdict

PLATFORM_REMINDERS = timedelta(hours=4)

Steps = list[tuple[Subject, Step]]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known at the moment of a round."""

    now: datetime
    platform: PlatformFacts
    limits: PlatformLimits
    shops: Mapping[int, ShopFacts]
    settings: Mapping[int, AlertSettings]
    known: Mapping[Subject, Alert]
    muted: set[Subject]


@dataclass(frozen=True, slots=True)
class Judged:
    """By shop, None is the platform. `failed`: why nothing can be said of a shop in this round."""

    steps: dict[int | None, Steps] = field(default_factory=dict)
    wanted: dict[int, WantedProof] = field(default_factory=dict)
    failed: dict[int | None, Exception] = field(default_factory=dict)


def judge(facts: Facts) -> Judged:
    """Never raises: a fault of one shop's rules is told in `failed`."""
    judged = Judged()
    known: dict[int | None, dict[Subject, Alert]] = {None: {}, **{shop_id: {} for shop_id in facts.shops}}
    for subject, alert in facts.known.items():
        known.setdefault(subject[0], {})[subject] = alert
    for shop_id, own in known.items():
        try:
            wanted = _wanted_proof(facts, shop_id)
            judged.steps[shop_id] = list(_steps(facts, shop_id, own))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this shop's alone
            judged.failed[shop_id] = error
        else:
            if shop_id is not None and wanted is not None:
                judged.wanted[shop_id] = wanted
    return judged


def _steps(
    facts: Facts, shop_id: int | None, known: Mapping[Subject, Alert]
) -> Iterable[tuple[Subject, Step]]:
    """What nobody names any more is over, too."""
    verdicts = {(shop_id, one.rule.value, one.subject): one for one in _verdicts(facts, shop_id)}
    for subject in {**verdicts, **known}:
        terms = _terms(facts, subject)
        yield subject, step(known.get(subject), verdicts.get(subject), terms, shop_id=shop_id, now=facts.now)


def _verdicts(facts: Facts, shop_id: int | None) -> Iterable[Verdict]:
    if shop_id is None:
        return evaluate_platform(facts.platform, facts.limits, facts.now)
    own = facts.shops.get(shop_id)
    return evaluate_shop(own, facts.settings[shop_id], facts.now) if own is not None else ()


def _terms(facts: Facts, subject: Subject) -> Terms:
    own = facts.settings.get(subject[0]) if subject[0] is not None else None
    interval = own.reminder_interval if own is not None else PLATFORM_REMINDERS
    return Terms(interval, is_muted=subject in facts.muted)


def _wanted_proof(facts: Facts, shop_id: int | None) -> WantedProof | None:
    own = facts.shops.get(shop_id) if shop_id is not None else None
    if own is None or own.silence is None:
        return None
    return proof_wanted(own.silence, facts.settings[own.shop_id], min(facts.now, own.known_until))
