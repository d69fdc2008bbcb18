"""The recorder process: intake, recording, progress, maintenance, health. Nothing connects at import."""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Self

import asyncpg
import structlog
from faststream.rabbit import RabbitBroker
from starlette.applications import Starlette

from query_api.maintenance.loop import Maintenance
from query_api.recorder.intake import Intake
from query_api.recorder.progress import Progress
from query_api.recorder.recording import Recorder
from query_api.recorder.settings import RecorderSettings
from query_api.recorder.shop_keys import ShopKeys
from shared.broker import build_broker, connect_when_up, keep_at_broker
from shared.db.pool import open_pool
from shared.health import broker_check, database_check, health_routes
from shared.observability import configure_logging
from shared.publishing import Publisher
from shared.service import run_service, watch_event_loop
from shared.stopping import stop
from shared.topology import RECORDER
from shared.vault import Vault

log = structlog.get_logger()

SERVICE = "recorder"


def main() -> None:
    """Runs the recorder until SIGTERM."""
    settings = RecorderSettings()
    configure_logging(settings, service=SERVICE)
    # A batch is thousands of objects that live for milliseconds and form no circles: at its defaults the
    # collector would walk through them over and over and take more time than all the rest.
    run_service(recorder_app(settings), settings, objects_before_gc=100_000)


def recorder_app(settings: RecorderSettings) -> Starlette:
    """An ASGI app that records while it lives."""
    app = Starlette()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        pool = await open_pool(
            settings.database_url.get_secret_value(),
            max_size=settings.database_pool_size,
            application_name=SERVICE,
        )
        broker = build_broker(settings.rabbitmq_url.get_secret_value(), app_id=SERVICE)
        process = RecorderProcess(settings, pool=pool, broker=broker)
        checks = {
            "database": database_check(pool),
            "broker": broker_check(broker, [RECORDER]),
            "consumer": process.consumer_check,
        }
        app.router.routes.extend(health_routes(checks))
        async with pool, process:
            yield

    app.router.lifespan_context = lifespan
    return app


class RecorderProcess:
    """Starts in the background, so that the process lives while broker and database are still away."""

    def __init__(self, settings: RecorderSettings, *, pool: asyncpg.Pool, broker: RabbitBroker) -> None:
        self._settings = settings
        self._broker = broker
        self._intake = Intake(
            settings.rabbitmq_url.get_secret_value(),
            prefetch=settings.recorder_prefetch,
            batch_size=settings.recorder_batch_size,
            batch_wait_s=settings.recorder_batch_wait_ms / 1000,
        )
        keys = ShopKeys(Vault(settings.secret_keys.get_secret_value()))
        self._recorder = Recorder(intake=self._intake, pool=pool, keys=keys, publisher=Publisher(broker))
        self._progress = Progress(
            broker=broker,
            pool=pool,
            intake=self._intake,
            recorder=self._recorder,
            instance=settings.service_instance,
        )
        self._maintenance = Maintenance(settings)
        self._background: list[asyncio.Task[None]] = []
        self._is_stopping = False

    async def __aenter__(self) -> Self:
        self._recording = asyncio.create_task(self._recorder.run())
        self._recording.add_done_callback(self._on_end)
        for work in (self._intake.run(), self._start(), self._maintenance.run(), watch_event_loop()):
            self._in_background(work)
        return self

    async def __aexit__(self, *_: object) -> None:
        """The consumer ends first; what it delivered is recorded and acked, or goes back to the queue."""
        self._is_stopping = True
        await self._intake.stop()
        await asyncio.wait([self._recording], timeout=self._settings.drain_timeout_s)
        log.info("recorder_drained", given_back=self._intake.held)
        await stop(self._recording, *self._background)
        await self._broker.stop()

    async def consumer_check(self) -> str | None:
        return None if self._intake.is_consuming else "this process has no consumer"

    async def _start(self) -> None:
        await connect_when_up(self._broker)
        await self._broker.start()
        await asyncio.gather(self._progress.run(), keep_at_broker(self._broker))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=getattr(work, "__qualname__", None))
        task.add_done_callback(self._on_end)
        self._background.append(task)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        """A part that ends by itself is a fault: better a restart than a process that only looks alive."""
        if not self._is_stopping:
            log.critical("process_part_ended", part=task.get_name(), exc_info=task.exception())
            signal.raise_signal(signal.SIGTERM)
