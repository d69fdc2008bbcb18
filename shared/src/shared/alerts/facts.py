"""What the rules are told of a shop and of the platform. `reading.py` reads it for all shops at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.alerts.silence import SilenceFacts
from shared.connections.judging import Cause
from shared.tasks import Group

# How long a failure group counts as failing after its last failure, and as new after its first.
GROUP_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ended:
    """Tasks that ended."""

    succeeded: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.succeeded + self.failed


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """One part of an account's system. `red_since`: unavailable without a break since then, as far back as
    was looked; None: it is not. `reason`: of its colour now. `left_alone_until`: its breaker is open."""

    category: str
    red_since: datetime | None
    cause: Cause
    reason: str
    left_alone_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account in use. `refused`: why its credentials or settings are not accepted; None: they are.
    `is_held`: its tasks wait until they are entered again. Systems that are never called have no
    `connections`."""

    id: int
    kind: str
    name: str
    refused: str | None
    is_held: bool
    refused_since: datetime | None
    expires_at: datetime | None
    connections: tuple[ConnectionFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """A token of our own API that is known to expire, or has lately."""

    id: int
    name: str
    role: str
    expires_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Failures of one kind that were seen lately. `n`: ever; `n_lately`: in the window of the error rate, to
    the hour. `is_alerted`: there is an open alert for this group by itself."""

    fingerprint: str
    type: str
    kind: str
    message: str
    remedy: str
    place: str
    n: int
    n_lately: int
    first_at: datetime
    last_at: datetime
    resolved_at: datetime | None
    back_at: datetime | None
    example_id: UUID
    example_order: str | None
    is_alerted: bool = False

    @property
    def appeared_at(self) -> datetime:
        """When it was first seen, or came back after a person had resolved it."""
        return self.back_at or self.first_at

    @property
    def is_resolved(self) -> bool:
        """A person said it is mended, and it has not come back."""
        return self.resolved_at is not None and self.back_at is None


@dataclass(frozen=True, slots=True)
class WaitingTask:
    """A task that should have run at `since`, or one that is said to run while nobody does."""

    task_id: UUID
    type: str
    since: datetime
    order_number: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Tasks of a shop that wait: how many, of the oldest that were looked at; and the first of them."""

    n: int = 0
    oldest: tuple[WaitingTask, ...] = ()


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """`known_until`: what occurred before it stands in the log; rules that go by the log judge that moment.

    `silence` None: no order could be expected. `ended`: in the window of the error rate, without alerting's
    own tasks. `groups_alert_since`: since when one alert has told of several new failure groups at once.
    """

    shop_id: int
    domain: str
    name: str
    zone: str
    known_until: datetime
    silence: SilenceFacts | None
    ended: Mapping[Group, Ended]
    accounts: tuple[AccountFacts, ...] = ()
    tokens: tuple[TokenFacts, ...] = ()
    failure_groups: tuple[FailureGroup, ...] = ()
    groups_alert_since: datetime | None = None
    queued: Waiting = Waiting()
    stuck: Waiting = Waiting()


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """A queue as it was last seen. `consumers` -1: there is no such queue."""

    queue: str
    messages: int
    consumers: int
    grew_at: datetime | None
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """`as_of`: how far the log has come (None: nobody ever recorded); `recorder_seen_at`: when a recorder
    last said so. `queues`: those that have to be consumed. `broker_seen_at`: when any queue was last seen.
    `spooled_since`: the oldest task that waits for the broker. `tokens`: for all shops."""

    as_of: datetime | None
    backlog: int
    recorder_seen_at: datetime | None
    queues: tuple[QueueFacts, ...]
    dead_letters: QueueFacts | None
    broker_seen_at: datetime | None
    spooled_since: datetime | None
    tokens: tuple[TokenFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class PlatformLimits:
    """From where on those who operate the platform are told."""

    lane_minutes: int = 2
    lag_minutes: int = 2
    dead_letter_minutes: int = 30
    broker_minutes: int = 2
    spool_minutes: int = 5
