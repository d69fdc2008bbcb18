"""The alerting service: watches the system from outside its flow, and tells people."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog
from faststream.rabbit import RabbitBroker
from starlette.applications import Starlette

from alerting.clients.channels import Channels
from alerting.clients.heartbeat import Pulse
from alerting.clients.smtp import Mail
from alerting.evaluator import Evaluator, Watch
from alerting.handlers import registry
from alerting.heartbeat import keep_beating
from alerting.outbox import Outbox
from alerting.proving.asking import Asking
from alerting.proving.prover import Prover
from alerting.queues import watch_queues
from alerting.settings import AlertingSettings
from alerting.telling import Teller
from shared.alerts.channels import Channel, WebhookChannel
from shared.alerts.notifications import MAIL
from shared.alerts.recipients import recipients
from shared.broker import build_broker
from shared.clients.http import RecordedHttp, build_http_client
from shared.clients.shopify_admin import ShopAdmins
from shared.clients.shopify_answers import API
from shared.db.pool import open_pool
from shared.observability import configure_logging
from shared.publishing import Publisher
from shared.service import run_service
from shared.settings import load_settings
from shared.stopping import stop
from shared.tasks import Lane
from shared.vault import Vault
from shared.worker import worker_app

SERVICE = "alerting"
WATCHING_POOL = 5
READ_TIMEOUT_S = 20
START_AGAIN_S = 5

Work = Callable[[], Coroutine[Any, Any, None]]
log = structlog.get_logger()


def build_app(settings: AlertingSettings) -> Starlette:
    """Tells people as a worker does, and watches beside it, whether the broker is there or not."""
    client = build_http_client(connections=settings.alerts_prefetch + 8, read_timeout_s=READ_TIMEOUT_S)
    teller = build_teller(settings, client)
    lanes = {Lane.ALERTS: settings.alerts_prefetch}
    app = worker_app(settings, service=SERVICE, lanes=lanes, handlers=registry(teller))
    run_tasks = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        dsn = settings.database_url.get_secret_value()
        pool = await open_pool(dsn, max_size=WATCHING_POOL, application_name="alerting-watch")
        broker = build_broker(settings.rabbitmq_url.get_secret_value(), app_id="alerting-watch")
        async with client, pool, run_tasks(app):
            async with watching(settings, teller, client, pool=pool, broker=broker):
                yield
            await broker.stop()

    app.router.lifespan_context = lifespan
    return app


@asynccontextmanager
async def watching(
    settings: AlertingSettings,
    teller: Teller,
    client: Any,
    *,
    pool: asyncpg.Pool,
    broker: RabbitBroker,
) -> AsyncIterator[None]:
    """Everything that goes by the clock."""
    vault = Vault(settings.secret_keys.get_secret_value())
    publisher = Publisher(broker)
    admins = ShopAdmins(RecordedHttp(client, api=API), vault)
    prover = Prover(Asking(pool, admins, settings.public_ingest_url), pool, publisher, SERVICE)
    outbox = Outbox(pool, publisher, lambda id_: teller.tell_at_once(pool, id_))
    evaluator = Evaluator(
        Watch(
            dsn=settings.database_url.get_secret_value(),
            instance=settings.service_instance,
            vault=vault,
            prove=prover.begin,
            told=outbox.wake,
            operators=recipients(settings.operator_addresses, operators_channels(settings)),
        )
    )
    work: dict[str, Work] = {
        "evaluation": lambda: evaluator.run(settings.alert_interval_s),
        "outbox": outbox.run,
        "queues": lambda: watch_queues(broker, pool, settings.watch_interval_s),
    }
    if settings.heartbeat_url is not None:
        pulse = Pulse(client, settings.heartbeat_url.get_secret_value())
        work["heartbeat"] = lambda: keep_beating(pool, pulse)
    tasks = [asyncio.create_task(_tirelessly(name, one)) for name, one in work.items()]
    yield
    await stop(*tasks)
    await prover.end()


async def _tirelessly(name: str, work: Work) -> None:
    """Whatever happens to it is seen, and it goes on: nobody else notices that alerting has stopped."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("alerting_work_failed", work=name)
        await asyncio.sleep(START_AGAIN_S)


def build_teller(settings: AlertingSettings, client: Any) -> Teller:
    vault = Vault(settings.secret_keys.get_secret_value())
    others = Channels(client, vault, settings.console_url, operators_channels(settings))
    mail = Mail(settings, settings.console_url)
    return Teller({MAIL: mail, "webhook": others, "slack": others, "apprise": others})


def operators_channels(settings: AlertingSettings) -> tuple[Channel, ...]:
    """The program that is told of the platform's own alerts, if there is one."""
    if not settings.operator_webhook_url or settings.operator_webhook_secret is None:
        return ()
    secret = settings.operator_webhook_secret.get_secret_value()
    return (WebhookChannel(name="operators", url=settings.operator_webhook_url, secret=secret),)


def main() -> None:
    settings = load_settings(AlertingSettings)
    configure_logging(settings, service=SERVICE)
    run_service(build_app(settings), settings)
