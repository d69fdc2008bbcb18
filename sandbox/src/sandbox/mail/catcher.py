"""Takes mail by SMTP and keeps the newest messages."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

KEPT = 500
LARGEST = 2_000_000
BUSY = "451 The sandbox takes no mail for now"
TAKEN = "250 OK"


@dataclass(frozen=True)
class Mail:
    """A message as it came; `id` counts from 1."""

    id: int
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def parsed(self) -> EmailMessage:
        message = message_from_bytes(self.raw, policy=modern)
        assert isinstance(message, EmailMessage)
        return message

    def part(self, kind: str) -> str:
        """Its plain or its html part; nothing when it has none."""
        found = self.parsed.get_body((kind,))
        return "" if found is None else str(found.get_content())


@dataclass
class Mailbox:
    """`is_refusing`: every message is put off, as in trouble. `bounces`: addresses it does not know."""

    is_refusing: bool = False
    bounces: frozenset[str] = frozenset()
    mails: deque[Mail] = field(default_factory=lambda: deque(maxlen=KEPT))
    taken: int = 0
    refused: int = 0

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.bounces:
            return "550 Nobody of that name"
        envelope.rcpt_tos.append(address)
        return TAKEN

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.is_refusing:
            self.refused += 1
            return BUSY
        self.taken += 1
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        sender, recipients = envelope.mail_from or "", tuple(envelope.rcpt_tos)
        self.mails.append(Mail(self.taken, datetime.now(UTC), sender, recipients, content))
        return TAKEN

    def find(self, mail_id: int) -> Mail | None:
        return next((mail for mail in self.mails if mail.id == mail_id), None)


@contextlib.asynccontextmanager
async def listening(mailbox: Mailbox, host: str, port: int | None) -> AsyncIterator[None]:
    """Takes mail at a port; None: none is taken."""
    if port is None:
        yield
        return
    loop = asyncio.get_running_loop()

    def protocol() -> Any:
        return SMTP(mailbox, data_size_limit=LARGEST, enable_SMTPUTF8=True, loop=loop, ident="sandbox")

    server = await loop.create_server(protocol, host, port)
    async with server:
        yield
