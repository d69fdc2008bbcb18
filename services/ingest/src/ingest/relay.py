"""Publishes what the spool holds, oldest first, while the broker is there. Several replicas may relay."""

import asyncio

import asyncpg
import structlog

from ingest import metrics, spool
from ingest.broker_link import BrokerLink
from ingest.database import within
from ingest.spool import Row, Spool
from shared.db.outages import ANY_DATABASE_ERROR
from shared.publishing import NotPublished

log = structlog.get_logger()

MAX_ROWS = 200
MAX_BYTES = 16 * 1024 * 1024
PUBLISH_TIMEOUT_S = 5
ROUND_TIMEOUT_S = 30
WATCH_INTERVAL_S = 5


class Relay:
    """A row goes after its confirm, in the transaction that locked it: a crash repeats it, never loses it."""

    def __init__(self, pool: asyncpg.Pool, link: BrokerLink, *, spool: Spool, interval_s: float) -> None:
        self._pool = pool
        self._link = link
        self._spool = spool
        self._interval_s = interval_s
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Lets `run` end after the round it is in."""
        self._stopping.set()

    async def run(self) -> None:
        while not self._stopping.is_set():
            is_more_likely = self._link.is_up and await self._try_round()
            if not is_more_likely:
                await self._pause()

    async def watch(self) -> None:
        """Measures the backlog until cancelled."""
        while True:
            try:
                backlog = await within(WATCH_INTERVAL_S, self._spool.backlog())
                metrics.SPOOL_DEPTH.set(backlog.depth)
                metrics.SPOOL_AGE.set(backlog.age_s)
            except ANY_DATABASE_ERROR as error:
                log.warning("spool_not_measured", reason=repr(error)[:200])
            await asyncio.sleep(WATCH_INTERVAL_S)

    async def _try_round(self) -> bool:
        """Whether to go on at once."""
        try:
            return await within(ROUND_TIMEOUT_S, self._round()) > 0
        except ANY_DATABASE_ERROR as error:
            log.warning("relay_interrupted", reason=repr(error)[:200])
            return False

    async def _round(self) -> int:
        """How many rows were published and removed."""
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await spool.reserve(connection, max_rows=MAX_ROWS, max_bytes=MAX_BYTES)
            confirmed = await asyncio.gather(*(self._publish(row) for row in rows))
            relayed = [row.id for row, is_confirmed in zip(rows, confirmed, strict=True) if is_confirmed]
            if relayed:
                await spool.remove(connection, relayed)
        if rows:
            metrics.RELAYED.inc(len(relayed))
            log.info("spool_relayed", rows=len(relayed), left_behind=len(rows) - len(relayed))
        return len(relayed)

    async def _publish(self, row: Row) -> bool:
        try:
            await self._link.publish(row.body, routing_key=row.routing_key, timeout_s=PUBLISH_TIMEOUT_S)
        except NotPublished:
            return False
        return True

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._interval_s):
                await self._stopping.wait()
        except TimeoutError:
            pass
