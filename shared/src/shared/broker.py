"""The connection to RabbitMQ, with the settings that keep messages from vanishing."""

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

import aio_pika
import structlog
from aio_pika import RobustChannel
from aio_pika.exceptions import AMQPError, ChannelNotFoundEntity
from faststream.rabbit import Channel, RabbitBroker
from faststream.rabbit.subscriber.usecase import RabbitSubscriber
from faststream.rabbit.utils import RabbitClientProperties

from shared import metrics, topology
from shared.stopping import end_if_cancelled

log = structlog.get_logger()

RECONNECT_INTERVAL_S = 1
START_TIMEOUT_S = 10
STOP_TIMEOUT_S = 5
HEARTBEAT_S = 30
LOOK_INTERVAL_S = 10
LOOK_TIMEOUT_S = 30
REPLACE_AFTER_S = 30


def build_broker(url: str, *, app_id: str) -> RabbitBroker:
    """A broker that is not connected yet.

    `on_return_raises`: an unroutable message is an error, not a silent success.
    """
    return RabbitBroker(
        url,
        app_id=app_id,
        default_channel=Channel(on_return_raises=True),
        reconnect_interval=RECONNECT_INTERVAL_S,
        client_properties=RabbitClientProperties(heartbeat=HEARTBEAT_S),
        logger=logging.getLogger("shared.broker"),
        log_level=logging.DEBUG,
        apply_types=False,
        graceful_timeout=None,
    )


async def connect_when_up(broker: RabbitBroker) -> None:
    """Connects and declares the topology; tries until the broker is there."""
    while True:
        try:
            async with asyncio.timeout(START_TIMEOUT_S):  # wait_for of Python 3.11 may lose a cancellation
                await broker.connect()
            await declare_topology(broker)
        except (AMQPError, OSError, TimeoutError) as error:
            end_if_cancelled()
            log.warning("broker_unavailable", reason=repr(error))
            await asyncio.sleep(RECONNECT_INTERVAL_S)
        else:
            end_if_cancelled()
            return


async def keep_at_broker(broker: RabbitBroker, consumed: Sequence[str] = ()) -> None:
    """Starts consumers that the broker has lost again, and replaces a connection that does not come back.

    `consumed`: the queues this process consumes. Goes on until cancelled, whatever the broker does.
    """
    well_at = time.monotonic()
    while True:
        await asyncio.sleep(LOOK_INTERVAL_S)
        try:
            if time.monotonic() - well_at > REPLACE_AFTER_S:
                await replace_connection(broker)
            async with asyncio.timeout(LOOK_TIMEOUT_S):
                await _restart_missing(broker, consumed)
        except Exception as error:  # noqa: BLE001 - the broker is away; the next round looks again
            log.warning("broker_does_not_answer", reason=repr(error)[:200])
        else:
            well_at = time.monotonic()
        end_if_cancelled()


async def replace_connection(broker: RabbitBroker) -> None:
    """A new connection, if the broker is there for others; raises if not. Consumers are to be started anew.

    aio-pika restores a connection by itself; cut again and again in the middle of that, it was seen to stop
    trying, while the broker was there for everybody else.
    """
    url = broker._connection_kwargs["url"]  # noqa: SLF001 - it keeps what it was built with
    await (await aio_pika.connect(url, timeout=START_TIMEOUT_S)).close()
    left = broker._connection  # noqa: SLF001
    log.warning("connection_replaced")
    metrics.CONNECTIONS_REPLACED.inc()
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await broker.stop()
    except (AMQPError, OSError, TimeoutError, RuntimeError, ExceptionGroup) as error:
        log.warning("connection_left_behind", reason=repr(error)[:200])
        broker._channel = broker._connection = None  # noqa: SLF001 - what stop does last
        broker.config.disconnect()
        if left is not None:
            with suppress(AMQPError, OSError, TimeoutError, RuntimeError):
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await left.close()
    async with asyncio.timeout(START_TIMEOUT_S):
        await broker.connect()


async def declare_topology(broker: RabbitBroker) -> None:
    channel = await _open_channel(broker)
    try:
        await topology.declare(channel)
    finally:
        await channel.close()


async def missing_consumers(broker: RabbitBroker, queue_names: Sequence[str]) -> list[str]:
    """Which of the queues are gone or have no consumer on the broker's side.

    A consumer whose queue was deleted looks alive from here and never receives again; only the broker knows.
    """
    states = {name: await queue_state(broker, name) for name in queue_names}
    return [name for name, state in states.items() if state is None or state.consumers == 0]


@dataclass(frozen=True, slots=True)
class QueueState:
    """What the broker says of a queue: messages ready to be delivered, and consumers."""

    messages: int
    consumers: int


async def queue_state(broker: RabbitBroker, queue_name: str) -> QueueState | None:
    """None: there is no such queue."""
    channel = await _open_channel(broker)
    try:
        declared = (await channel.declare_queue(queue_name, passive=True)).declaration_result
        return QueueState(declared.message_count or 0, declared.consumer_count or 0)
    except ChannelNotFoundEntity:
        return None
    finally:
        await channel.close()


async def cancel_consumers(broker: RabbitBroker) -> None:
    """Stops deliveries while handlers go on and can still ack; what was not started stays in its queue.

    FastStream's own stop waits for handlers first and ignores what is delivered meanwhile: call this before.
    """
    for subscriber in _rabbit_subscribers(broker):
        queue, tag = subscriber._queue_obj, subscriber._consumer_tag  # noqa: SLF001 - no public way to cancel
        subscriber._consumer_tag = None  # noqa: SLF001
        if queue is not None and tag is not None and not queue.channel.is_closed:
            await queue.cancel(tag)


async def _restart_missing(broker: RabbitBroker, consumed: Sequence[str]) -> None:
    await (await _open_channel(broker)).close()
    missing = await missing_consumers(broker, consumed)
    for queue in missing:
        log.warning("consumer_missing", queue=queue)
        metrics.CONSUMERS_RESTARTED.labels(queue).inc()
    if missing:
        await restart_consumers(broker)


async def restart_consumers(broker: RabbitBroker) -> None:
    """Declares what is missing and consumes again, after a queue was deleted under its consumer."""
    await declare_topology(broker)
    for subscriber in _rabbit_subscribers(broker):
        broker.config.broker_config.declarer._queues.clear()  # type: ignore[attr-defined]  # noqa: SLF001
        await subscriber.stop()
        await subscriber.start()


def _rabbit_subscribers(broker: RabbitBroker) -> Iterator[RabbitSubscriber]:
    return (cast(RabbitSubscriber, subscriber) for subscriber in broker.subscribers)


async def _open_channel(broker: RabbitBroker) -> RobustChannel:
    connection = await broker.connect()
    return cast(RobustChannel, await connection.channel())
