"""`/livez`, `/readyz` and `/metrics`, the same in every service.

Live means only that the event loop turns: an outage of the broker must not restart the fleet. Ready means
that the process can do its work now.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import asyncpg
from faststream.rabbit import RabbitBroker
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from shared.broker import missing_consumers

Check = Callable[[], Awaitable[str | None]]

CHECK_TIMEOUT_S = 2
CACHE_S = 2


def health_routes(checks: Mapping[str, Check]) -> list[Route]:
    """A check returns None when fine, else a sentence. Results are kept for two seconds."""
    cached: dict[str, tuple[float, dict[str, str]]] = {}

    async def ready(_: Request) -> Response:
        moment, problems = cached.get("last", (0.0, {}))
        if time.monotonic() - moment > CACHE_S:
            problems = await _problems(checks)
            cached["last"] = (time.monotonic(), problems)
        return JSONResponse({"ready": not problems, "problems": problems}, 503 if problems else 200)

    return [
        Route("/livez", _live),
        Route("/readyz", ready),
        Route("/metrics", _metrics),
    ]


def database_check(pool: asyncpg.Pool) -> Check:
    async def check() -> str | None:
        await pool.fetchval("SELECT 1")
        return None

    return check


def broker_check(broker: RabbitBroker, consumed_queues: list[str]) -> Check:
    """The connection answers, and each queue we consume has a consumer at the broker's side."""

    async def check() -> str | None:
        if not await broker.ping(timeout=1):
            return "RabbitMQ does not answer"
        missing = await missing_consumers(broker, consumed_queues)
        return f"no consumer at the broker for: {', '.join(missing)}" if missing else None

    return check


async def _problems(checks: Mapping[str, Check]) -> dict[str, str]:
    verdicts = await asyncio.gather(*(_verdict(check) for check in checks.values()))
    return {name: verdict for name, verdict in zip(checks, verdicts, strict=True) if verdict is not None}


async def _verdict(check: Check) -> str | None:
    try:
        return await asyncio.wait_for(check(), CHECK_TIMEOUT_S)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        return f"{type(error).__name__}: {error}"[:200]


async def _live(_: Request) -> Response:
    return PlainTextResponse("ok")


async def _metrics(_: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
