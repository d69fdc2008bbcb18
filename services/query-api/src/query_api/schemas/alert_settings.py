"""What a shop wants to be told of, and who is told."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from query_api.schemas.alert_fields import CheckedSettings
from query_api.schemas.answer import Answer
from shared.alerts.channels import MOST_CHANNELS
from shared.alerts.settings import AlertSettings

ChannelKind = Literal["webhook", "slack", "apprise"]

_SETTINGS = {
    "silence_minutes": 240,
    "window_opens": "06:00",
    "window_closes": "23:00",
    "error_rate_percent": 5,
    "extra_addresses": ["it@demo-outdoor.example"],
}
_CHANNELS = [
    {"kind": "webhook", "name": "pager", "url": "https://pager.example/in", "secret": "whsec_…"},
    {"kind": "slack", "name": "operations"},
]


class ChannelOut(BaseModel):
    """A way to tell people other than mail. Its address and secret can be written and never read."""

    kind: ChannelKind
    name: str = Field(description="What people call it", examples=["pager"])
    host: str | None = Field(
        description="Where it leads, without what is secret. Null: not for the role viewer",
        examples=["pager.example"],
    )
    has_secret: bool = Field(description="What it is sent is signed")


class AlertSettingsAnswer(Answer):
    shop: str = Field(description="The shop's domain", examples=["demo-outdoor.myshopify.com"])
    timezone: str = Field(description="Of the times of day", examples=["Europe/Stockholm"])
    own_address: str | None = Field(
        description="The shop's own mail address: it is always told and can not be removed here. "
        "Null: not for the role viewer",
        examples=["owner@demo-outdoor.example"],
    )
    settings: AlertSettings = Field(description="For the role viewer without the addresses")
    extra_address_count: int
    channels: list[ChannelOut] | None = Field(
        description="Null: they were sealed with a key that is not at hand; put them anew"
    )
    updated_at: datetime | None = Field(description="Null: nobody ever changed the defaults")
    updated_by: str | None = Field(description="The name of the token")


class ChannelIn(BaseModel):
    """webhook: JSON signed as Standard Webhooks are; slack: an incoming webhook of Slack or of what speaks
    like it; apprise: any address apprise knows, where alerting was installed with it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: ChannelKind
    name: str = Field(description="What people call it; one of a kind", examples=["pager"])
    url: str | None = Field(
        default=None,
        description="https only. Left out: as the channel of this kind and name has it",
        json_schema_extra={"writeOnly": True},
    )
    secret: str | None = Field(
        default=None,
        description="Of a webhook: 24 to 64 bytes in base64, best after whsec_. Left out: as it is",
        json_schema_extra={"writeOnly": True},
    )


class AlertSettingsIn(BaseModel):
    """All settings anew: what is left out of them takes its default."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    settings: CheckedSettings = Field(examples=[_SETTINGS])
    channels: list[ChannelIn] | None = Field(
        default=None,
        description=f"All channels from now on, {MOST_CHANNELS} at most. Null or left out: as they are",
        examples=[_CHANNELS],
    )


class TestIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    recipient: str | None = Field(
        default=None,
        description="A mail address or the name of a channel, as the settings have it. Left out: everybody",
        examples=["it@demo-outdoor.example"],
    )


class TestTask(BaseModel):
    """A test message on its way."""

    task_id: UUID = Field(description="GET /tasks/{task_id} tells how that goes")
    channel: str = Field(description="mail, webhook, slack or apprise", examples=["mail"])
    recipient: str = Field(examples=["it@demo-outdoor.example"])


class TestAnswer(Answer):
    is_queued: bool = Field(
        description="False: the broker does not answer just now; they are sent all the same, a little later"
    )
    tasks: list[TestTask]
