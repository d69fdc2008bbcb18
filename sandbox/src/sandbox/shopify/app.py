"""Composition of one shop: its records, its story, who tells it, and the desks that change it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from sandbox.bucket import Bucket
from sandbox.sending.courier import Courier
from sandbox.sending.ledger import Ledger
from sandbox.sending.manners import shopify_manners
from sandbox.shopify.admin.bulk.desk import BulkDesk
from sandbox.shopify.behaviour import Behaviour
from sandbox.shopify.burst import Burst, BurstOrder
from sandbox.shopify.customer_desk import CustomerDesk
from sandbox.shopify.delivery import Sender
from sandbox.shopify.examples import Examples
from sandbox.shopify.generator import Shop
from sandbox.shopify.numbers import Numbers
from sandbox.shopify.order_desk import OrderDesk
from sandbox.shopify.postbox import Postbox
from sandbox.shopify.records import Records, new_records
from sandbox.shopify.stamper import Stamper
from sandbox.shopify.subscriptions import Subscriptions
from sandbox.shopify.traffic import Traffic, TrafficSettings

KEPT_BURSTS = 20
log = logging.getLogger("sandbox.shopify")


@dataclass
class ShopifyShop:
    """One shop and everything it has under way; `access_token` is None once the app is uninstalled.

    `effects`: how often apps have made, tracked anew or cancelled fulfilments, and customers were mailed.
    """

    sender: Sender
    seed: str
    access_token: str | None
    courier: Courier
    ledger: Ledger
    records: Records
    traffic: Traffic
    postbox: Postbox
    customer_desk: CustomerDesk
    order_desk: OrderDesk
    examples: Examples
    subscriptions: Subscriptions
    bulk_desk: BulkDesk = field(init=False)
    behaviour: Behaviour = field(default_factory=Behaviour)
    bucket: Bucket = field(default_factory=lambda: Bucket(2_000, 100))
    bursts: dict[str, Burst] = field(default_factory=dict)
    effects: Counter[str] = field(default_factory=Counter)
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _bursts_made: int = 0

    def __post_init__(self) -> None:
        self.bulk_desk = BulkDesk(self)

    def start(self) -> None:
        self.spawn(self.traffic.run(), name="traffic")

    def start_burst(self, order: BurstOrder) -> Burst:
        """Begin a burst; the last twenty can be asked about."""
        self._bursts_made += 1
        burst_id = f"burst-{self._bursts_made}"
        seed = order.seed or f"{self.seed}:{burst_id}"
        shop = Shop(
            self.sender,
            seed=seed,
            epoch=f"{burst_id}:{_now()}",
            topics=order.topics,
            records=self.records,
        )
        burst = Burst(burst_id, order, shop, self.subscriptions.wants)
        self.bursts[burst_id] = burst
        while len(self.bursts) > KEPT_BURSTS:
            del self.bursts[next(iter(self.bursts))]
        self.spawn(burst.run(self.courier), name=burst_id)
        return burst

    def behave(self, behaviour: Behaviour) -> None:
        """Behave like this from now on."""
        self.behaviour = behaviour
        self.subscriptions.enforced = behaviour.enforce_subscriptions
        self.bucket.resize(size=behaviour.bucket_size, rate=behaviour.restore_rate)

    async def stop(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self.bulk_desk.stop()
        await self.courier.close()

    def spawn(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Run something beside the rest until the shop stops."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s ended with an error", task.get_name(), exc_info=error)


@dataclass(frozen=True)
class ShopOrder:
    """What makes one shop differ from another."""

    sender: Sender
    access_token: str
    seed: str
    traffic_rate: float = 0.0


def build_shop(order: ShopOrder, *, ingest_url: str, retry_scale: float) -> ShopifyShop:
    """A shop that sends to `{ingest_url}/webhooks/shopify`; nothing is sent before `start`."""
    sender, seed = order.sender, order.seed
    ledger, records, subscriptions = Ledger(), new_records(sender.shop_domain), Subscriptions()
    courier = Courier(receiver=ingest_url, ledger=ledger, manners=shopify_manners(retry_scale))
    settings = TrafficSettings(rate=order.traffic_rate)
    story = Shop(sender, seed=seed, epoch=_now(), topics=settings.topics, records=records)
    numbers, rng = Numbers(f"{seed}:desks:{_now()}"), Random(f"desks:{seed}")
    postbox = Postbox(Stamper(sender, numbers, seed=f"{seed}:desks"), courier, subscriptions.wants)
    return ShopifyShop(
        sender=sender,
        seed=seed,
        access_token=order.access_token,
        courier=courier,
        ledger=ledger,
        records=records,
        traffic=Traffic(story, courier, settings, seed=seed, wants=subscriptions.wants),
        postbox=postbox,
        customer_desk=CustomerDesk(records, numbers, rng, postbox),
        order_desk=OrderDesk(records, numbers, rng, postbox),
        examples=Examples(sender, seed=seed, records=records),
        subscriptions=subscriptions,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat()
