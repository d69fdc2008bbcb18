"""Runs a service: one process, one event loop, a clean end on SIGTERM."""

import asyncio
import gc
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvicorn

from shared import log_lines
from shared.metrics import EVENT_LOOP_LAG
from shared.settings import CommonSettings

HTTP_DRAIN_S = 10
NOT_STARTED = 3
LAG_SAMPLE_S = 1.0
OBJECTS_BEFORE_GC = 10_000


def run_service(
    app: Any,
    settings: CommonSettings,
    *,
    before_drain: Callable[[], None] | None = None,
    objects_before_gc: int = OBJECTS_BEFORE_GC,
) -> None:
    """Serves the ASGI app until SIGTERM or Ctrl-C; its lifespan starts and drains everything else.

    `before_drain` is called when the end begins: answers that would go on for ever have to end then.
    """
    config = uvicorn.Config(
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
    server = _Server(config, before_drain or (lambda: None), objects_before_gc)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(NOT_STARTED)


def collect_seldom(objects_before_gc: int = OBJECTS_BEFORE_GC) -> None:
    """What is there now stays: collecting garbage need not look at it over and over.

    What a message leaves behind forms next to no circles; looking for some every 700 objects is a twentieth
    of a delivery.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(objects_before_gc, 20, 50)


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, before_drain: Callable[[], None], objects_before_gc: int
    ) -> None:
        super().__init__(config)
        self._objects_before_gc = objects_before_gc
        self._before_drain = before_drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        collect_seldom(self._objects_before_gc)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._before_drain()
        await super().shutdown(sockets)
        log_lines.flush()  # next, the signal that ends us is raised once more


async def watch_event_loop() -> None:
    """Measures how late the loop wakes up, until cancelled."""
    while True:
        before = time.monotonic()
        await asyncio.sleep(LAG_SAMPLE_S)
        EVENT_LOOP_LAG.set(max(0.0, time.monotonic() - before - LAG_SAMPLE_S))
