"""Looks at every queue from outside the flow: what waits, and who consumes."""

import asyncio

import structlog
from faststream.rabbit import RabbitBroker
from prometheus_client import Gauge

from shared.broker import connect_when_up, queue_state
from shared.topology import queues

log = structlog.get_logger()

MESSAGES = Gauge("syncledger_queue_messages", "Messages ready in the queue", ["queue"])
CONSUMERS = Gauge(
    "syncledger_queue_consumers",
    "Consumers of the queue; -1: there is no such queue",
    ["queue"],
)


async def watch_queues(broker: RabbitBroker, interval_s: float) -> None:
    """Measures all queues at each interval, until cancelled; the broker may come and go."""
    await connect_when_up(broker)
    while True:
        try:
            await _measure(broker)
        except Exception as error:  # noqa: BLE001 - the broker is away; the next round looks again
            log.warning("queues_unreadable", reason=repr(error)[:200])
        await asyncio.sleep(interval_s)


async def _measure(broker: RabbitBroker) -> None:
    for queue in queues():
        state = await queue_state(broker, queue.name)
        MESSAGES.labels(queue.name).set(state.messages if state else 0)
        CONSUMERS.labels(queue.name).set(state.consumers if state else -1)
