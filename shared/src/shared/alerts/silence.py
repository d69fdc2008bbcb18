"""Rule order-silence: no order synced for so long, counted inside the window; the shop is asked why. Pure.

`silence_verdict.py` words it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from shared.alerts.settings import AlertSettings
from shared.alerts.windows import DailyWindow

# Orders younger than this may still be on their way.
SETTLING = timedelta(minutes=5)
# How long an answer of the shop, or a better one, is waited for before people are told without it.
PATIENCE = timedelta(minutes=10)
# How long missed orders are told of although the remedy has ended the silence already.
AFTERWARDS = timedelta(minutes=10)
# How long it is still mentioned when all is well again.
REMEMBERED = timedelta(days=1)

# When the shop is asked again while it stays silent.
QUIET_AGAIN_AT_MOST = timedelta(hours=1)
TROUBLE_AGAIN = timedelta(minutes=15)
UNPROVEN_AGAIN = timedelta(minutes=3)
# Longer silences are counted no further; no period takes so long.
LOOK_BACK = timedelta(days=366)


class ProofVerdict(StrEnum):
    """What a question to the shop showed. Stored in alerts.proofs."""

    QUIET = "quiet"
    MISSED = "missed"
    SUBSCRIPTION_GONE = "subscription-gone"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Proof:
    """What the shop said when it was asked about a silence: a row of alerts.proofs.

    `since` is the beginning of the silence it was asked about: it tells nothing of another. `words`: whole
    sentences for people; why it could not be asked, when unproven. `made`, `missed` and `fetched` count
    orders: made in the shop since, of these not synced, of these synced later thanks to the remedy; in the
    row they are `numbers` by the same names.
    """

    since: datetime
    asked_at: datetime
    verdict: ProofVerdict
    words: str
    made: int = 0
    missed: int = 0
    fetched: int = 0
    task_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class SilenceFacts:
    """`watched_since`: when the shop was installed, or its first order sync became possible.

    `last_synced_at`: SyncOrder or SyncOrderNotification last succeeded; for shops without an active CRM
    account (kind engage) IndexOrder. To the minute is enough, but it stays the same while nothing succeeds.
    `proof`: the newest of alerts.proofs, whatever silence it was for.
    """

    zone: str
    watched_since: datetime
    last_synced_at: datetime | None
    proof: Proof | None

    @property
    def began_at(self) -> datetime:
        """When the silence began."""
        return max(self.watched_since, self.last_synced_at or self.watched_since)


@dataclass(frozen=True, slots=True)
class WantedProof:
    """A question to the shop: which orders were made after `since` and before `settled_before`, when later
    ones may still be on their way, and are the webhook subscriptions for orders still there?

    `since` goes into the stored proof as it is. `silent`: how much of the silence counts.
    """

    since: datetime
    settled_before: datetime
    silent: timedelta


class Standing(StrEnum):
    """What becomes of a silence."""

    UNWATCHED = "unwatched"
    WITHIN_LIMIT = "within-limit"
    ASKING = "asking"
    QUIET = "quiet"
    MISSED = "missed"
    SUBSCRIPTION_GONE = "subscription-gone"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Silence:
    """One shop's silence at a moment. `counted`: what of it lies inside the window.

    `proof`: the one that counts; within the limit, the trouble found in the silence before. `is_over`: it is
    kept in sight only because orders were missed in it.
    """

    standing: Standing
    began_at: datetime
    counted: timedelta
    proof: Proof | None
    is_over: bool = False


def silence_of(facts: SilenceFacts, settings: AlertSettings, now: datetime) -> Silence:
    """How it stands with the shop's silence."""
    if not settings.silence_is_watched:
        return Silence(Standing.UNWATCHED, facts.began_at, timedelta(), None)
    trouble = _trouble_before(facts)
    if trouble is not None and now - trouble.asked_at < AFTERWARDS:
        counted = window_of(facts.zone, settings).counted(trouble.since, facts.began_at)
        return Silence(_standing_of(trouble), trouble.since, counted, trouble, is_over=True)
    counted = _counted(facts, settings, now)
    if counted < settings.silence_period:
        remembered = trouble if trouble and now - trouble.asked_at < REMEMBERED else None
        return Silence(Standing.WITHIN_LIMIT, facts.began_at, counted, remembered)
    proof = _standing_proof(facts)
    if proof is None or _is_outdated(proof, facts, settings, now):
        return Silence(Standing.ASKING, facts.began_at, counted, proof)
    return Silence(_standing_of(proof), facts.began_at, counted, proof)


