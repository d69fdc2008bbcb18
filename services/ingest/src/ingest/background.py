"""Work that goes on beside the requests for as long as the process lives."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from ingest import metrics
from shared.stopping import stop

log = structlog.get_logger()

RESTART_AFTER_S = 1

Work = Callable[[], Awaitable[None]]


class Background:
    """Named loops. One that fails for a reason nobody foresaw is reported, counted and started again."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, name: str, work: Work) -> None:
        self._tasks[name] = asyncio.create_task(_kept_running(name, work), name=name)

    async def finish(self, name: str, *, timeout_s: float) -> None:
        """Waits for a loop that was asked to end."""
        await asyncio.wait({self._tasks[name]}, timeout=timeout_s)

    async def cancel(self) -> None:
        await stop(*self._tasks.values())


async def _kept_running(name: str, work: Work) -> None:
    while True:
        try:
            return await work()
        except Exception:
            metrics.RESTARTS.labels(name).inc()
            log.exception("background_work_failed", work=name)
            await asyncio.sleep(RESTART_AFTER_S)
