"""Runs a service: one process, one event loop, a clean end on SIGTERM."""

import asyncio
import time
from typing import Any

import uvicorn

from shared.metrics import EVENT_LOOP_LAG
from shared.settings import CommonSettings

HTTP_DRAIN_S = 10
LAG_SAMPLE_S = 1.0


def run_service(app: Any, settings: CommonSettings) -> None:
    """Serves the ASGI app until SIGTERM or Ctrl-C; its lifespan starts and drains everything else."""
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=HTTP_DRAIN_S,
    )


async def watch_event_loop() -> None:
    """Measures how late the loop wakes up, until cancelled."""
    while True:
        before = time.monotonic()
        await asyncio.sleep(LAG_SAMPLE_S)
        EVENT_LOOP_LAG.set(max(0.0, time.monotonic() - before - LAG_SAMPLE_S))
