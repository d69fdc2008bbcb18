"""Looks at every queue from outside the flow: what waits, and who consumes."""

import asyncio
from typing import Any

import structlog
from faststream.rabbit import RabbitBroker
from prometheus_client import Gauge

from alerting.store.alerts import note_queues
from shared.broker import connect_when_up, keep_at_broker, queue_state
from shared.envelope import utc_now
from shared.topology import queues

log = structlog.get_logger()

MESSAGES = Gauge("syncledger_queue_messages", "Messages ready in the queue", ["queue"])
CONSUMERS = Gauge(
    "syncledger_queue_consumers",
    "Consumers of the queue; -1: there is no such queue",
    ["queue"],
)


async def watch_queues(broker: RabbitBroker, pool: Any, interval_s: float) -> None:
    """Measures all queues at each interval, until cancelled; broker and database may come and go."""
    await connect_when_up(broker)
    await asyncio.gather(_measure(broker, pool, interval_s), keep_at_broker(broker))


async def _measure(broker: RabbitBroker, pool: Any, interval_s: float) -> None:
    while True:
        try:
            await note_queues(pool, await _measured(broker), utc_now())
        except Exception as error:  # noqa: BLE001 - the broker is away; the next round looks again
            log.warning("queues_unreadable", reason=repr(error)[:200])
        await asyncio.sleep(interval_s)


async def _measured(broker: RabbitBroker) -> dict[str, tuple[int, int]]:
    """Messages and consumers of each queue."""
    found: dict[str, tuple[int, int]] = {}
    for queue in queues():
        state = await queue_state(broker, queue.name)
        found[queue.name] = (state.messages, state.consumers) if state else (0, -1)
        MESSAGES.labels(queue.name).set(found[queue.name][0])
        CONSUMERS.labels(queue.name).set(found[queue.name][1])
    return found
