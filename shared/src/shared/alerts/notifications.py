"""Messages to people about alerts: one for each recipient, sent by a task of the same id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from shared.db.queries import load_queries
from shared.envelope import Payload, Transition
from shared.starting import Start, started
from shared.tasks import TaskType

MAIL = "mail"

_queries = load_queries(__file__, "notifications")


class NotificationKind(StrEnum):
    NEWS = "news"
    REMINDER = "reminder"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Recipient:
    """`channel`: mail, or a channel's kind. `name`: a mail address, or the name of the shop's channel."""

    channel: str
    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """`event`: firing, resolved or reminder."""

    alert_id: UUID
    event: str


@dataclass(frozen=True, slots=True)
class Notification:
    """A row of alerts.notifications. `shop_id` None: about the platform. Words are taken when it is sent."""

    id: UUID
    shop_id: int | None
    kind: NotificationKind
    recipient: Recipient
    alerts: tuple[Told, ...] = ()


async def insert(connection: Any, notifications: Sequence[Notification]) -> None:
    """Inside the caller's transaction; their tasks are still to be queued."""
    for one in notifications:
        await _queries.insert_notification(
            connection,
            id=one.id,
            shop_id=one.shop_id,
            kind=one.kind.value,
            channel=one.recipient.channel,
            recipient=one.recipient.name,
            alerts=[{"id": str(told.alert_id), "event": told.event} for told in one.alerts],
        )


async def note_queued(connection: Any, ids: Sequence[UUID], now: datetime) -> None:
    """The broker has their tasks."""
    await _queries.note_queued(connection, ids=list(ids), now=now)


def queued(notification: Notification, now: datetime, *, service: str, actor: str) -> Transition:
    """Its task: the same however often it is made, and it says neither who is told nor what."""
    start = Start(
        type=TaskType.NOTIFY_ALERT,
        shop_id=notification.shop_id or 0,
        actor=actor,
        payload=Payload(body=orjson.dumps({"notification": str(notification.id)})),
        source_id=str(notification.id),
    )
    return started(start, service=service, now=now, task_id=notification.id)
