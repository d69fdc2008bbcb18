"""Takes messages from the queue `recorder`, gathers them into batches, and acks what was recorded.

One session is one connection with one channel and one consumer. Whatever breaks, the session ends and the
next one declares the topology and consumes again; the broker delivers once more what was not acked.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import NamedTuple

import aio_pika
import structlog
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError
from aiormq.abc import AbstractChannel, DeliveredMessage

from query_api.recorder.reading import Reading, Reject, read
from shared import topology
from shared.envelope import utc_now

log = structlog.get_logger()

BROKER_ERRORS = (AMQPError, ChannelInvalidStateError, OSError, RuntimeError)
RECONNECT_INTERVAL_S = 1
CONNECT_TIMEOUT_S = 10
HEARTBEAT_S = 30
FULL_BYTES = 1 << 20  # enough for a batch without looking into the messages
MOST_BYTES = 4 * FULL_BYTES  # a batch is several times in memory while it is written


class Batch(NamedTuple):
    """What some messages say; the last of them stands for all when they are acked."""

    reading: Reading
    last: DeliveredMessage
    messages: int


class Intake:
    """A batch is complete with `batch_size` transitions, or `batch_wait_s` after its first message came.

    Messages wait as bytes and are read when their batch is made up: a backlog costs little memory. No batch
    has more than half of the messages that may be held: the others come while it is recorded.
    """

    def __init__(self, url: str, *, prefetch: int, batch_size: int, batch_wait_s: float) -> None:
        self._url = url
        self._prefetch = prefetch
        self._batch_size = batch_size
        self._most_messages = max(1, min(batch_size, prefetch // 2))
        self._batch_wait_s = batch_wait_s
        self._buffer: deque[DeliveredMessage] = deque()
        self._bytes = 0
        self._unacknowledged = 0
        self._taken_at = 0.0
        self._is_any = asyncio.Event()
        self._is_full = asyncio.Event()
        self._is_broken = asyncio.Event()
        self._is_stopped = False
        self._consumer: tuple[AbstractChannel, str] | None = None

    @property
    def is_consuming(self) -> bool:
        return self._consumer is not None

    @property
    def held(self) -> int:
        """Messages that were delivered and are not recorded yet."""
        return self._unacknowledged

    async def run(self) -> None:
        """Keeps a session open until cancelled; once stopped, none is begun any more."""
        while not self._is_stopped:
            try:
                await self._session()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next session starts clean
                log.warning("intake_interrupted", reason=repr(error)[:200])
            await asyncio.sleep(RECONNECT_INTERVAL_S)

    async def take(self, *, interval_s: float = 0.0) -> Batch | None:
        """The next batch; None when the intake was stopped and everything was taken.

        `interval_s`: from the batch before to this one, unless this one is complete earlier.
        """
        while True:
            await self._is_any.wait()
            if not self._is_stopped:
                now = asyncio.get_running_loop().time()
                due_at = max(now + self._batch_wait_s, self._taken_at + interval_s)
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(due_at):  # wait_for may lose a cancellation
                        await self._is_full.wait()
            batch = self._made_up()
            if batch is not None or self._is_stopped:  # else the session broke, and what waited is void
                return batch

    def _made_up(self) -> Batch | None:
        reading, message, messages, taken = Reading(), None, 0, 0
        while self._buffer and not self._is_complete(reading.size, messages, taken):
            message = self._buffer.popleft()
            reading.add(_reading_of(message.body))
            messages += 1
            taken += len(message.body)
        self._bytes -= taken
        self._taken_at = asyncio.get_running_loop().time()
        self._set_events()
        return None if message is None else Batch(reading, message, messages)

    def _is_complete(self, size: int, messages: int, taken: int) -> bool:
        return size >= self._batch_size or messages >= self._most_messages or taken >= MOST_BYTES

    async def acknowledge(self, batch: Batch) -> None:
        """Batches end in the order they were taken, so the last tag stands for all before it."""
        self._unacknowledged -= batch.messages
        try:
            await batch.last.channel.basic_ack(batch.last.delivery_tag or 0, multiple=True)
        except BROKER_ERRORS as error:
            log.warning("ack_failed", reason=repr(error)[:200])

    def restart(self) -> None:
        """Ends the session; the next one begins soon."""
        self._is_broken.set()

    async def stop(self) -> None:
        """No new deliveries; what was delivered can still be taken and acked."""
        self._is_stopped = True
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            channel, tag = consumer
            with suppress(*BROKER_ERRORS):
                await channel.basic_cancel(tag)
        self._set_events()

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
            await topology.declare(channel)
            await channel.set_qos(prefetch_count=self._prefetch)
            await self._consume(await channel.get_underlay_channel())
            try:
                await self._is_broken.wait()
            finally:
                self._consumer = None
                self._forget_held()

    async def _consume(self, channel: AbstractChannel) -> None:
        """On the channel beneath aio-pika's, which costs half as much for each message."""
        channel.closing.add_done_callback(self._on_break)
        channel.on_consumer_cancel_callbacks.add(self._on_break)
        consuming = await channel.basic_consume(topology.RECORDER, self._receive)
        self._consumer = (channel, consuming.consumer_tag or "")
        if self._is_stopped:
            await self.stop()

    def _on_break(self, *_: object) -> None:
        self._is_broken.set()

    async def _receive(self, message: DeliveredMessage) -> None:
        self._buffer.append(message)
        self._bytes += len(message.body)
        self._unacknowledged += 1
        self._is_any.set()
        if self._has_enough():
            self._is_full.set()

    def _forget_held(self) -> None:
        """What was delivered in a session that is over can not be acked any more and comes again."""
        self._unacknowledged -= len(self._buffer)
        self._buffer.clear()
        self._bytes = 0
        self._set_events()

    def _set_events(self) -> None:
        _set_if(self._is_any, bool(self._buffer) or self._is_stopped)
        _set_if(self._is_full, self._has_enough() or self._is_stopped)

    def _has_enough(self) -> bool:
        return len(self._buffer) >= self._most_messages or self._bytes >= FULL_BYTES


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
