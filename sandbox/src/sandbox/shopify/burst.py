"""A burst: an exact number of deliveries with a known outcome, for acceptance tests and benchmarks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from pydantic import Field

from sandbox.sending.courier import Courier
from sandbox.sending.ledger import DeliveryRecord
from sandbox.shopify.delivery import Delivery
from sandbox.shopify.expectation import Expectation
from sandbox.shopify.generator import Parcel, Shop, disorder
from sandbox.shopify.topics import LIVE_TOPICS
from sandbox.shopify.traffic import Pace, TrafficSettings, Wants

WINDOW = 500
LONGEST_AGO = timedelta(hours=6)
_USUAL_STEP = timedelta(seconds=5)


class BurstOrder(TrafficSettings):
    """`count` distinct deliveries and, on top, a share of them again.

    `span_s` is how long ago the first of them happened; left out, things happen five seconds apart.
    """

    count: int = Field(ge=1, le=1_000_000)
    rate: float = Field(default=100.0, gt=0, le=5_000)
    duplicates: float = Field(default=0.1, ge=0, le=1)
    reordering: float = Field(default=0.1, ge=0, le=1)
    topics: frozenset[str] = LIVE_TOPICS
    seed: str | None = None
    span_s: float | None = Field(default=None, ge=0)

    @property
    def step(self) -> timedelta:
        if self.span_s is not None:
            return timedelta(seconds=self.span_s) / self.count
        return min(_USUAL_STEP, LONGEST_AGO / self.count)


@dataclass
class Burst:
    id: str
    order: BurstOrder
    shop: Shop
    wants: Wants
    expectation: Expectation = field(default_factory=Expectation)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    handed_over: int = 0
    copies: int = 0
    delivered: int = 0
    failed: list[str] = field(default_factory=list)
    finished_at: datetime | None = None
    generated: int = 0
    all_handed_over: bool = False

    def parcels(self) -> Iterator[Parcel]:
        """All parcels, window by window, so that a large burst needs little memory."""
        rng = Random(f"disorder:{self.order.seed}:{self.id}")
        now = self.started_at - self.order.step * self.order.count
        while self.generated < self.order.count:
            size = min(WINDOW, self.order.count - self.generated)
            deliveries = self.shop.take(size, start=now, step=self.order.step)
            now += self.order.step * size
            self.generated += size
            sent = [delivery for delivery in deliveries if self._is_sent(delivery, rng)]
            yield from disorder(sent, rng, duplicates=self.order.duplicates, reordering=self.order.reordering)

    def _is_sent(self, delivery: Delivery, rng: Random) -> bool:
        lost = self.order.losses > 0 and rng.random() < self.order.losses
        lost = lost or not self.wants(delivery.topic)
        self.expectation.note(delivery, lost=lost)
        return not lost

    async def run(self, courier: Courier) -> None:
        """Hand every parcel to the courier at the burst's rate."""
        pace = Pace()
        for parcel in self.parcels():
            await pace.wait(self.order.rate)
            self.handed_over += 1
            self.copies += parcel.is_copy
            await courier.hand_over(parcel.delivery, is_copy=parcel.is_copy, closed=self._closed)
        self.all_handed_over = True
        self._note_end()

    def _closed(self, record: DeliveryRecord) -> None:
        if record.state == "delivered":
            self.delivered += 1
        else:
            self.failed.append(record.webhook_id)
        self._note_end()

    def _note_end(self) -> None:
        if self.all_handed_over and self.delivered + len(self.failed) == self.handed_over:
            self.finished_at = datetime.now(UTC)

    def progress(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "order": self.order.model_dump(mode="json"),
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat() if self.finished_at else None,
            "done": self.finished_at is not None,
            "distinct": self.handed_over - self.copies,
            "duplicates": self.copies,
            "delivered": self.delivered,
            "failed_for_good": self.failed,
        }

    def describe(self) -> dict[str, Any]:
        """Progress, and the expectation once all deliveries exist."""
        complete = self.generated == self.order.count
        return {**self.progress(), "expectation": self.expectation.describe() if complete else None}
