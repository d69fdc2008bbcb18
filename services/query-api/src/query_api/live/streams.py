"""All that live streams of one process are made of."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from query_api.live.admission import Admission
from query_api.live.audience import Audience
from query_api.live.following import Following
from query_api.live.listener import EndReason
from query_api.live.progress import Progress
from query_api.problems import DATABASE_AWAY

log = structlog.get_logger()

LOG_EVERY_S = 0.5
PROGRESS_EVERY_S = 1.0
ADMISSION_EVERY_S = 5.0
BACK_OFF_S = 1.0
CATCHING_UP_AT_ONCE = 2


class Streams:
    def __init__(self, pool: Any, *, most: int, most_per_token: int) -> None:
        self.audience = Audience(most=most, most_per_token=most_per_token, on_empty=self._rest)
        self.pool = pool
        self.catching_up = asyncio.Semaphore(CATCHING_UP_AT_ONCE)
        self.following = Following(pool, self.audience)
        self.progress = Progress(pool, self.audience)
        self.admission = Admission(pool, self.audience)

    async def run(self) -> None:
        """Until cancelled. While nobody listens, nothing is read."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._repeat(self.following.look, LOG_EVERY_S))
            group.create_task(self._repeat(self.progress.look, PROGRESS_EVERY_S))
            group.create_task(self._repeat(self.admission.look, ADMISSION_EVERY_S))

    def close(self) -> None:
        """Before connections are waited for: streams would not end by themselves."""
        self.audience.close()

    def _rest(self) -> None:
        self.following.rest()

    async def _repeat(self, look: Callable[[], Awaitable[None]], interval_s: float) -> None:
        while True:
            await self.audience.is_there.wait()
            started = time.monotonic()
            await self._try(look)
            await asyncio.sleep(max(0.0, started + interval_s - time.monotonic()))

    async def _try(self, look: Callable[[], Awaitable[None]]) -> None:
        """While the database is away nothing is told and nothing is lost. After a fault of ours, clients come
        back to the place they had come to."""
        try:
            await look()
        except DATABASE_AWAY as error:
            log.warning("live_held_back", reason=repr(error)[:200])
            await asyncio.sleep(BACK_OFF_S)
        except Exception:
            log.exception("live_fault")
            self.audience.end_all(EndReason.FAULT)
            await asyncio.sleep(BACK_OFF_S)
