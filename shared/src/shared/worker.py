"""The composition every lane-consuming service shares: pool, broker, inbox, lifecycle, consumers, health."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import asyncpg
from faststream.rabbit import RabbitBroker
from starlette.applications import Starlette

from shared import metrics
from shared.attempts import OUTCOMES
from shared.broker import build_broker, connect_when_up, keep_at_broker
from shared.consuming import LaneConsumer, Slots
from shared.db.outages import ANY_DATABASE_ERROR
from shared.db.pool import open_pool
from shared.handling import Handler
from shared.health import broker_check, database_check, health_routes
from shared.inbox import Inbox
from shared.lifecycle import Lifecycle
from shared.publishing import Publisher
from shared.service import watch_event_loop
from shared.settings import CommonSettings
from shared.stopping import stop
from shared.tasks import Lane, Side, TaskType

Beside = Callable[[asyncpg.Pool, Publisher], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker does: `lanes` says how many attempts of each lane run at once in this process.

    `beside` is what goes on in the background, from when the broker was there first until the process ends.
    """

    service: str
    lanes: Mapping[Lane, int]
    handlers: Mapping[TaskType, Handler]
    beside: Sequence[Beside] = ()

    @property
    def slots(self) -> list[Slots]:
        """Each lane, and half as many slots for each queue beside it."""
        lanes = [Slots(lane, count) for lane, count in self.lanes.items()]
        return [*lanes, *(Slots(one.lane, max(1, one.count // 2), side) for one in lanes for side in Side)]


def worker_app(
    settings: CommonSettings,
    *,
    service: str,
    lanes: Mapping[Lane, int],
    handlers: Mapping[TaskType, Handler],
    beside: Sequence[Beside] = (),
) -> Starlette:
    """An ASGI app that runs tasks while it lives."""
    app = Starlette()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        dsn = settings.database_url.get_secret_value()
        pool = await open_pool(
            dsn, max_size=settings.database_pool_size, application_name=service, leaves_traces=False
        )
        broker = build_broker(settings.rabbitmq_url.get_secret_value(), app_id=service)
        job = Job(service, lanes, handlers, beside)
        consumed = [slots.queue for slots in job.slots]
        checks = {"database": database_check(pool), "broker": broker_check(broker, consumed)}
        app.router.routes.extend(health_routes(checks))
        async with pool, Worker(settings, job, broker=broker, pool=pool):
            yield

    app.router.lifespan_context = lifespan
    return app


class Worker:
    """Starts in the background, so that the process lives while the broker is away; drains at the end."""

    def __init__(
        self, settings: CommonSettings, job: Job, *, broker: RabbitBroker, pool: asyncpg.Pool
    ) -> None:
        self._settings = settings
        self._broker = broker
        self._inbox = Inbox(pool, instance=settings.service_instance)
        publisher = Publisher(broker)
        lifecycle = Lifecycle(
            inbox=self._inbox, publisher=publisher, pool=pool, handlers=job.handlers, service=job.service
        )
        self._consumers = [
            LaneConsumer(broker, lifecycle, publisher=publisher, slots=slots) for slots in job.slots
        ]
        metrics.start_at_zero(metrics.ATTEMPTS, job.handlers, OUTCOMES)
        metrics.start_at_zero(metrics.DEAD_LETTERS, [job.service])
        self._beside = [partial(start, pool, publisher) for start in job.beside]
        self._background: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._starting = asyncio.create_task(self._start())
        self._in_background(self._inbox.run())
        self._in_background(watch_event_loop())
        return self

    async def __aexit__(self, *_: object) -> None:
        await stop(self._starting)  # first of all, or it would start consumers again that are drained
        drain_s = self._settings.drain_timeout_s
        await asyncio.gather(*(consumer.drain(drain_s) for consumer in self._consumers))
        await stop(*self._background)
        with suppress(*ANY_DATABASE_ERROR):
            await self._inbox.close()
        await self._broker.stop()

    async def _start(self) -> None:
        await connect_when_up(self._broker)
        await self._broker.start()
        for beside in self._beside:
            self._in_background(beside())
        await keep_at_broker(self._broker, [consumer.queue for consumer in self._consumers])

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        self._background.append(asyncio.create_task(work))
