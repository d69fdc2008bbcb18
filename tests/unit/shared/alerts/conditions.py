"""Facts of shops, with everything that does not matter filled in."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.alerts.facts import AccountFacts, FailureGroup, PlatformFacts, QueueFacts, ShopFacts
from shared.alerts.verdicts import Verdict

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def shop(**changes: Any) -> ShopFacts:
    values: dict[str, Any] = {
        "shop_id": 1,
        "domain": "one.example",
        "name": "One",
        "zone": "Europe/Stockholm",
        "known_until": NOW,
        "silence": None,
        "ended": {},
    }
    return ShopFacts(**(values | changes))


def account(**changes: Any) -> AccountFacts:
    values: dict[str, Any] = {
        "id": 7,
        "kind": "engage",
        "name": "Voyado",
        "refused": None,
        "is_held": False,
        "refused_since": None,
        "expires_at": None,
    }
    return AccountFacts(**(values | changes))


def failures(fingerprint: str = "f1", **changes: Any) -> FailureGroup:
    """First seen ten minutes ago, last five minutes ago."""
    values: dict[str, Any] = {
        "fingerprint": fingerprint,
        "type": "SyncOrder",
        "kind": "validation",
        "message": "The CRM refused the order: currency is missing",
        "remedy": "Correct it in the shop, then retry this task.",
        "place": "clients/engage.py:send",
        "n": 3,
        "n_lately": 3,
        "first_at": NOW - 10 * MINUTE,
        "last_at": NOW - 5 * MINUTE,
        "resolved_at": None,
        "back_at": None,
        "example_id": UUID(int=1),
        "example_order": "#1042",
    }
    return FailureGroup(**(values | changes))


def queue(name: str, **changes: Any) -> QueueFacts:
    values: dict[str, Any] = {"messages": 0, "consumers": 1, "grew_at": None, "measured_at": NOW}
    return QueueFacts(queue=name, **(values | changes))


def platform(**changes: Any) -> PlatformFacts:
    values: dict[str, Any] = {
        "as_of": NOW,
        "backlog": 0,
        "recorder_seen_at": NOW,
        "queues": (),
        "dead_letters": None,
        "broker_seen_at": NOW,
        "spooled_since": None,
    }
    return PlatformFacts(**(values | changes))


def met(verdicts: list[Verdict]) -> list[str]:
    """The subjects whose rule is met."""
    return [verdict.subject for verdict in verdicts if verdict.is_met]
