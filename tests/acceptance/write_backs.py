"""A write-back service in a process of its own, which can be killed, and work for it."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import aio_pika
import asyncpg
import httpx

from shared.broker import build_broker, connect_when_up
from shared.envelope import Transition, utc_now
from shared.publishing import Publisher
from shared.shipments.writing_back import payload_of, retry_policy_of
from shared.starting import Start, started
from shared.tasks import TaskType
from shared.topology import TASKS_DUE
from tests.waiting import eventually

START_TIMEOUT_S = 60
LONG_WAITS = ("wait.6000", "wait.15000", "wait.30000")
READ_TIMEOUT_S = 2


@dataclass
class Service:
    """The process that runs now; `kills` counts the ones that were ended by SIGKILL."""

    environment: dict[str, str]
    log: Path
    kills: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None)

    async def start(self) -> None:
        """Until it consumes its lanes."""
        program = Path(sys.executable).parent / "writeback"
        with self.log.open("ab") as log:
            self._process = _run(program, self.environment, log)
        await eventually(self._is_ready, START_TIMEOUT_S, what=f"ready; see {self.log}")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self.kills += 1

    async def _is_ready(self) -> bool:
        url = f"http://127.0.0.1:{self.environment['PORT']}/readyz"
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(url, timeout=5)).status_code == 200
        except httpx.HTTPError:
            return False


@asynccontextmanager
async def write_back_service(
    database_url: str, rabbitmq_url: str, secret_keys: str, log: Path
) -> AsyncIterator[Service]:
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "RABBITMQ_URL": rabbitmq_url,
        "SECRET_KEYS": secret_keys,
        "PORT": str(_free_port()),
        "TARGET_READ_TIMEOUT_S": str(READ_TIMEOUT_S),
        "LOG_FORMAT": "json",
    }
    service = Service(environment, log)
    await service.start()
    try:
        yield service
    finally:
        service.kill()


async def start_write_backs(rabbitmq_url: str, pool: asyncpg.Pool, state: str = "pending") -> int:
    """As when a person synchronises every package in this state; how many these are."""
    query = (
        "SELECT s.*, a.settings FROM store.shipments s JOIN store.accounts a ON a.id = s.account_id "
        "WHERE s.state = $1 ORDER BY s.id"
    )
    tasks = [_write_back(row) for row in await pool.fetch(query, state)]
    await pool.execute("UPDATE store.shipments SET state = 'pending' WHERE state = $1", state)
    broker = build_broker(rabbitmq_url, app_id="test")
    await connect_when_up(broker)
    for place in range(0, len(tasks), 50):
        await Publisher(broker).publish(tasks[place : place + 50])
    await broker.stop()
    return len(tasks)


def _write_back(row: asyncpg.Record) -> Transition:
    start = Start(
        type=TaskType.WRITEBACK_SHIPMENT,
        shop_id=row["shop_id"],
        actor="test",
        payload=payload_of(UUID(str(row["id"]))),
        account_id=row["account_id"],
        source_id=row["order_id"],
        retry_policy=retry_policy_of(row["settings"]),
    )
    return started(start, service="test", now=utc_now())


async def bringing_forward(rabbitmq_url: str, waits: Sequence[str] = LONG_WAITS) -> None:
    """As if the longer waits were over after about a second; until cancelled."""
    async with await aio_pika.connect(rabbitmq_url) as connection:
        channel = await connection.channel()
        due = await channel.get_exchange(TASKS_DUE)
        while True:
            await asyncio.sleep(1)
            for name in waits:
                queue = await channel.get_queue(name)
                while (message := await queue.get(fail=False)) is not None:
                    await due.publish(_copy(message), message.routing_key or "")
                    await message.ack()


async def until_told(pool: asyncpg.Pool, count: int, timeout_s: float) -> None:
    """Until at most so many packages wait."""
    query = "SELECT count(*) FROM store.shipments WHERE state = 'pending'"
    async with asyncio.timeout(timeout_s):
        while await pool.fetchval(query) > count:
            await asyncio.sleep(0.2)


def _copy(message: aio_pika.abc.AbstractIncomingMessage) -> aio_pika.Message:
    mode = aio_pika.DeliveryMode.PERSISTENT
    return aio_pika.Message(message.body, content_type=message.content_type, delivery_mode=mode)


def _run(program: Path, environment: dict[str, str], log: BinaryIO) -> subprocess.Popen[bytes]:
    return subprocess.Popen([program], env=environment, stdout=log, stderr=subprocess.STDOUT)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
