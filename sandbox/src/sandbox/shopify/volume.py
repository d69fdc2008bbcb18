"""A past of any size: customers, orders and products made from their number, the same whenever asked."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field

from sandbox.shopify.people import mailbox

_STEP = 11
ORDER_NUMBERS_FROM = 1_000_001


class VolumeOrder(BaseModel):
    """How much past there is: changes spread evenly over `span_days` up to `newest` (now)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    customers: int = Field(default=0, ge=0, le=10_000_000)
    orders: int = Field(default=0, ge=0, le=10_000_000)
    lines_per_order: int = Field(default=3, ge=1, le=50)
    refund_every: int = Field(
        default=0, ge=0, description="each so-many-th order, if paid, was refunded in part"
    )
    split_every: int = Field(
        default=0, ge=0, description="each so-many-th order, if sent, went in two parcels"
    )
    products: int = Field(default=0, ge=0, le=1_000_000)
    span_days: float = Field(default=50, gt=0)
    newest: datetime = Field(default_factory=lambda: datetime.now(UTC))
    seed: int = 1


@dataclass(frozen=True)
class Numbering:
    """How indexes become ids and moments, and ids become indexes again."""

    base: int
    count: int
    newest: datetime
    span: timedelta

    def id_of(self, index: int) -> int:
        return self.base + index * _STEP

    def index_of(self, resource_id: int) -> int | None:
        index, rest = divmod(resource_id - self.base, _STEP)
        return index if rest == 0 and 0 <= index < self.count else None

    def moment(self, index: int) -> datetime:
        """When it last changed: the higher the index, the later."""
        ago = self.span * (self.count - 1 - index) / max(self.count, 1)
        return (self.newest - ago).replace(microsecond=0)


@lru_cache(maxsize=4_096)
def mailbox_of(first_name: str, last_name: str) -> str:
    return mailbox((first_name, last_name))
