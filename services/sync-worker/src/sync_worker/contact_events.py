"""What the CRM's webhooks say of a contact: hardly more than which one, and what about it changed."""

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.envelope import Payload
from sync_worker.mapping.preferences import NAMES
from sync_worker.shopify.consents import Channel

TIMESTAMP_HEADER = "webhook-timestamp"

_TOLD = {f"contact.{name}.changed": channel for channel, name in NAMES.items()}


class _EventModel(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Named(_EventModel):
    """Engage: of an event's payload only the contact is certain."""

    contact_id: str = Field(min_length=1, alias="contactId")


class Envelope(_EventModel):
    """An encrypted one has a payload nobody can read."""

    is_encrypted: bool = Field(default=False, alias="isEncrypted")
    payload: Any = None


class ContactEvent(_EventModel):
    payload: Named


class ChangedPreferences(_EventModel):
    """Which preferences of a customer's contact were changed in the CRM."""

    channels: tuple[Channel, ...] = Field(min_length=1)


def told_channel(topic: str) -> Channel | None:
    """The channel the event is about."""
    return _TOLD.get(topic)


def told_at(payload: Payload, default: datetime) -> datetime:
    """When the CRM sent the event."""
    text = payload.headers.get(TIMESTAMP_HEADER, "")
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() else default