def proof_wanted(facts: SilenceFacts, settings: AlertSettings, now: datetime) -> WantedProof | None:
    """What the shop should be asked now, if anything. Wanted until a newer proof is among the facts."""
    if not settings.silence_is_watched:
        return None
    counted = _counted(facts, settings, now)
    if counted < settings.silence_period:
        return None
    proof = _standing_proof(facts)
    if proof is not None and _age(proof, facts, settings, now) < _good_for(proof, settings):
        return None
    return WantedProof(since=facts.began_at, settled_before=now - SETTLING, silent=counted)


def window_of(zone: str, settings: AlertSettings) -> DailyWindow:
    """When silence counts."""
    return DailyWindow(settings.window_opens, settings.window_closes, ZoneInfo(zone))


def proof_of(row: Mapping[str, Any]) -> Proof:
    """A row of alerts.proofs; `numbers` as an object or as JSON."""
    numbers = row["numbers"] if isinstance(row["numbers"], Mapping) else orjson.loads(row["numbers"])
    return Proof(
        since=row["since"],
        asked_at=row["asked_at"],
        verdict=ProofVerdict(row["verdict"]),
        words=row["words"],
        made=numbers.get("made", 0),
        missed=numbers.get("missed", 0),
        fetched=numbers.get("fetched", 0),
        task_ids=tuple(row["task_ids"]),
    )


def _counted(facts: SilenceFacts, settings: AlertSettings, now: datetime) -> timedelta:
    return window_of(facts.zone, settings).counted(max(facts.began_at, now - LOOK_BACK), now)


def _standing_proof(facts: SilenceFacts) -> Proof | None:
    proof = facts.proof
    return proof if proof is not None and proof.since == facts.began_at else None


def _trouble_before(facts: SilenceFacts) -> Proof | None:
    """What was found in a silence that has ended since: most likely the remedy ended it."""
    proof = facts.proof
    if proof is None or proof.since >= facts.began_at:
        return None
    return proof if proof.verdict in (ProofVerdict.MISSED, ProofVerdict.SUBSCRIPTION_GONE) else None


def _standing_of(proof: Proof) -> Standing:
    match proof.verdict:
        case ProofVerdict.QUIET:
            return Standing.QUIET
        case ProofVerdict.MISSED:
            return Standing.MISSED
        case ProofVerdict.SUBSCRIPTION_GONE:
            return Standing.SUBSCRIPTION_GONE
        case ProofVerdict.UNPROVEN:
            return Standing.UNPROVEN
        case _:
            assert_never(proof.verdict)


def _good_for(proof: Proof, settings: AlertSettings) -> timedelta:
    """How old a proof may become before the shop is asked again."""
    match proof.verdict:
        case ProofVerdict.QUIET:
            return min(settings.silence_period / 2, QUIET_AGAIN_AT_MOST)
        case ProofVerdict.MISSED | ProofVerdict.SUBSCRIPTION_GONE:
            return TROUBLE_AGAIN
        case ProofVerdict.UNPROVEN:
            return UNPROVEN_AGAIN
        case _:
            assert_never(proof.verdict)


def _age(proof: Proof, facts: SilenceFacts, settings: AlertSettings, now: datetime) -> timedelta:
    """Quiet may last for the night: only open hours make such a proof older."""
    if proof.verdict is ProofVerdict.QUIET:
        return window_of(facts.zone, settings).counted(proof.asked_at, now)
    return now - proof.asked_at


def _is_outdated(proof: Proof, facts: SilenceFacts, settings: AlertSettings, now: datetime) -> bool:
    """That all was quiet is not believed forever, if no newer answer comes."""
    if proof.verdict is not ProofVerdict.QUIET:
        return False
    return _age(proof, facts, settings, now) >= _good_for(proof, settings) + PATIENCE
