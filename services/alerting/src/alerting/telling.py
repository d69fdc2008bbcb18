"""Tells one recipient what a notification says: for its task, and without it while the broker is away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from alerting.mail.words import nothing_left
from alerting.store import telling as store
from alerting.store.telling import Message
from shared.envelope import utc_now

GONE = "The shop was erased meanwhile: nobody is told"


class Channel(Protocol):
    async def send(self, message: Message) -> str | None:
        """Tells the recipient; a note on how, if that is worth knowing. Raises TaskError."""


@dataclass(frozen=True, slots=True)
class Teller:
    """`channels`: by the name a notification has for them."""

    channels: Mapping[str, Channel]

    async def tell(self, connection: Any, notification_id: UUID) -> str | None:
        """In the caller's transaction: nobody else tells it meanwhile. A note on what became of it."""
        message = await store.take(connection, notification_id)
        if message is None:
            return GONE
        if message.sent_at is not None:
            return message.note or f"Was sent at {message.sent_at:%H:%M:%S} UTC, without its task"
        if (reason := nothing_left(message)) is not None:
            await store.note_sent(connection, message, utc_now(), reason)
            return reason
        note = await self.channels[message.recipient.channel].send(message)
        await store.note_sent(connection, message, utc_now(), note)
        return note

    async def tell_at_once(self, pool: Any, notification_id: UUID) -> None:
        """Without a task."""
        async with pool.acquire() as connection, connection.transaction():
            await self.tell(connection, notification_id)
