"""Which topics the app has subscribed to."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from sandbox.shopify.topics import COMPLIANCE_TOPICS, enum_name


@dataclass(frozen=True)
class Subscription:
    """`topic` as the header spells it; `uri` is kept as given: everything goes to the one receiver."""

    id: int
    topic: str
    uri: str
    created_at: datetime
    updated_at: datetime
    name: str | None = None


@dataclass
class Subscriptions:
    """Until `enforced`, every topic is sent; compliance topics always are, as they are no subscriptions."""

    enforced: bool = False
    kept: dict[int, Subscription] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(1_302_000_000_001))

    def wants(self, topic: str) -> bool:
        if not self.enforced or topic in COMPLIANCE_TOPICS:
            return True
        return any(subscription.topic == topic for subscription in self.kept.values())

    def find(self, topic: str, uri: str) -> Subscription | None:
        return next((s for s in self.kept.values() if (s.topic, s.uri) == (topic, uri)), None)

    def add(self, topic: str, uri: str, name: str | None = None) -> Subscription:
        now = datetime.now(UTC)
        made = Subscription(next(self._ids), topic, uri, created_at=now, updated_at=now, name=name)
        self.kept[made.id] = made
        return made

    def drop(self, wanted: str) -> list[Subscription]:
        """Remove what has this id, topic or enum value, as Shopify does after 8 failures; `*` is all."""
        dropped = [
            subscription
            for subscription in self.kept.values()
            if wanted in ("*", str(subscription.id), subscription.topic, enum_name(subscription.topic))
        ]
        for subscription in dropped:
            del self.kept[subscription.id]
        return dropped
