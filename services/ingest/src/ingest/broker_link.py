"""The way to the broker, and whether it is worth trying: no sender waits for a broker that is away."""

import asyncio
import time

import structlog
from aio_pika.exceptions import AMQPError
from faststream.rabbit import RabbitBroker

from ingest import metrics
from shared.broker import connect_when_up, declare_topology, replace_connection
from shared.publishing import NotPublished, Publisher

log = structlog.get_logger()

RETRY_INTERVAL_S = 0.5
DECLARE_INTERVAL_S = 30
DECLARE_TIMEOUT_S = 5
PING_TIMEOUT_S = 1
REPLACE_AFTER_S = 10


class BrokerLink:
    """Up until a publish fails; up again once the broker has confirmed the whole topology.

    Declaring anew matters: a broker that lost a lane's queue still takes messages and dispatches nothing.
    """

    def __init__(self, broker: RabbitBroker) -> None:
        self._broker = broker
        self._publisher = Publisher(broker)
        self._is_connected = False
        self._is_up = False
        self._down = asyncio.Event()
        metrics.BROKER_UP.set(0)

    @property
    def is_up(self) -> bool:
        return self._is_up

    async def publish(self, body: bytes, *, routing_key: str, timeout_s: float) -> None:
        """Raises NotPublished, at once when the connection is known to be gone, else after the deadline."""
        if not self._is_connected:
            raise NotPublished(routing_key)
        try:
            await self._publisher.publish_raw(body, routing_key=routing_key, timeout_s=timeout_s)
        except NotPublished as error:
            self._set_down(repr(error))
            raise

    async def run(self) -> None:
        """Connects and keeps the topology until cancelled, in whatever order things come and go."""
        await connect_when_up(self._broker)
        self._is_connected = True
        self._set_up()
        while True:
            try:
                async with asyncio.timeout(DECLARE_INTERVAL_S):
                    await self._down.wait()
            except TimeoutError:
                pass
            await self._redeclare()

    async def _redeclare(self) -> None:
        patience = time.monotonic() + REPLACE_AFTER_S
        while True:
            try:
                if time.monotonic() > patience:
                    patience = time.monotonic() + REPLACE_AFTER_S
                    await replace_connection(self._broker)
                await self._declare()
            except (AMQPError, OSError, TimeoutError, RuntimeError) as error:
                self._set_down(repr(error))
                await asyncio.sleep(RETRY_INTERVAL_S)
            else:
                return self._set_up()

    async def _declare(self) -> None:
        if not await self._broker.ping(timeout=PING_TIMEOUT_S):
            raise ConnectionError("not connected")
        async with asyncio.timeout(DECLARE_TIMEOUT_S):
            await declare_topology(self._broker)

    def _set_up(self) -> None:
        if not self._is_up:
            log.info("broker_link_up")
        self._down.clear()
        self._is_up = True
        metrics.BROKER_UP.set(1)

    def _set_down(self, reason: str) -> None:
        if self._is_up:
            log.warning("broker_link_down", reason=reason[:200])
        self._is_up = False
        self._down.set()
        metrics.BROKER_UP.set(0)
