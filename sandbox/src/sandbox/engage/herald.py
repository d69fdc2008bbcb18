"""Tells the shop's side what changed in the CRM: Svix's webhooks, for the events somebody wants."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import orjson
from pydantic import BaseModel, ConfigDict, Field, field_validator

from sandbox.engage.events import EVENTS, PREFERENCE_EVENTS, Contact, events_of
from sandbox.sending.courier import Courier
from sandbox.sending.standard import Message, key_of

# The key is the text "sandbox-engage-webhook-secret-01".
DEFAULT_SECRET = "whsec_c2FuZGJveC1lbmdhZ2Utd2ViaG9vay1zZWNyZXQtMDE="  # noqa: S105


class HookSettings(BaseModel):
    """`shop` ends the address `/webhooks/engage/{shop}`; with `old_secret` messages carry two signatures."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shop: str
    secret: str = Field(default=DEFAULT_SECRET, repr=False)
    old_secret: str | None = Field(default=None, repr=False)
    tenant: str = "sandbox"
    enabled: bool = True
    events: frozenset[str] = frozenset(PREFERENCE_EVENTS)

    @field_validator("events")
    @classmethod
    def events_exist(cls, events: frozenset[str]) -> frozenset[str]:
        if unknown := events - set(EVENTS):
            raise ValueError(f"no such events: {sorted(unknown)}; there are {list(EVENTS)}")
        return events

    @field_validator("secret", "old_secret")
    @classmethod
    def secret_is_base64(cls, secret: str | None) -> str | None:
        if secret is not None:
            key_of(secret)
        return secret

    @property
    def secrets(self) -> list[str]:
        return [self.secret, *([self.old_secret] if self.old_secret else [])]


@dataclass
class Herald:
    """Knows how to reach the receiver; `changed` is called for every change of a contact."""

    courier: Courier
    settings: HookSettings
    _handing_over: set[asyncio.Task[None]] = field(default_factory=set)

    def changed(self, before: Contact | None, after: Contact | None) -> None:
        contact = after or before
        if contact is None or not self.settings.enabled:
            return
        for event in events_of(before, after):
            if event in self.settings.events:
                self._hand_over(self.message(event, {"contactId": contact["id"]}))

    def message(self, event: str, payload: Any, *, encrypted: bool = False, late_s: int = 0) -> Message:
        """The message that tells this event."""
        content = {
            "eventId": str(uuid4()),
            "eventType": event,
            "isEncrypted": encrypted,
            "tenant": self.settings.tenant,
            "payload": payload,
        }
        return Message(
            webhook_id=f"msg_{uuid4().hex}",
            topic=event,
            subject=str(payload.get("contactId")) if isinstance(payload, dict) else "",
            path=f"/webhooks/engage/{self.settings.shop}",
            body=orjson.dumps(content),
            secrets=self.settings.secrets,
            names="svix-",
            late_s=late_s,
        )

    def _hand_over(self, message: Message) -> None:
        task = asyncio.get_running_loop().create_task(self.courier.hand_over(message))
        self._handing_over.add(task)
        task.add_done_callback(self._handing_over.discard)
