"""Live traffic: the shop's day, at a rate that can be changed while it runs."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from random import Random

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sandbox.sending.courier import Courier
from sandbox.shopify.generator import Parcel, Shop, disorder
from sandbox.shopify.topics import STORY_TOPICS

Wants = Callable[[str], bool]
WINDOW = 20
_RECEIVER_POLL_S = 0.5


class TrafficSettings(BaseModel):
    """`rate` in deliveries per second, the others as shares of them; what is lost happens but is not told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate: float = Field(default=0.0, ge=0, le=2_000)
    duplicates: float = Field(default=0.05, ge=0, le=1)
    reordering: float = Field(default=0.05, ge=0, le=1)
    losses: float = Field(default=0.0, ge=0, le=1)
    topics: frozenset[str] = STORY_TOPICS

    @field_validator("topics")
    @classmethod
    def topics_are_known(cls, topics: frozenset[str]) -> frozenset[str]:
        if unknown := topics - STORY_TOPICS:
            raise ValueError(f"this shop does not send {sorted(unknown)}; it sends {sorted(STORY_TOPICS)}")
        if not topics:
            raise ValueError("at least one topic")
        return topics


class Traffic:
    """Sends what happens in the shop; a burst's parcels go the same way but by their own list."""

    def __init__(
        self, shop: Shop, courier: Courier, settings: TrafficSettings, *, seed: str, wants: Wants
    ) -> None:
        self._shop = shop
        self._courier = courier
        self._wants = wants
        self._losses = Random(f"losses:{seed}")
        self._disorder = Random(f"disorder:{seed}")
        self._is_wanted = asyncio.Event()
        self.change(settings)

    def change(self, settings: TrafficSettings) -> None:
        self.settings = settings
        self._shop.topics = settings.topics
        if settings.rate:
            self._is_wanted.set()
        else:
            self._is_wanted.clear()

    async def run(self) -> None:
        """Wait until there is something to send and somebody to take it, then send until cancelled."""
        await self._is_wanted.wait()
        await self._courier.receiver_answered(every_s=_RECEIVER_POLL_S)
        async for parcel in self._parcels():
            await self._courier.hand_over(parcel.delivery, is_copy=parcel.is_copy)

    async def _parcels(self) -> AsyncIterator[Parcel]:
        pace = Pace()
        while True:
            await self._is_wanted.wait()
            window = self._window()
            if not window:
                await asyncio.sleep(WINDOW / self.settings.rate)
            for parcel in window:
                if self.settings.rate == 0:
                    break
                await pace.wait(self.settings.rate)
                yield parcel

    def _window(self) -> list[Parcel]:
        settings = self.settings
        deliveries = self._shop.take(WINDOW, start=datetime.now(UTC), step=timedelta(milliseconds=1))
        sent = [d for d in deliveries if self._wants(d.topic) and self._losses.random() >= settings.losses]
        return disorder(sent, self._disorder, duplicates=settings.duplicates, reordering=settings.reordering)


class Pace:
    """Spaces calls evenly; after a stall it does not hurry to catch up more than a second."""

    def __init__(self) -> None:
        self._next = time.monotonic()

    async def wait(self, rate: float) -> None:
        now = time.monotonic()
        self._next = max(self._next + 1 / rate, now - 1)
        if self._next > now:
            await asyncio.sleep(min(self._next - now, 10.0))
