"""How a seller is set up at eBay: credentials, consent, and how eBay treats what it is told twice."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

SCOPES = (
    "https://api.ebay.com/oauth/api_scope",
    "https://api.ebay.com/oauth/api_scope/sell.fulfillment",
)


class OnRepeat(StrEnum):
    """What a fulfilment with a tracking number gets that its order has already."""

    USE_PUT = "use_put"
    CONFLICT = "conflict"
    ACCEPT = "accept"


class Problem(BaseModel):
    """An error the Trading API is to answer a call with; `times` None: always. `ack` and `severity` as eBay
    has them; with Warning the call is carried out."""

    model_config = ConfigDict(extra="forbid")

    call: str
    code: str = "10007"
    message: str = "Internal error to the application."
    classification: str = "SystemError"
    severity: str = "Error"
    ack: str = "Failure"
    times: int | None = 1


class Terms(BaseModel):
    """`token_s`: how long an access token is good for. `is_revoked`: the seller took the consent back.
    `scopes`: what the seller consented to. `most_tracking_numbers`: of one order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str = "sandbox-ebay-client"
    client_secret: str = Field(default="sandbox-ebay-secret", repr=False)
    refresh_token: str = Field(default="v^1.1#sandbox-ebay-refresh-token", repr=False)
    scopes: tuple[str, ...] = SCOPES
    token_s: float = Field(default=7200, gt=0)
    is_revoked: bool = False
    is_suspended: bool = False
    on_repeat: OnRepeat = OnRepeat.USE_PUT
    most_tracking_numbers: int = Field(default=20, ge=1)
