"""The loop that starts what is due. Every replica may run it: a tick makes the same task on each."""

import asyncio
from typing import Any

import structlog

from shared.envelope import Transition, utc_now
from shared.outlasting import AWAY
from shared.publishing import Publisher
from shared.starting import Start, started, tick_task_id
from sync_worker import metrics
from sync_worker.scheduling import schedules
from sync_worker.scheduling.schedules import Tick
from sync_worker.scheduling.trials import starts_of

log = structlog.get_logger()

BATCH = 50
STALE_S = 3600
BACK_OFF_S = 5
INTERVAL_S = 1
PLAN_EVERY_S = 10


class Clock:
    """Publishes what is due, then moves it on in the same transaction: a crash in between publishes the same
    tasks again, which run once."""

    def __init__(self, pool: Any, publisher: Publisher, *, service: str) -> None:
        self._pool = pool
        self._publisher = publisher
        self._service = service
        self._plan_at = 0.0

    async def run(self) -> None:
        """Until cancelled; waits while the database or the broker is away."""
        wait_s: float = 0
        while True:
            await asyncio.sleep(wait_s)
            wait_s = await self._turn_or_wait()

    async def _turn_or_wait(self) -> float:
        """One turn; the seconds until the next."""
        try:
            return 0 if await self.turn() else INTERVAL_S
        except AWAY as error:
            log.warning("clock_waits", reason=repr(error)[:200])
        except Exception:
            # A clock that stopped would silently stop everything it starts.
            log.exception("clock_failed")
        return BACK_OFF_S

    async def turn(self) -> bool:
        """Starts what is due. True: there may be more."""
        await self._plan()
        metrics.OLDEST_OVERDUE.set(await schedules.overdue_s(self._pool))
        await schedules.catch_up(self._pool, stale_s=STALE_S)
        async with self._pool.acquire() as connection, connection.transaction():
            ticks = await schedules.due(connection, limit=BATCH)
            if ticks:
                starts = await starts_of(connection, ticks)
                tasks = [
                    self._task(tick, starts[tick.schedule_id]) for tick in ticks if tick.schedule_id in starts
                ]
                await self._publisher.publish(tasks)
                await schedules.move_on(connection, ticks)
        return len(ticks) == BATCH

    async def _plan(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._plan_at:
            await schedules.plan_all(self._pool)
            self._plan_at = now + PLAN_EVERY_S

    def _task(self, tick: Tick, start: Start) -> Transition:
        task_id = tick_task_id(tick.schedule_id, tick.at)
        return started(start, service=self._service, now=utc_now(), task_id=task_id)
