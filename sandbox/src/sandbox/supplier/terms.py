"""What makes one supplier differ from another. Changed through the control API."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Style(StrEnum):
    """How the supplier speaks: cursors and a bearer token, or page numbers and two keys."""

    BEARER = "bearer"
    KEYS = "keys"


class Terms(BaseModel):
    """`change_rate` is the share of products that differ from one catalogue version to the next, `growth` how
    many are new; `invalid_every` breaks each so-many-th product (0 none); `step_s` is how long an order stays
    in one state (null: until the control API moves it on).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    style: Style
    prefix: str = Field(min_length=1, max_length=6)
    token: str = Field(default="sandbox-supplier-token", repr=False)
    token2: str = Field(default="sandbox-supplier-token-2", repr=False)
    currency: str = "EUR"
    products: int = Field(default=100_000, ge=0, le=5_000_000)
    version: int = Field(default=0, ge=0, le=1_000)
    change_rate: float = Field(default=0.05, ge=0, le=1)
    growth: int = Field(default=20, ge=0)
    invalid_every: int = Field(default=0, ge=0)
    out_of_stock: frozenset[str] = frozenset()
    step_s: float | None = Field(default=30.0, gt=0)
    seed: int = 1


FIRST = {
    "gate4cards": Terms(style=Style.BEARER, prefix="G4C"),
    "trinavo": Terms(style=Style.KEYS, prefix="TRI"),
}
