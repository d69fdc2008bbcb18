"""One log line and one measurement per request. Addresses are told by template: no id becomes a label."""

import time

import structlog
from prometheus_client import Histogram, Info
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from query_api.problems import API_VERSION_1

log = structlog.get_logger()

REQUEST_SECONDS = Histogram(
    "syncledger_http_request_seconds",
    "From the request's head to the end of the answer",
    ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
ADDRESSES = Info("syncledger_addresses", "Where dashboards lead: the console and the runbook")
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNOBSERVED = ("/livez", "/readyz", "/metrics", "/static/")


class Observing:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_UNOBSERVED):
            await self._app(scope, receive, send)
            return
        started, status, is_stream = time.perf_counter(), 500, False

        async def send_and_note(message: Message) -> None:
            nonlocal status, is_stream
            if message["type"] == "http.response.start":
                status, is_stream = message["status"], _is_stream(message)
                if is_stream:
                    _report(scope, status, time.perf_counter() - started)
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            if not is_stream:
                _report(scope, status, time.perf_counter() - started)


def _is_stream(message: Message) -> bool:
    """Streams of events last for hours and are reported when they begin; they report their end themselves."""
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/event-stream")


def _template(scope: Scope) -> str:
    """Of the API's routes with the part that all of them share, which tells them from the console's."""
    path: str = getattr(scope.get("route"), "path", "unknown")
    is_api = scope["path"].startswith(API_VERSION_1) and path.startswith("/")
    return API_VERSION_1 + path.removeprefix(API_VERSION_1) if is_api else path


def _report(scope: Scope, status: int, seconds: float) -> None:
    route = _template(scope)
    method = scope["method"] if scope["method"] in KNOWN_METHODS else "other"
    REQUEST_SECONDS.labels(route, method, str(status)).observe(seconds)
    log.info(
        "http_request",
        route=route,
        method=method,
        path=scope["path"],
        status=status,
        duration_ms=round(seconds * 1_000, 1),
    )
