"""Shops as administrators make and change them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from query_api.schemas.answer import Answer
from query_api.schemas.board import ShopOut
from query_api.schemas.tokens import Name

Domain = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=253, pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
    ),
]
MailAddress = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=254, pattern=r"^[^\s@\x00]+@[^\s@\x00]+\.[^\s@\x00]+$"
    ),
]
Secret = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]

_NAME = "What people call it"
_EMAIL = "Where its alerts go"
_TIMEZONE = "IANA name; midnight there begins its days"


class ShopIn(BaseModel):
    """A shop whose webhooks are taken from now on."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    domain: Domain = Field(description="Its permanent domain", examples=["demo-outdoor.myshopify.com"])
    name: Name = Field(description=_NAME, examples=["Demo Outdoor"])
    email: MailAddress = Field(description=_EMAIL, examples=["owner@demo-outdoor.example"])
    timezone: str = Field(default="UTC", description=_TIMEZONE, examples=["Europe/Stockholm"])
    webhook_secret: Secret = Field(
        description="What its webhooks are signed with; stored sealed", examples=["shpss_0123456789abcdef"]
    )


class ShopAnswer(Answer):
    shop: ShopOut
    is_new: bool = Field(description="False: it was known, and has these particulars now")


class ShopChange(BaseModel):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Name | None = Field(default=None, description=_NAME)
    email: MailAddress | None = Field(default=None, description=_EMAIL)
    timezone: str | None = Field(default=None, description=_TIMEZONE, examples=["Europe/Stockholm"])
    webhook_secret: Secret | None = Field(
        default=None, description="What its webhooks are signed with from now on; stored sealed"
    )
    keep_earlier_secrets: bool = Field(
        default=True,
        description="Earlier secrets stay good beside the new one, so that nothing is refused while the "
        "sender is changed. False: the new one only",
    )


class ShopSettingsOut(ShopOut):
    email: str | None = Field(description="Where its alerts go. Null: not for the role viewer")
    webhook_secrets: int = Field(description="How many are accepted; the secrets are never shown")
    payload_days: int | None = Field(
        description="Days its data is kept. Null: as long as the platform keeps it", examples=[7]
    )


class ShopSettingsAnswer(Answer):
    shop: ShopSettingsOut
