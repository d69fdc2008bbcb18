"""The settings and credentials of an account of kind `amazon`: a seller at the Selling Partner API."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl

from shared.accounts import Account, AccountKind
from shared.connections.expiry import ExpiresAt
from shared.connections.rules import Breaker, Health
from shared.retry import FIVE_ATTEMPTS, known_policy

KIND = "amazon"
TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105 - an address
MOST_MARKETPLACES = 50

MarketplaceId = Annotated[str, Field(pattern=r"^[A-Z0-9]{10,16}$")]
Visible = Annotated[str, Field(pattern=r"^[\x21-\x7e]+$")]


class AmazonSettings(BaseModel):
    """`marketplace_ids`: where the seller sells, like A1PA6795UKMFR9 for Germany. `auth_url`: where tokens
    are fetched. `carriers`: Amazon's code for a carrier as the shipper calls it, before our own table is
    asked. `history_days`: how old changes the first reading of orders asks for; `overlap_s`: how much of the
    time before each further one asks for again. `schedules`: seconds between runs, by task type; 0: never.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    marketplace_ids: tuple[MarketplaceId, ...] = Field(min_length=1, max_length=MOST_MARKETPLACES)
    auth_url: HttpUrl = HttpUrl(TOKEN_URL)
    carriers: dict[str, str] = Field(default={})
    retry_policy: Annotated[str, AfterValidator(known_policy)] = FIVE_ATTEMPTS.name
    history_days: int = Field(default=30, ge=1, le=365)
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


class AmazonCredentials(BaseModel):
    """The application's key pair at Login with Amazon, and the seller's consent to it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: Visible
    client_secret: Visible = Field(repr=False)
    refresh_token: Visible = Field(repr=False)


AmazonAccount = Account[AmazonSettings, AmazonCredentials]
AMAZON = AccountKind(
    KIND, "Amazon", "client id, client secret or refresh token", AmazonSettings, AmazonCredentials
)
