"""Runs the maintenance jobs when they are due, on one replica at a time."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import structlog

from query_api.maintenance.breakers import turn_breakers
from query_api.maintenance.partitions import analyze_parents, count_days_ahead, ensure_days_ahead
from query_api.maintenance.retention import apply_retention
from query_api.maintenance.selfcheck import check_log
from query_api.maintenance.shop_retention import apply_shop_retention
from query_api.recorder import locks, metrics
from query_api.recorder.settings import RecorderSettings
from shared.db.pool import open_connection
from shared.db.queries import load_queries
from shared.metrics import start_at_zero

log = structlog.get_logger()

ROUND_S = 30.0
HOUR_S = 3600.0

_queries = load_queries(__file__, "loop")


@dataclass(frozen=True)
class Job:
    name: str
    every_s: float
    run: Callable[[Any, RecorderSettings], Awaitable[None]]


JOBS = (
    Job("breakers", ROUND_S / 2, turn_breakers),
    Job("partitions", HOUR_S, ensure_days_ahead),
    Job("retention", HOUR_S, apply_retention),
    Job("shop_retention", HOUR_S * 6, apply_shop_retention),
    Job("analyze", HOUR_S / 4, analyze_parents),
    Job("self_check", HOUR_S / 6, check_log),
)


class Maintenance:
    def __init__(self, settings: RecorderSettings, *, jobs: tuple[Job, ...] = JOBS) -> None:
        self._settings = settings
        self._jobs = jobs
        self._done_at: dict[str, float] = {}
        start_at_zero(metrics.JOB_FAILURES, [job.name for job in jobs])

    @property
    def finished(self) -> set[str]:
        """Jobs that have run through at least once."""
        return set(self._done_at)

    async def run(self) -> None:
        """Until cancelled; the database may come and go."""
        while True:
            try:
                await self.round()
            except Exception as error:  # noqa: BLE001 - whatever it is, recording goes on and the next round is soon
                log.warning("maintenance_interrupted", reason=repr(error)[:200])
            await asyncio.sleep(ROUND_S)

    async def round(self) -> None:
        """Does what is due, unless another replica is at it."""
        async with _connection(self._settings.database_url.get_secret_value()) as connection:
            await count_days_ahead(connection)
            if await _queries.try_lock(connection, key=locks.MAINTENANCE):
                for job in self._jobs:
                    if self._is_due(job):
                        await self._do(job, connection)

    def _is_due(self, job: Job) -> bool:
        done_at = self._done_at.get(job.name)
        return done_at is None or time.monotonic() - done_at >= job.every_s

    async def _do(self, job: Job, connection: Any) -> None:
        """A job that fails is due again in the next round, and does not keep the others from their turn."""
        try:
            await job.run(connection, self._settings)
        except asyncpg.PostgresError:
            metrics.JOB_FAILURES.labels(job.name).inc()
            log.exception("maintenance_failed", job=job.name)
            return
        self._done_at[job.name] = time.monotonic()
        metrics.JOB_DONE_AT.labels(job.name).set_to_current_time()


@asynccontextmanager
async def _connection(dsn: str) -> AsyncIterator[Any]:
    """The lock goes with the connection."""
    connection = await open_connection(dsn, application_name="maintenance")
    try:
        await _queries.limit_lock_waits(connection)
        yield connection
    finally:
        await connection.close(timeout=5)
