"""Composition root of the sync worker: runs the tasks of the lanes `sync` and `sync-bulk`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from starlette.applications import Starlette

from shared.clients.http import build_http_client
from shared.dead_letters import DeadLetters
from shared.observability import configure_logging
from shared.service import run_service
from shared.settings import load_settings
from shared.vault import Vault
from shared.worker import worker_app
from sync_worker.clients.systems import build_systems
from sync_worker.handlers import registry
from sync_worker.handlers.options import Options
from sync_worker.scheduling.clock import Clock
from sync_worker.settings import Settings

SERVICE = "sync-worker"


def build_app(settings: Settings) -> Starlette:
    """Nothing connects before the app's lifespan starts."""
    lanes = settings.lanes
    client = build_http_client(connections=sum(lanes.values()), read_timeout_s=settings.crm_read_timeout_s)
    vault = Vault(settings.secret_keys.get_secret_value())
    systems = build_systems(client, vault, crm_requests_per_second=settings.crm_requests_per_second)
    app = worker_app(
        settings,
        service=SERVICE,
        lanes=lanes,
        handlers=registry(systems, _options(settings)),
        beside=[lambda pool, publisher: Clock(pool, publisher, service=SERVICE).run()],
    )
    run_tasks = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with client, run_tasks(app):
            yield

    app.router.lifespan_context = lifespan
    return app


def _options(settings: Settings) -> Options:
    return Options(
        ingest_url=settings.public_ingest_url,
        letters=DeadLetters(settings.rabbitmq_url.get_secret_value()),
        second_look=timedelta(seconds=settings.erasure_second_look_s),
    )


def main() -> None:
    settings = load_settings(Settings)
    configure_logging(settings, service=SERVICE)
    run_service(build_app(settings), settings)
