"""Composition root of the write-back service: runs the lanes `writeback` and `writeback-bulk`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from shared.clients.http import build_http_client
from shared.observability import configure_logging
from shared.service import run_service
from shared.settings import load_settings
from shared.tasks import Lane
from shared.vault import Vault
from shared.worker import worker_app
from writeback.clients.systems import build_systems
from writeback.handlers import registry
from writeback.settings import WritebackSettings

SERVICE = "writeback"


def build_app(settings: WritebackSettings) -> Starlette:
    """Nothing connects before the app's lifespan starts."""
    lanes = {
        Lane.WRITEBACK: settings.writeback_prefetch,
        Lane.WRITEBACK_BULK: settings.writeback_bulk_prefetch,
    }
    client = build_http_client(connections=sum(lanes.values()), read_timeout_s=settings.target_read_timeout_s)
    systems = build_systems(client, Vault(settings.secret_keys.get_secret_value()))
    app = worker_app(settings, service=SERVICE, lanes=lanes, handlers=registry(systems))
    run_tasks = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with client, run_tasks(app):
            yield

    app.router.lifespan_context = lifespan
    return app


def main() -> None:
    settings = load_settings(WritebackSettings)
    configure_logging(settings, service=SERVICE)
    run_service(build_app(settings), settings)
