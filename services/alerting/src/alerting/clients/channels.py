"""Channels other than mail: programs, chats, and whatever apprise reaches."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from alerting.mail.words import Item, items, subject
from alerting.store.telling import Message
from shared.alerts.channels import AppriseChannel, Channel, SlackChannel, WebhookChannel, host_of, opened
from shared.clients.answers import error_of
from shared.clients.http import Reply, transport_error
from shared.envelope import utc_now
from shared.errors import Misconfigured, Unavailable
from shared.vault import SealBroken, Vault

LARGEST_ANSWER = 4_096
NO_APPRISE = "Channels of kind apprise need the extra: pip install 'syncledger-alerting[apprise]'"


@dataclass(frozen=True, slots=True)
class Channels:
    """`operators`: the channel of those who operate the platform. Addresses hold secrets, so no request is
    recorded; the task says to which host it went."""

    client: httpx.AsyncClient
    vault: Vault
    console_url: str | None
    operators: Sequence[Channel] = ()

    async def send(self, message: Message) -> str | None:
        channel = self._channel(message)
        match channel:
            case WebhookChannel():
                body = orjson.dumps(event_of(message, self.console_url))
                await self._post(channel, body, signed(body, message, channel.secret))
            case SlackChannel():
                await self._post(channel, orjson.dumps(chat_of(message, self.console_url)), {})
            case AppriseChannel():
                await asyncio.to_thread(_by_apprise, channel, message, self.console_url)
        return f"Told to {host_of(channel)}"

    def _channel(self, message: Message) -> Channel:
        try:
            known = opened(message.sealed, self.vault) if message.shop else self.operators
        except (SealBroken, ValueError):
            raise Misconfigured("The shop's channels can not be opened with the keys at hand") from None
        for channel in known:
            if (channel.kind, channel.name) == (message.recipient.channel, message.recipient.name):
                return channel
        raise Misconfigured(f"There is no channel {message.recipient.name!r} any more", kind="configuration")

    async def _post(self, channel: Channel, body: bytes, headers: dict[str, str]) -> None:
        """Sent again after a lost answer: both kinds know a message by its id, or show it twice."""
        sent = {"Content-Type": "application/json", **headers}
        try:
            answer = await self.client.post(channel.url, content=body, headers=sent)
        except httpx.RequestError as error:
            raise transport_error(error, api=host_of(channel), repeatable=True) from error
        if not answer.is_success:
            reply = Reply(answer.status_code, dict(answer.headers), answer.content[:LARGEST_ANSWER])
            raise error_of(reply, api=host_of(channel), repeatable=True, now=utc_now())


def signed(body: bytes, message: Message, secret: str, *, at: int | None = None) -> dict[str, str]:
    """Headers as Standard Webhooks has them."""
    moment = int(time.time()) if at is None else at
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{message.id}.{moment}.".encode() + body
    digest = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": str(message.id),
        "webhook-timestamp": str(moment),
        "webhook-signature": f"v1,{digest}",
    }


def event_of(message: Message, console_url: str | None) -> dict[str, Any]:
    """What programs get."""
    shown = [
        {
            "id": one.id,
            "event": one.event,
            "state": one.state,
            "rule": one.rule,
            "subject": one.subject,
            "severity": one.severity,
            "title": one.title,
            "explanation": one.explanation,
            "began_at": one.began_at,
            "fired_at": one.fired_at,
            "resolved_at": one.resolved_at,
            "numbers": one.facts.get("numbers") or {},
            "examples": one.facts.get("examples") or [],
            "remedy": one.facts.get("remedy"),
        }
        for one in message.alerts
    ]
    return {
        "type": f"alerts.{message.kind.value}",
        "timestamp": utc_now(),
        "data": {"shop": message.shop, "console_url": console_url, "alerts": shown},
    }


def chat_of(message: Message, console_url: str | None) -> dict[str, Any]:
    """What a chat shows: plain text that every program of the kind understands."""
    shown = items(message, console_url)
    return {"text": "\n\n".join([f"*{_escaped(subject(message))}*", *map(_chat_text, shown)])}


def _chat_text(item: Item) -> str:
    lines = [f"{item.heading}: *{_escaped(item.title)}*", _escaped(item.explanation), f"Since {item.since}"]
    lines += [f"Over since {item.until}"] if item.until else []
    lines += [f"• {_escaped(example)}" for example in item.examples]
    lines += [f"What to do: {_escaped(item.remedy)}"] if item.remedy else []
    lines += [f"<{item.address}|Look at it>"] if item.address else []
    return "\n".join(lines)


def _escaped(text: str) -> str:
    """Names of orders and messages of others make no links and call nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _by_apprise(channel: AppriseChannel, message: Message, console_url: str | None) -> None:
    try:
        import apprise  # noqa: PLC0415 - an extra that most installations do without
    except ImportError:
        raise Misconfigured(NO_APPRISE, kind="configuration") from None
    told = apprise.Apprise()
    if not told.add(channel.url):
        raise Misconfigured("apprise does not know addresses of this kind", kind="configuration")
    text = "\n\n".join(_chat_text(item) for item in items(message, console_url))
    if not told.notify(title=subject(message), body=text or subject(message)):
        raise Unavailable(f"{host_of(channel)} did not take the message")
