"""How a seller is set up at Amazon: credentials, marketplaces, limits."""

from pydantic import BaseModel, ConfigDict, Field


class Limit(BaseModel):
    """Requests of one operation: so many a second, so many at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_second: float = Field(gt=0)
    burst: int = Field(ge=1)


# Amazon's usage plans.
USAGE_PLANS = {
    "confirmShipment": Limit(per_second=2, burst=10),
    "getOrder": Limit(per_second=0.5, burst=30),
    "searchOrders": Limit(per_second=0.0056, burst=20),
    "searchCatalogItems": Limit(per_second=2, burst=2),
    "getCatalogItem": Limit(per_second=2, burst=2),
}


class Terms(BaseModel):
    """`token_s`: how long an access token is good for. `is_revoked`: the seller took the consent back.
    `limits`: other usage plans than the usual ones, by operation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str = "amzn1.application-oa2-client.sandbox"
    client_secret: str = Field(default="sandbox-amazon-secret", repr=False)
    refresh_token: str = Field(default="Atzr|sandbox-refresh-token", repr=False)
    marketplace_ids: tuple[str, ...] = Field(default=("A2NODRKZP88ZB9",), min_length=1)
    token_s: float = Field(default=3600, gt=0)
    is_revoked: bool = False
    limits: dict[str, Limit] = Field(default={})

    def limit_of(self, operation: str) -> Limit:
        return self.limits.get(operation, USAGE_PLANS[operation])
