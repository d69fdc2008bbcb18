"""The settings and credentials of an account of kind `ebay`."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl

from shared.accounts import Account, AccountKind
from shared.retry import FIVE_ATTEMPTS, POLICIES

KIND = "ebay"
SCOPES = (
    "https://api.ebay.com/oauth/api_scope",
    "https://api.ebay.com/oauth/api_scope/sell.fulfillment",
)
_TOKEN_PATH = "/identity/v1/oauth2/token"  # noqa: S105 - a path
_TRADING_PATH = "/ws/api.dll"


class Uses(StrEnum):
    """Which of eBay's two interfaces orders are read from and shipments are reported to."""

    FULFILLMENT = "fulfillment"
    TRADING = "trading"


def _known_policy(name: str) -> str:
    if name not in POLICIES:
        raise ValueError(f"{name!r} is not one of {', '.join(POLICIES)}")
    return name


class EbaySettings(BaseModel):
    """`site_id`: eBay's number of the country (0 US, 3 UK, 77 DE). `auth_url`, `trading_url`: only where they
    are not at the account's address. `history_days`: how old changes the first reading of orders asks for.
    `schedules`: seconds between runs, by task type; 0 switches one off.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    uses: Uses = Uses.FULFILLMENT
    site_id: int = Field(default=0, ge=0, le=999)
    auth_url: HttpUrl | None = None
    trading_url: HttpUrl | None = None
    scopes: tuple[str, ...] = SCOPES
    compatibility_level: int = Field(default=1379, ge=1113, le=9999)
    retry_policy: Annotated[str, AfterValidator(_known_policy)] = FIVE_ATTEMPTS.name
    history_days: int = Field(default=30, ge=1, le=89)
    schedules: dict[str, int] = Field(default={})

    @property
    def history(self) -> timedelta:
        return timedelta(days=self.history_days)

    def token_url(self, base_url: str) -> str:
        return str(self.auth_url) if self.auth_url else f"{base_url}{_TOKEN_PATH}"

    def api_dll_url(self, base_url: str) -> str:
        return str(self.trading_url) if self.trading_url else f"{base_url}{_TRADING_PATH}"


class EbayCredentials(BaseModel):
    """The application's key pair, and the seller's consent to it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: str = Field(pattern=r"^[\x21-\x7e]+$")
    client_secret: str = Field(pattern=r"^[\x21-\x7e]+$", repr=False)
    refresh_token: str = Field(pattern=r"^[\x21-\x7e]+$", repr=False)


EbayAccount = Account[EbaySettings, EbayCredentials]
EBAY = AccountKind(KIND, "eBay", "client id, client secret or refresh token", EbaySettings, EbayCredentials)
