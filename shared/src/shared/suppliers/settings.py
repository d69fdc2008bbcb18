"""The settings and credentials of an account of kind `supplier`, and what is wrong with unusable ones."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared import faults
from shared.connections.expiry import ExpiresAt
from shared.connections.rules import Breaker, Health
from shared.retry import known_policy
from shared.suppliers.format import Format
from shared.suppliers.vocabulary import Filled, Strict

KIND = "supplier"
MINUTES_OF_A_WEEK = 7 * 24 * 60


class SupplierSettings(Strict):
    """`type` is what people call this kind of supplier. `order_number_prefix` keeps the order numbers of
    several shops apart that share one login there. Intervals are minutes; `schedules` overrides them, in
    seconds by task type."""

    type: Filled
    auto_publish_order: bool = False
    auto_update_order_status: bool = False
    order_status_interval_minutes: int = Field(default=30, ge=1, le=MINUTES_OF_A_WEEK)
    auto_update_product_data: bool = False
    product_data_interval_minutes: int = Field(default=360, ge=1, le=MINUTES_OF_A_WEEK)
    create_new_products: bool = False
    order_number_prefix: str = ""
    requests_per_second: float = Field(default=10, gt=0, le=1000)
    schedules: dict[str, int] = Field(default={})
    health: Health = Health()
    breaker: Breaker = Breaker()
    credentials_expire_at: ExpiresAt | None = None
    retry_policy: Annotated[str, AfterValidator(known_policy)] | None = None
    format: Format

    @model_validator(mode="after")
    def _options_have_their_calls(self) -> "SupplierSettings":
        calls = self.format
        for option, is_on, call, name in (
            ("auto_publish_order", self.auto_publish_order, calls.place_order, "place_order"),
            ("auto_update_order_status", self.auto_update_order_status, calls.get_orders, "get_orders"),
            ("auto_update_product_data", self.auto_update_product_data, calls.products, "products"),
        ):
            if is_on and call is None:
                raise ValueError(f"'{option}' is on, but 'format.{name}' does not say how")
        return self


class SupplierCredentials(BaseModel):
    """Token, and Token 2 where the supplier wants two."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    token: str = Field(pattern=r"^[\x21-\x7e]+$", repr=False)
    token2: str | None = Field(default=None, pattern=r"^[\x21-\x7e]+$", repr=False)


def missing_token(settings: SupplierSettings, credentials: SupplierCredentials) -> str | None:
    """The credential that the headers want and that is not there."""
    return "token2" if "token2" in settings.format.credentials and credentials.token2 is None else None


def faults_of(error: ValidationError) -> Mapping[str, str]:
    """Each field that is not usable, as `format.products.paging.size`, with what is wrong with it."""
    return faults.faults_of(error, _field)


def _field(location: tuple[Any, ...]) -> str:
    """Without the names of alternatives, which are not part of what was entered."""
    alternatives = {"cursor", "page", "offset", "references", "reference"}
    return faults.dotted(
        tuple(
            part
            for before, part in zip(("", *location), location, strict=False)
            if not (before in ("paging", "get_orders") and part in alternatives)
        )
    )
