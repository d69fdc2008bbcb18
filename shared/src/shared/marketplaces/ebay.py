"""The settings and credentials of an account of kind `ebay`: a seller at eBay."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl

from shared.accounts import Account, AccountKind
from shared.connections.expiry import ExpiresAt
from shared.connections.rules import Breaker, Health
from shared.retry import FIVE_ATTEMPTS, known_policy

KIND = "ebay"
SCOPES = (
    "https://api.ebay.com/oauth/api_scope",
    "https://api.ebay.com/oauth/api_scope/sell.fulfillment",
)
_TOKEN_PATH = "/identity/v1/oauth2/token"  # noqa: S105 - a path
_TRADING_PATH = "/ws/api.dll"

Visible = Annotated[str, Field(pattern=r"^[\x21-\x7e]+$")]


class Uses(StrEnum):
    """Which of eBay's two interfaces orders are read from and shipments are reported to."""

    FULFILLMENT = "fulfillment"
    TRADING = "trading"


class EbaySettings(BaseModel):
    """`site_id`: eBay's number of the country (0 US, 3 UK, 77 DE). `auth_url`, `trading_url`: only where they
    are not at the account's address. `carriers`: eBay's code for a carrier as the shipper calls it, before
    our own table is asked. `history_days`: how old changes the first reading of orders asks for; `overlap_s`:
    how much of the time before each further one asks for again. `schedules`: seconds between runs, by task
    type; 0: never.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    uses: Uses = Uses.FULFILLMENT
    site_id: int = Field(default=0, ge=0, le=999)
    auth_url: HttpUrl | None = None
    trading_url: HttpUrl | None = None
    scopes: tuple[Visible, ...] = SCOPES
    compatibility_level: int = Field(default=1379, ge=1113, le=9999)
    carriers: dict[str, str] = Field(default={})
    retry_policy: Annotated[str, AfterValidator(known_policy)] = FIVE_ATTEMPTS.name
    history_days: int = Field(default=30, ge=1, le=89)
    overlap_s: float = Field(default=600, ge=0, le=86_400)
    schedules: dict[str, int] = Field(default={})
    health: Health = Health()
    breaker: Breaker = Breaker()
    credentials_expire_at: ExpiresAt | None = None

    @property
    def history(self) -> timedelta:
        return timedelta(days=self.history_days)

    @property
    def overlap(self) -> timedelta:
        return timedelta(seconds=self.overlap_s)

    def token_url(self, base_url: str) -> str:
        return str(self.auth_url) if self.auth_url else f"{base_url}{_TOKEN_PATH}"

    def api_dll_url(self, base_url: str) -> str:
        return str(self.trading_url) if self.trading_url else f"{base_url}{_TRADING_PATH}"


class EbayCredentials(BaseModel):
    """The application's key pair, and the seller's consent to it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: Visible
    client_secret: Visible = Field(repr=False)
    refresh_token: Visible = Field(repr=False)


EbayAccount = Account[EbaySettings, EbayCredentials]
EBAY = AccountKind(KIND, "eBay", "client id, client secret or refresh token", EbaySettings, EbayCredentials)
