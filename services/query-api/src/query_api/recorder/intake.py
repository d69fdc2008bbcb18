"""Takes messages from the queue `recorder`, gathers them into batches, and acks what was recorded.

One session is one connection with one channel and one consumer. Whatever breaks, the session ends and the
next one declares the topology and consumes again; the broker delivers once more what was not acked.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError

from query_api.recorder.reading import Reading, Reject, read
from shared import topology
from shared.envelope import utc_now

log = structlog.get_logger()

BROKER_ERRORS = (AMQPError, ChannelInvalidStateError, OSError, RuntimeError)
RECONNECT_INTERVAL_S = 1
CONNECT_TIMEOUT_S = 10
HEARTBEAT_S = 30


class Held(NamedTuple):
    """A message that is not acked yet, and what it says."""

    message: AbstractIncomingMessage
    reading: Reading

    @property
    def size(self) -> int:
        return len(self.reading.entries) + len(self.reading.rejects)


class Intake:
    """A batch is complete with `batch_size` transitions, or `batch_wait_s` after its first message came."""

    def __init__(self, url: str, *, prefetch: int, batch_size: int, batch_wait_s: float) -> None:
        self._url = url
        self._prefetch = prefetch
        self._batch_size = batch_size
        self._batch_wait_s = batch_wait_s
        self._buffer: deque[Held] = deque()
        self._size = 0
        self._is_any = asyncio.Event()
        self._is_full = asyncio.Event()
        self._is_broken = asyncio.Event()
        self._is_stopped = False
        self._consumer: tuple[AbstractQueue, str] | None = None

    @property
    def is_consuming(self) -> bool:
        return self._consumer is not None

    @property
    def is_empty(self) -> bool:
        return not self._buffer

    async def run(self) -> None:
        """Keeps a session open until cancelled."""
        while True:
            try:
                await self._session()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next session starts clean
                log.warning("intake_interrupted", reason=repr(error)[:200])
            await asyncio.sleep(RECONNECT_INTERVAL_S)

    async def take(self) -> list[Held]:
        """The next batch; an empty one means that the intake was stopped and everything was taken."""
        await self._is_any.wait()
        if not self._is_stopped:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_full.wait(), self._batch_wait_s)
        batch: list[Held] = []
        size = 0
        while self._buffer and size < self._batch_size:
            batch.append(self._buffer.popleft())
            size += batch[-1].size
        self._count(-size)
        return batch

    async def acknowledge(self, batch: Sequence[Held]) -> None:
        """Batches end in the order they were taken, so the last tag stands for all before it."""
        try:
            await batch[-1].message.ack(multiple=True)
        except BROKER_ERRORS as error:
            log.warning("ack_failed", reason=repr(error)[:200])

    def restart(self) -> None:
        """Ends the session; the next one begins soon."""
        self._is_broken.set()

    async def stop(self) -> None:
        """No new deliveries; what was delivered can still be taken and acked."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            queue, tag = consumer
            with suppress(*BROKER_ERRORS):
                await queue.cancel(tag)
        self._is_stopped = True
        self._is_any.set()
        self._is_full.set()

    async def _session(self) -> None:
        connection = await aio_pika.connect(
            self._url,
            timeout=CONNECT_TIMEOUT_S,
            heartbeat=HEARTBEAT_S,
            client_properties={"connection_name": "recorder"},
        )
        async with connection:
            self._is_broken = asyncio.Event()
            connection.close_callbacks.add(self._on_break)
            channel = await connection.channel(publisher_confirms=False)
            await self._watch(channel)
            await channel.set_qos(prefetch_count=self._prefetch)
            await topology.declare(channel)
            queue = await channel.get_queue(topology.RECORDER, ensure=False)
            self._consumer = (queue, await queue.consume(self._receive))
            try:
                await self._is_broken.wait()
            finally:
                self._consumer = None
                self._forget_held()

    async def _watch(self, channel: AbstractChannel) -> None:
        channel.close_callbacks.add(self._on_break)
        underlay = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(self._on_break)

    def _on_break(self, *_: object) -> None:
        self._is_broken.set()

    async def _receive(self, message: AbstractIncomingMessage) -> None:
        held = Held(message, _reading_of(message.body))
        self._buffer.append(held)
        self._count(held.size)

    def _forget_held(self) -> None:
        """What was delivered in a session that is over can not be acked any more and comes again."""
        self._buffer.clear()
        self._count(-self._size)

    def _count(self, change: int) -> None:
        self._size += change
        _set_if(self._is_any, bool(self._buffer) or self._is_stopped)
        _set_if(self._is_full, self._size >= self._batch_size or self._is_stopped)


def _reading_of(body: bytes) -> Reading:
    """Never raises: a message that is missing from its batch would be acked with it."""
    try:
        return read(body, utc_now())
    except Exception as error:
        log.exception("reading_failed")
        return Reading(rejects=[Reject(body, f"not readable: {type(error).__name__}")])


def _set_if(event: asyncio.Event, condition: bool) -> None:
    if condition:
        event.set()
    else:
        event.clear()
