"""Hands on what rounds have left: notifications as tasks, and what became of alerts as events.

A crash between commit and publish is made good by the next look; the ids are the same, so nothing is told
twice. While the broker is away for long, notifications are sent from here: it may be what they tell of.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog

from alerting import metrics
from alerting.store import alerts as store
from shared.alerts.notifications import Notification, NotificationKind, Recipient, note_queued, queued
from shared.envelope import utc_now
from shared.outlasting import AWAY
from shared.publishing import NotPublished, Publisher

log = structlog.get_logger()

SERVICE = "alerting"
BATCH = 100
LOOK_AGAIN_S = 5.0
DIRECTLY_AFTER = timedelta(minutes=2)

Send = Callable[[UUID], Awaitable[None]]


@dataclass(slots=True)
class Outbox:
    """`send` tells a notification's recipient without a task."""

    pool: Any
    publisher: Publisher
    send: Send
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """There is something to hand on."""
        self._news.set()

    async def run(self) -> None:
        """Until cancelled; broker and database may come and go."""
        while True:
            try:
                await self.hand_on(utc_now())
            except AWAY as error:
                log.warning("outbox_waits", reason=repr(error)[:200])
            self._news.clear()
            try:
                async with asyncio.timeout(LOOK_AGAIN_S):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def hand_on(self, now: datetime) -> None:
        """Everything there is."""
        while await self._notifications(now) == BATCH:
            continue
        while await self._announce(now) == BATCH:
            continue

    async def _notifications(self, now: datetime) -> int:
        async with self.pool.acquire() as connection, connection.transaction():
            rows = await store.unpublished_notifications(connection, BATCH)
            waiting = [_notification(row) for row in rows]
            tasks = [
                queued(one, row["created_at"], service=SERVICE, actor=SERVICE)
                for one, row in zip(waiting, rows, strict=True)
            ]
            try:
                await self.publisher.publish(tasks)
            except NotPublished:
                late = [row["id"] for row in rows if now - row["created_at"] >= DIRECTLY_AFTER]
            else:
                await note_queued(connection, [one.id for one in waiting], now)
                return len(rows)
        for notification_id in late:
            await self._send_directly(notification_id)
        raise NotPublished(f"{len(rows)} notifications wait for the broker")

    async def _send_directly(self, notification_id: UUID) -> None:
        try:
            await self.send(notification_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the task tries again when the broker is back
            log.warning("direct_notification_failed", id=str(notification_id), reason=repr(error)[:200])
        else:
            metrics.SENT_DIRECTLY.inc()

    async def _announce(self, now: datetime) -> int:
        async with self.pool.acquire() as connection, connection.transaction():
            rows = await store.unpublished_history(connection, BATCH)
            for row in rows:
                key = f"alert.{row['event']}.{row['rule']}"
                await self.publisher.announce(orjson.dumps(_event(row)), routing_key=key)
            await store.note_announced(connection, [row["id"] for row in rows], now)
        return len(rows)


def _notification(row: Any) -> Notification:
    recipient = Recipient(row["channel"], row["recipient"])
    return Notification(row["id"], row["shop_id"], NotificationKind(row["kind"]), recipient)


def _event(row: Any) -> dict[str, Any]:
    """For programs: what happened to which alert. Ids tell where the rest can be asked for."""
    names = ("event", "at", "actor", "rule", "subject", "severity", "state", "title")
    return {
        "v": 1,
        "alert_id": str(row["alert_id"]),
        "shop": row["domain"],
        **{name: row[name] for name in names},
    }
