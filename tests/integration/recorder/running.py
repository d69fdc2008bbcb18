"""Recorders in this process and as processes of their own, and what goes into their queue."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import aio_pika
import httpx
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue
from pydantic import SecretStr

from query_api.recorder.app import RecorderProcess
from query_api.recorder.settings import RecorderSettings
from shared import topology
from shared.broker import build_broker
from shared.db.pool import open_pool
from shared.envelope import Transition
from tests.integration.recorder.histories import messages
from tests.waiting import eventually

PATIENCE_S = 30


class Queue:
    """The recorder's end of the broker: messages in, dead letters out."""

    def __init__(self, url: str, connection: aio_pika.abc.AbstractConnection) -> None:
        self._url = url
        self._connection = connection

    async def publish(self, transitions: Iterable[Transition]) -> None:
        await self.publish_raw(messages(list(transitions)))

    async def publish_raw(self, bodies: Iterable[bytes]) -> None:
        """Returns when the broker has confirmed all of them."""
        async with self._connection.channel() as channel:
            exchange = await channel.get_exchange(topology.TASKS, ensure=False)
            sent = (
                exchange.publish(
                    aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT), "recorded.test"
                )
                for body in bodies
            )
            await asyncio.gather(*sent)

    async def depth(self) -> int:
        async with self._connection.channel() as channel:
            queue = await channel.declare_queue(topology.RECORDER, passive=True)
            return queue.declaration_result.message_count or 0

    async def consumers(self) -> int:
        async with self._connection.channel() as channel:
            queue = await channel.declare_queue(topology.RECORDER, passive=True)
            return queue.declaration_result.consumer_count or 0

    async def take_left(self) -> list[AbstractIncomingMessage]:
        """What still waits to be recorded, taken away."""
        taken: list[AbstractIncomingMessage] = []

        async def take(message: AbstractIncomingMessage) -> None:
            taken.append(message)

        left = await self.depth()
        async with self._connection.channel() as channel:
            await (await channel.get_queue(topology.RECORDER)).consume(take, no_ack=True)
            await eventually(lambda: len(taken) == left)
        return taken

    async def dead_letters(self, count: int) -> list[AbstractIncomingMessage]:
        """Waits for so many and takes all there are."""
        taken: list[AbstractIncomingMessage] = []

        async def enough() -> bool:
            async with self._connection.channel() as channel:
                taken.extend(await _all_of(await channel.get_queue(topology.DEAD_LETTERS)))
            return len(taken) >= count

        await eventually(enough, PATIENCE_S)
        return taken

    async def delete(self) -> None:
        async with self._connection.channel() as channel:
            queue = await channel.get_queue(topology.RECORDER)
            await queue.delete(if_unused=False, if_empty=False)


async def _all_of(queue: AbstractQueue) -> list[AbstractIncomingMessage]:
    taken = []
    while (message := await queue.get(fail=False, no_ack=True)) is not None:
        taken.append(message)
    return taken


@asynccontextmanager
async def open_queue(url: str) -> AsyncIterator[Queue]:
    async with await aio_pika.connect(url) as connection:
        async with connection.channel() as channel:
            await topology.declare(channel)
        yield Queue(url, connection)


async def until_queues_outlive_a_crash() -> None:
    """RabbitMQ 3.10 writes new quorum queues down a little later; one forgotten in a crash stays stuck."""
    safe_at = time.monotonic() + 2
    await eventually(lambda: time.monotonic() > safe_at)


def recorder_settings(database_url: str, rabbitmq_url: str, **changes: Any) -> RecorderSettings:
    values: dict[str, Any] = {
        "database_url": SecretStr(database_url),
        "rabbitmq_url": SecretStr(rabbitmq_url),
        "secret_keys": SecretStr(""),
        "drain_timeout_s": 10,
    }
    return RecorderSettings(**(values | changes))


@asynccontextmanager
async def recorder(options: RecorderSettings) -> AsyncIterator[RecorderProcess]:
    """A recorder in this process."""
    pool = await open_pool(options.database_url.get_secret_value(), max_size=3)
    broker = build_broker(options.rabbitmq_url.get_secret_value(), app_id="test-recorder")
    async with pool, RecorderProcess(options, pool=pool, broker=broker) as process:
        yield process


class OwnProcess:
    """`query-api recorder` as it runs in production."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self._port = port

    async def get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.get(f"http://127.0.0.1:{self._port}{path}")

    async def is_live(self) -> bool:
        return await self._says_ok("/livez")

    async def is_ready(self) -> bool:
        return await self._says_ok("/readyz")

    async def _says_ok(self, path: str) -> bool:
        try:
            return (await self.get(path)).is_success
        except httpx.TransportError:
            return False

    async def kill(self) -> None:
        """As a crash would end it."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def terminate(self) -> None:
        """Asks it to end and waits until it has."""
        self._process.terminate()
        async with asyncio.timeout(PATIENCE_S):
            await self._process.wait()


@asynccontextmanager
async def own_process(
    options: RecorderSettings, *, is_ready: bool = True, log: Path | None = None
) -> AsyncIterator[OwnProcess]:
    """A recorder as a process of its own, ready or just started; it writes to `log` what it has to say."""
    port = _free_port()
    environment = os.environ | {
        "DATABASE_URL": options.database_url.get_secret_value(),
        "RABBITMQ_URL": options.rabbitmq_url.get_secret_value(),
        "SECRET_KEYS": options.secret_keys.get_secret_value(),
        "PORT": str(port),
        "LOG_LEVEL": "INFO" if log else "ERROR",
        "LOG_FORMAT": "json",
        "RECORDER_PREFETCH": str(options.recorder_prefetch),
        "RECORDER_BATCH_SIZE": str(options.recorder_batch_size),
    }
    command = "from query_api.recorder.app import main; main()"
    with nullcontext() if log is None else log.open("wb") as output:
        started = await asyncio.create_subprocess_exec(
            sys.executable, "-c", command, env=environment, stdout=output
        )
    process = OwnProcess(started, port)
    try:
        if is_ready:
            await eventually(process.is_ready, PATIENCE_S)
        yield process
    finally:
        await process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
