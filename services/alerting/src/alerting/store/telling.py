"""Notifications as they are sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.alerts.notifications import NotificationKind, Recipient
from shared.db.queries import load_queries

_queries = load_queries(__file__, "telling")


@dataclass(frozen=True, slots=True)
class ToldAlert:
    """An alert as it is when it is told. `event`: firing, resolved or reminder, as was decided before."""

    id: UUID
    event: str
    rule: str
    subject: str
    state: str
    severity: str
    title: str
    explanation: str
    facts: dict[str, Any]
    began_at: datetime
    fired_at: datetime | None
    resolved_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.state == "resolved"


@dataclass(frozen=True, slots=True)
class Message:
    """What one recipient is told. `shop` None: it is about the platform. `sealed`: the shop's channels."""

    id: UUID
    kind: NotificationKind
    recipient: Recipient
    shop: str | None
    shop_name: str
    timezone: str
    alerts: tuple[ToldAlert, ...]
    sent_at: datetime | None
    note: str | None
    sealed: bytes | None


async def take(connection: Any, notification_id: UUID) -> Message | None:
    """Held by the caller's transaction. None: its shop was erased meanwhile."""
    row = await _queries.take_notification(connection, id=notification_id)
    if row is None:
        return None
    return Message(
        id=row["id"],
        kind=NotificationKind(row["kind"]),
        recipient=Recipient(row["channel"], row["recipient"]),
        shop=row["domain"],
        shop_name=row["name"] or "Syncledger",
        timezone=row["timezone"] or "UTC",
        alerts=await _alerts(connection, row["alerts"]),
        sent_at=row["sent_at"],
        note=row["note"],
        sealed=row["channels"],
    )


async def note_sent(connection: Any, message: Message, now: datetime, note: str | None = None) -> None:
    await _queries.note_sent(connection, id=message.id, now=now, note=note)


async def _alerts(connection: Any, told: Sequence[dict[str, str]]) -> tuple[ToldAlert, ...]:
    """In the order they are to be told in; those that are gone are left out."""
    events = {UUID(one["id"]): one["event"] for one in told}
    rows = {row["id"]: row async for row in _queries.told_alerts(connection, ids=list(events))}
    return tuple(ToldAlert(event=event, **dict(rows[id_])) for id_, event in events.items() if id_ in rows)
