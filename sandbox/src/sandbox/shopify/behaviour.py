"""How the shop's Admin API behaves: limits, access, bulk operations. Changed through the control API."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class ShopStatus(StrEnum):
    """What the API says of the whole shop: 402, 423, or HTTP 200 with SHOP_INACTIVE."""

    ACTIVE = "active"
    FROZEN = "frozen"
    LOCKED = "locked"
    INACTIVE = "inactive"


class BulkOrder(StrEnum):
    """Where children stand in a bulk result."""

    GROUPED = "grouped"
    SHUFFLED = "shuffled"
    CHILDREN_LAST = "children_last"
    CHILDREN_FIRST = "children_first"


class BulkOutcome(StrEnum):
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


class GraphRefusal(BaseModel):
    """Answers with HTTP 200 and this error code whenever a root field of this name is asked for."""

    model_config = ConfigDict(extra="forbid")

    field: str
    code: str = "ACCESS_DENIED"
    times: int | None = Field(default=None, ge=0)


class Behaviour(BaseModel):
    """`bulk_bad_lines` puts a broken line after each so many lines; 0 is none."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    bucket_size: float = Field(default=2_000, gt=0)
    restore_rate: float = Field(default=100, ge=0)
    max_query_cost: int = Field(default=1_000, gt=0)
    shop_status: ShopStatus = ShopStatus.ACTIVE
    all_orders: bool = True
    enforce_subscriptions: bool = False
    refusals: list[GraphRefusal] = Field(default_factory=list)
    bulk_concurrent: int = Field(default=5, ge=0)
    bulk_delay_s: float = Field(default=0.2, ge=0)
    bulk_order: BulkOrder = BulkOrder.SHUFFLED
    bulk_shuffle_window: int = Field(default=1_000, ge=2, le=100_000)
    bulk_bad_lines: int = Field(default=0, ge=0)
    bulk_outcome: BulkOutcome = BulkOutcome.COMPLETED
    bulk_error_code: str = "INTERNAL_SERVER_ERROR"
    bulk_finish_webhook: bool = True
