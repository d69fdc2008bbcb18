"""Composition of the shop: its story, its courier, its traffic and its bursts."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.shopify.burst import Burst, BurstOrder
from sandbox.shopify.courier import Courier
from sandbox.shopify.delivery import Sender
from sandbox.shopify.generator import ALL_TOPICS, Shop
from sandbox.shopify.ledger import Ledger
from sandbox.shopify.traffic import Traffic, TrafficSettings

WEBHOOK_PATH = "/webhooks/shopify"
KEPT_BURSTS = 20
log = logging.getLogger("sandbox.shopify")


@dataclass
class ShopifyShop:
    """One shop and everything it has under way."""

    sender: Sender
    seed: str
    courier: Courier
    ledger: Ledger
    traffic: Traffic
    bursts: dict[str, Burst] = field(default_factory=dict)
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _bursts_made: int = 0

    def start(self) -> None:
        self._spawn(self.traffic.run(), name="traffic")

    def start_burst(self, order: BurstOrder) -> Burst:
        """Begin a burst; the last twenty can be asked about."""
        self._bursts_made += 1
        burst_id = f"burst-{self._bursts_made}"
        seed = order.seed or f"{self.seed}:{burst_id}"
        shop = Shop(self.sender, seed=seed, epoch=f"{burst_id}:{_now()}", topics=order.topics)
        burst = Burst(burst_id, order, shop)
        self.bursts[burst_id] = burst
        while len(self.bursts) > KEPT_BURSTS:
            del self.bursts[next(iter(self.bursts))]
        self._spawn(burst.run(self.courier), name=burst_id)
        return burst

    def example_shop(self) -> Shop:
        """A fresh shop that sends every topic, to take single examples from."""
        return Shop(self.sender, seed=f"{self.seed}:example", epoch=_now(), topics=ALL_TOPICS)

    async def stop(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self.courier.close()

    def _spawn(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s ended with an error", task.get_name(), exc_info=error)


def build_shop(
    sender: Sender, *, ingest_url: str, retry_scale: float, traffic_rate: float, seed: str
) -> ShopifyShop:
    """A shop that sends to `{ingest_url}/webhooks/shopify`; nothing is sent before `start`."""
    ledger = Ledger()
    courier = Courier(url=ingest_url.rstrip("/") + WEBHOOK_PATH, ledger=ledger, retry_scale=retry_scale)
    settings = TrafficSettings(rate=traffic_rate)
    shop = Shop(sender, seed=seed, epoch=_now(), topics=settings.topics)
    return ShopifyShop(sender, seed, courier, ledger, Traffic(shop, courier, settings, seed=seed))


def _now() -> str:
    return datetime.now(UTC).isoformat()
