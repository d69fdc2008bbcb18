"""What a shop wants to be told of, and who is told."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from query_api.schemas.alert_fields import CheckedSettings
from query_api.schemas.answer import Answer
from shared.alerts.settings import AlertSettings

_EXAMPLE = {
    "silence_minutes": 240,
    "window_opens": "06:00",
    "window_closes": "23:00",
    "error_rate_percent": 5,
    "extra_addresses": ["it@demo-outdoor.example"],
}


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
    updated_at: datetime | None = Field(description="Null: nobody ever changed the defaults")
    updated_by: str | None = Field(description="The name of the token")


class AlertSettingsIn(BaseModel):
    """All settings anew: what is left out takes its default."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    settings: CheckedSettings = Field(examples=[_EXAMPLE])
