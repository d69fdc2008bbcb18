"""The ingest service: receives webhooks, verifies them and queues their tasks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
from faststream.rabbit import RabbitBroker
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from ingest.abuse import BadSignatures
from ingest.accepting import SERVICE, Accepting
from ingest.answers import http_error_answer
from ingest.background import Background
from ingest.broker_link import BrokerLink
from ingest.database import within
from ingest.doors import Door, House
from ingest.gate import Gate
from ingest.recent import RecentTasks
from ingest.rejections import Rejections
from ingest.relay import Relay
from ingest.settings import IngestSettings
from ingest.shops import ShopDirectory
from ingest.sources import SOURCES
from ingest.spool import Spool
from ingest.tokens import TokenDirectory
from shared.broker import build_broker
from shared.db.pool import open_pool
from shared.health import Check, database_check, health_routes
from shared.observability import configure_logging
from shared.service import run_service, watch_event_loop
from shared.settings import load_settings
from shared.vault import Vault

CLOSE_TIMEOUT_S = 5


def main() -> None:
    settings = load_settings(IngestSettings)
    configure_logging(settings, service=SERVICE)
    run_service(build_app(settings), settings)


def build_app(settings: IngestSettings) -> Starlette:
    """Starts whether or not broker and database are there; they are found when they come."""
    vault = Vault(settings.secret_keys.get_secret_value())

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        pool = await open_pool(
            settings.database_url.get_secret_value(),
            max_size=settings.database_pool_size,
            application_name=SERVICE,
            leaves_traces=False,
        )
        ingest = Ingest(
            settings, pool=pool, broker=build_broker(_broker_url(settings), app_id=SERVICE), vault=vault
        )
        app.router.routes.extend(ingest.routes())
        ingest.start()
        yield
        await ingest.stop()

    handlers = {HTTPException: http_error_answer, Exception: http_error_answer}
    return Starlette(lifespan=lifespan, exception_handlers=handlers)


class Ingest:
    """Everything of one process, put together."""

    def __init__(
        self, settings: IngestSettings, *, pool: asyncpg.Pool, broker: RabbitBroker, vault: Vault
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._broker = broker
        self._link = BrokerLink(broker)
        self._directory = ShopDirectory(
            pool, vault, refresh_s=settings.shop_refresh_s, lookup_timeout_s=settings.lookup_timeout_s
        )
        self._tokens = TokenDirectory(
            pool, refresh_s=settings.shop_refresh_s, lookup_timeout_s=settings.lookup_timeout_s
        )
        self._spool = Spool(pool, timeout_s=settings.spool_timeout_s)
        self._relay = Relay(pool, self._link, spool=self._spool, interval_s=settings.relay_interval_s)
        self._rejections = Rejections(pool, flush_s=settings.rejection_flush_s)
        self._background = Background()

    def routes(self) -> list[Route]:
        settings = self._settings
        house = House(
            settings,
            directory=self._directory,
            accepting=self._accepting(),
            rejections=self._rejections,
            gate=self._gate(),
        )
        checks: dict[str, Check] = {"shops": self._shops_problem, "storage": self._storage_problem}
        doors = [Route(source.path, Door(source, house), methods=["POST"]) for source in SOURCES]
        return [*doors, *health_routes(checks)]

    def _gate(self) -> Gate:
        settings = self._settings
        strikes = BadSignatures(limit=settings.bad_signature_limit, window_s=settings.bad_signature_window_s)
        return Gate(self._tokens, strikes, app_secrets=settings.app_secrets)

    def _accepting(self) -> Accepting:
        recent = RecentTasks(self._settings.recent_tasks)
        timeout_s = self._settings.publish_timeout_s
        return Accepting(self._link, self._spool, recent=recent, publish_timeout_s=timeout_s)

    def start(self) -> None:
        self._background.start("broker link", self._link.run)
        self._background.start("shop directory", self._directory.run)
        self._background.start("token directory", self._tokens.run)
        self._background.start("relay", self._relay.run)
        self._background.start("spool watch", self._relay.watch)
        self._background.start("rejections", self._rejections.run)
        self._background.start("event loop watch", watch_event_loop)

    async def stop(self) -> None:
        """Requests are answered by now. The relay ends its round; what it has not published stays spooled."""
        self._relay.stop()
        await self._background.finish("relay", timeout_s=CLOSE_TIMEOUT_S)
        await self._background.cancel()
        await self._rejections.flush()
        with suppress(TimeoutError):
            await within(CLOSE_TIMEOUT_S, self._broker.stop())
        try:
            await asyncio.wait_for(self._pool.close(), CLOSE_TIMEOUT_S)
        except TimeoutError:
            self._pool.terminate()

    async def _shops_problem(self) -> str | None:
        return None if self._directory.is_loaded else "the shops have not been read from the database yet"

    async def _storage_problem(self) -> str | None:
        """One place for durable copies is enough."""
        if self._link.is_up and await self._broker.ping(timeout=1):
            return None
        return await database_check(self._pool)()


def _broker_url(settings: IngestSettings) -> str:
    return settings.rabbitmq_url.get_secret_value()
