"""Tells readers how far the log has come, and notices when the broker has lost our consumer."""

import asyncio
from datetime import datetime

import asyncpg
import structlog
from aio_pika.exceptions import AMQPError
from faststream.rabbit import RabbitBroker

from query_api.recorder import metrics
from query_api.recorder.intake import Intake
from query_api.recorder.recording import Recorder
from shared import metrics as shared_metrics
from shared.broker import queue_state
from shared.db.outages import INFRASTRUCTURE_ERRORS
from shared.db.queries import load_queries
from shared.envelope import utc_now
from shared.topology import RECORDER

log = structlog.get_logger()

INTERVAL_S = 1.0
AWAY: tuple[type[Exception], ...] = (AMQPError, RuntimeError, asyncpg.PostgresError, *INFRASTRUCTURE_ERRORS)

_queries = load_queries(__file__, "progress")


class Progress:
    def __init__(
        self, *, broker: RabbitBroker, pool: asyncpg.Pool, intake: Intake, recorder: Recorder, instance: str
    ) -> None:
        self._broker = broker
        self._pool = pool
        self._intake = intake
        self._recorder = recorder
        self._instance = instance

    async def run(self) -> None:
        """Once a second until cancelled; broker and database may come and go."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            try:
                await self.look()
            except AWAY as error:
                log.warning("progress_unknown", reason=repr(error)[:200])

    async def look(self) -> None:
        is_consuming, looked_at = self._intake.is_consuming, utc_now()
        state = await queue_state(self._broker, RECORDER)
        if is_consuming and (state is None or state.consumers == 0):
            log.warning("consumer_missing", queue=RECORDER)
            shared_metrics.CONSUMERS_RESTARTED.labels(RECORDER).inc()
            self._intake.restart()
        if state is not None:
            await self._tell(looked_at, backlog=state.messages)

    async def _tell(self, looked_at: datetime, *, backlog: int) -> None:
        metrics.QUEUE_DEPTH.set(backlog)
        is_caught_up = backlog == 0 and self._recorder.is_idle
        as_of = progress(looked_at, self._recorder.newest, is_caught_up=is_caught_up)
        if as_of is not None:
            metrics.AS_OF.set(as_of.timestamp())
            await _queries.tell(self._pool, instance=self._instance, as_of=as_of, backlog=backlog)


def progress(now: datetime, newest: datetime | None, *, is_caught_up: bool) -> datetime | None:
    """Everything that occurred before this moment is recorded. `newest`: what was recorded last."""
    if is_caught_up:
        return now
    return None if newest is None else min(now, newest)
