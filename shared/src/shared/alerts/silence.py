"""Rule order-silence: no order synced for so long, counted inside the window; the shop is asked why. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.alerts.settings import AlertSettings
from shared.alerts.verdicts import Verdict


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


def proof_wanted(facts: SilenceFacts, settings: AlertSettings, now: datetime) -> WantedProof | None:
    """What the shop should be asked now, if anything. Wanted until a newer proof is among the facts."""
    raise NotImplementedError


def order_silence(facts: SilenceFacts, settings: AlertSettings, now: datetime) -> Verdict:
    """Silent and not proven yet: met, but with a hold, so that it fires only if no proof comes in good time.

    Quiet: not met. Orders missed or the subscription gone: met at once, and for a few minutes after the
    remedy ended the silence, so that it is told at all. Unproven: met, with a hold.
    """
    raise NotImplementedError


def proof_of(row: Mapping[str, Any]) -> Proof:
    """A row of alerts.proofs; `numbers` as an object or as JSON."""
    raise NotImplementedError
