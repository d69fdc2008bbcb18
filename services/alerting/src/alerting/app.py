"""The alerting service: watches the system from outside its flow."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from alerting.queues import watch_queues
from alerting.settings import AlertingSettings
from shared.broker import build_broker
from shared.db.pool import open_pool
from shared.health import broker_check, database_check, health_routes
from shared.observability import configure_logging
from shared.service import run_service, watch_event_loop
from shared.settings import load_settings


def build_app(settings: AlertingSettings) -> Starlette:
    app = Starlette()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        broker = build_broker(settings.rabbitmq_url.get_secret_value(), app_id="alerting")
        pool = await open_pool(
            settings.database_url.get_secret_value(),
            max_size=5,
            application_name="alerting",
        )
        checks = {"database": database_check(pool), "broker": broker_check(broker, [])}
        app.router.routes.extend(health_routes(checks))
        watchers = [
            asyncio.create_task(watch_queues(broker, settings.watch_interval_s)),
            asyncio.create_task(watch_event_loop()),
        ]
        async with pool:
            yield
            for watcher in watchers:
                watcher.cancel()
            await asyncio.gather(*watchers, return_exceptions=True)
            await broker.stop()

    app.router.lifespan_context = lifespan
    return app


def main() -> None:
    settings = load_settings(AlertingSettings)
    configure_logging(settings, service="alerting")
    run_service(build_app(settings), settings)
