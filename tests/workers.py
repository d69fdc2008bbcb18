"""A worker in the test's own process, and a reader of everything that is published."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from uuid import UUID

import aio_pika
import asyncpg
from pydantic import SecretStr

from shared.broker import build_broker, connect_when_up
from shared.db.pool import open_pool
from shared.envelope import State, Transition, decode
from shared.handling import Handler
from shared.publishing import Publisher
from shared.settings import CommonSettings
from shared.tasks import Lane, TaskType
from shared.topology import DEAD_LETTERS, RECORDER
from shared.worker import Job, Worker
from tests.waiting import eventually

PATIENCE_S = 20
Collect = Callable[[aio_pika.abc.AbstractIncomingMessage], Awaitable[None]]


def settings(database_url: str, rabbitmq_url: str, **changes: object) -> CommonSettings:
    values = {
        "database_url": SecretStr(database_url),
        "rabbitmq_url": SecretStr(rabbitmq_url),
        "secret_keys": SecretStr(""),
        "log_format": "console",
    }
    return CommonSettings(**(values | changes))  # type: ignore[arg-type]


class World:
    """One database and one broker, with what was published so far."""

    def __init__(
        self,
        database_url: str,
        rabbitmq_url: str,
        pool: asyncpg.Pool,
        publisher: Publisher,
    ) -> None:
        self.database_url = database_url
        self.rabbitmq_url = rabbitmq_url
        self.pool = pool
        self.publisher = publisher
        self.published: list[Transition] = []

    def of(self, task_id: UUID) -> list[tuple[State, int]]:
        """The task's distinct transitions in the order of the life of a task."""
        seen = {
            (item.attempt, item.state.rank, item.state) for item in self.published if item.task.id == task_id
        }
        return [(state, attempt) for attempt, _, state in sorted(seen)]

    def last(self, task_id: UUID) -> Transition:
        mine = [item for item in self.published if item.task.id == task_id]
        return max(mine, key=lambda item: (item.attempt, item.state.rank))

    async def final(self, task_id: UUID) -> Transition:
        """The task's last transition, once it is final."""
        await eventually(
            lambda: any(item.task.id == task_id and item.state.is_final for item in self.published),
            PATIENCE_S,
        )
        return self.last(task_id)

    @asynccontextmanager
    async def worker(
        self,
        handlers: Mapping[TaskType, Handler],
        *,
        prefetch: int = 20,
        drain_timeout_s: float = 5,
        lane: Lane = Lane.SYNC,
    ) -> AsyncIterator[Worker]:
        options = settings(self.database_url, self.rabbitmq_url, drain_timeout_s=drain_timeout_s)
        broker = build_broker(self.rabbitmq_url, app_id="test-worker")
        job = Job("test-worker", {lane: prefetch}, handlers)
        async with Worker(options, job, broker=broker, pool=self.pool) as worker:
            yield worker

    async def shop_with_account(self) -> tuple[int, int]:
        """The ids of a fresh shop and of an account of it."""
        shop_id = await self.pool.fetchval(
            "INSERT INTO store.shops (domain, name, email, data_key) "
            "VALUES ('s' || gen_random_uuid(), 'S', 's@x', '') RETURNING id"
        )
        account_id = await self.pool.fetchval(
            "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials) "
            "VALUES ($1, 'engage', 'CRM', 'http://127.0.0.1', '') RETURNING id",
            shop_id,
        )
        return shop_id, account_id

    async def dead_letters(self, count: int) -> list[aio_pika.abc.AbstractIncomingMessage]:
        """Waits for so many dead letters and takes them."""
        connection = await aio_pika.connect(self.rabbitmq_url)
        async with connection:
            queue = await (await connection.channel()).declare_queue(DEAD_LETTERS, passive=True)
            taken: list[aio_pika.abc.AbstractIncomingMessage] = []
            async with asyncio.timeout(PATIENCE_S):
                while len(taken) < count:
                    message = await queue.get(fail=False, no_ack=True)
                    if message is None:
                        await asyncio.sleep(0.05)
                    else:
                        taken.append(message)
            return taken


@asynccontextmanager
async def open_world(database_url: str, rabbitmq_url: str) -> AsyncIterator[World]:
    broker = build_broker(rabbitmq_url, app_id="test")
    await connect_when_up(broker)
    connection = await aio_pika.connect(rabbitmq_url)
    async with await open_pool(database_url, max_size=10) as pool, connection:
        world = World(database_url, rabbitmq_url, pool, Publisher(broker))
        queue = await (await connection.channel()).declare_queue(RECORDER, passive=True)
        await queue.consume(_collector(world), no_ack=True)
        yield world
        await broker.stop()


def _collector(
    world: World,
) -> Collect:
    async def collect(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        world.published.extend(decode(message.body))

    return collect
