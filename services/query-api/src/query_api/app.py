"""The query API and console: what it is made of. Nothing connects before the server starts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import RedirectResponse, Response

from query_api.backend import Backend
from query_api.clients import oidc
from query_api.console.errors import error_page
from query_api.console.oidc import router as oidc_router
from query_api.console.routes import console_routers
from query_api.console.signing import router as signing_router
from query_api.console.static import static_files
from query_api.console.visitors import SignInNeeded
from query_api.description import description
from query_api.gauges.reading import Gauges
from query_api.headers import secure_all_answers
from query_api.idempotent import Idempotent
from query_api.live.streams import Streams
from query_api.observing import ADDRESSES, Observing
from query_api.operations.registry import build_operations
from query_api.problems import (
    API_PREFIX,
    API_VERSION_1,
    DATABASE_AWAY,
    UNSTORABLE_TEXT,
    Problem,
    problem_of,
    render,
)
from query_api.rate_limit import RateLimit
from query_api.repository.connections import schema_revision
from query_api.routes import (
    accounts,
    actions,
    alert_evidence,
    alert_settings,
    alert_tests,
    alerts,
    audit,
    board,
    checking,
    comparisons,
    connections,
    events,
    failures,
    imports,
    me,
    operation_file,
    operations,
    orders,
    payloads,
    privacy,
    rejections,
    retention,
    runs,
    series,
    shipment_done,
    shipment_sync,
    shipments,
    shops,
    stories,
    task_cancel,
    task_delete,
    task_export,
    task_retry,
    tasks,
    tokens,
)
from query_api.sessions import Sessions
from query_api.settings import QueryApiSettings
from query_api.single_sign_on import single_sign_on
from query_api.starting import SERVICE, Starter
from shared.broker import build_broker, connect_when_up, keep_at_broker
from shared.db.pool import open_pool
from shared.db.revisions import newest_revision
from shared.health import database_check, health_routes
from shared.observability import VERSION, configure_logging
from shared.publishing import Publisher
from shared.service import run_service, watch_event_loop
from shared.settings import load_settings
from shared.stopping import stop
from shared.vault import Vault

EXPORTS_AT_ONCE = 2
DESCRIPTION = """
The log of every sync task: what came in, what was sent, how it ended and what to do about it.

Every answer says up to which moment the log is known to be complete:
`as_of` in the body, `As-Of` in its header.
Times are RFC 3339 in UTC. Errors are problem details (RFC 9457) that name the field and what to do.
"""


def build_app(settings: QueryApiSettings) -> FastAPI:
    app = FastAPI(
        title="Syncledger",
        description=DESCRIPTION,
        version=VERSION,
        openapi_url=f"{API_VERSION_1}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lambda app: lifespan(app, settings),
    )
    app.add_middleware(Idempotent)
    # Level 6 makes answers a fifth smaller, and takes twice as long.
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=3)
    app.add_middleware(Observing)
    secure_all_answers(app)
    for router in _api():
        app.include_router(router, prefix=API_VERSION_1)
    for router in console_routers():
        app.include_router(router)
    app.include_router(signing_router)
    app.include_router(oidc_router)
    app.mount("/static", static_files())
    app.openapi = partial(description, app)  # type: ignore[method-assign]
    checks = {"database": lambda: _database_answers(app), "schema": lambda: _schema_is_new_enough(app)}
    app.router.routes.extend(health_routes(checks))
    app.add_exception_handler(SignInNeeded, _lead_to_sign_in)
    for kind in (Problem, RequestValidationError, HTTPException, *UNSTORABLE_TEXT, *DATABASE_AWAY, Exception):
        app.add_exception_handler(kind, _answer_error)
    return app


def serve() -> None:
    """Serves API and console until SIGTERM."""
    settings = load_settings(QueryApiSettings)
    configure_logging(settings, service=SERVICE)
    ADDRESSES.info({"console": settings.console_url, "runbook": settings.runbook_url})
    app = build_app(settings)
    run_service(app, settings, before_drain=partial(_end_streams, app))


def _end_streams(app: FastAPI) -> None:
    app.state.streams.close()


@asynccontextmanager
async def lifespan(app: FastAPI, settings: QueryApiSettings) -> AsyncIterator[None]:
    """What the app works with while it serves; an app serves one after another, as often as wished."""
    keys = settings.secret_keys.get_secret_value()
    pool = await open_pool(
        settings.database_url.get_secret_value(),
        max_size=settings.database_pool_size,
        application_name=SERVICE,
    )
    broker = build_broker(settings.rabbitmq_url.get_secret_value(), app_id=SERVICE)
    starter = Starter(Publisher(broker), partial(connect_when_up, broker), partial(keep_at_broker, broker))
    vault = Vault(keys)
    acting = build_operations(pool, vault, starter.publish, instance=settings.service_instance)
    async with pool, oidc.requests() as sign_on_client:
        sessions = Sessions(keys, lifetime=timedelta(hours=settings.session_hours))
        app.state.backend = Backend(
            pool,
            vault,
            sessions,
            starter,
            asyncio.Semaphore(EXPORTS_AT_ONCE),
            RateLimit(settings.requests_per_minute),
            single_sign_on(settings, sign_on_client),
            settings.payload_retention_days,
            acting,
            settings.minute_counts_retention_days,
            settings.public_ingest_url,
            settings.trace_url_template,
        )
        app.state.streams = streams = Streams(
            pool, most=settings.event_streams, most_per_token=settings.event_streams_per_token
        )
        gauges = Gauges(pool, most=settings.shop_gauges)
        works = (watch_event_loop(), starter.run(), acting.runner.run(), streams.run(), gauges.run())
        background = [asyncio.create_task(work) for work in works]
        yield
        streams.close()
        await stop(*background)
        await broker.stop()


def _api() -> list[APIRouter]:
    """Side by side: a router of routers makes all its routes anew for every one that asks."""
    parts = (tasks, events, stories, payloads, board, accounts, checking, actions, runs, imports, privacy)
    counting = (series, comparisons, failures)
    alerting = (alert_settings, alert_tests, alert_evidence, alerts)
    access = (tokens, me, shops, retention, audit)
    doing = (task_retry, operations, operation_file)
    telling = (connections, shipments, shipment_sync, shipment_done, orders, rejections)
    ending = (task_cancel, task_delete)
    everything = (task_export, *ending, *parts, *counting, *doing, *telling, *alerting, *access)
    return [part.router for part in everything]


async def _database_answers(app: FastAPI) -> str | None:
    return await database_check(app.state.backend.pool)()


async def _schema_is_new_enough(app: FastAPI) -> str | None:
    """Replicas of the next version migrate first, so the database may be ahead of this one."""
    found, needed = await schema_revision(app.state.backend.pool), newest_revision()
    return None if found >= needed else f"the database is at {found}, not {needed}: run `query-api migrate`"


async def _lead_to_sign_in(_: Request, needed: Exception) -> Response:
    assert isinstance(needed, SignInNeeded)
    return RedirectResponse(needed.address, 303)


async def _answer_error(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    return render(problem) if request.url.path.startswith(API_PREFIX) else error_page(request, problem)
