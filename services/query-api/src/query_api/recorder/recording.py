"""Message to commit to ack: the loop of the recorder, and what it does when something is in the way."""

import asyncio
import random
import time
from contextlib import suppress
from datetime import datetime

import asyncpg
import structlog

from query_api.recorder import metrics
from query_api.recorder.intake import Batch, Intake
from query_api.recorder.preparing import Prepared
from query_api.recorder.reading import Reject, rejected
from query_api.recorder.shop_keys import ShopKeys
from query_api.recorder.writing import RebuildRunning, commit, ensure_partitions
from shared import metrics as shared_metrics
from shared.db.outages import INFRASTRUCTURE_ERRORS
from shared.envelope import utc_now
from shared.publishing import NotPublished, Publisher
from shared.tracing import tell_recorded

log = structlog.get_logger()

CONTENTION = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
# What a transition's own content can cause; any other error is about the database or about us.
CONTENT_ERRORS = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ValueError,
    OverflowError,
)
BACK_OFF_S = 1.0
CONTENTION_BACK_OFF_S = 0.05
COMMITS_IN_INTERVAL = 3
LONGEST_INTERVAL_S = 0.1
PARTITION_TRIES = 3
REJECTED_KEY = "recorder"

_random = random.SystemRandom()


class Recorder:
    def __init__(self, *, intake: Intake, pool: asyncpg.Pool, keys: ShopKeys, publisher: Publisher) -> None:
        self._intake = intake
        self._pool = pool
        self._keys = keys
        self._publisher = publisher
        self._commit_s = 0.0
        self.newest: datetime | None = None

    @property
    def is_idle(self) -> bool:
        """Nothing that was delivered waits to be committed."""
        return self._intake.held == 0

    async def run(self) -> None:
        """Records until the intake was stopped and everything it held is recorded.

        While the database works on one batch, the next one is read and prepared. The slower it is, the more
        it is given at once: what a batch costs beside its transitions is felt when there is much to do.
        """
        following = asyncio.create_task(self._next())
        try:
            while (found := await following) is not None:
                following = asyncio.create_task(self._next())
                await self._record(*found)
                await self._intake.acknowledge(found[0])
        finally:
            following.cancel()

    async def _next(self) -> tuple[Batch, Prepared] | None:
        interval_s = min(LONGEST_INTERVAL_S, COMMITS_IN_INTERVAL * self._commit_s)
        batch = await self._intake.take(interval_s=interval_s)
        if batch is None:
            return None
        rows = Prepared(batch.reading.entries)
        with suppress(Exception):  # raised again as it is written, where what is wrong is looked for
            _ = rows.moved
        return batch, rows

    async def _record(self, batch: Batch, rows: Prepared) -> None:
        for reject in [*batch.reading.rejects, *await self._store(rows)]:
            await self._bury(reject, batch)
        if rows.entries:
            moments = [entry.event.occurred_at for entry in rows.entries]
            self.newest = max(moments)
            metrics.LAG_SECONDS.observe(max(0.0, (utc_now() - min(moments)).total_seconds()))

    async def _store(self, batch: Prepared) -> list[Reject]:
        """Writes all that can be written; gives back what can not, found by halving."""
        if not batch.entries:
            return []
        try:
            await self._write_when_possible(batch)
        except CONTENT_ERRORS as error:
            if len(batch.entries) == 1:
                return [rejected(batch.entries[0].transition, reason_of(error))]
            return [reject for half in batch.halves() for reject in await self._store(half)]
        return []

    async def _write_when_possible(self, batch: Prepared) -> None:
        """Holds the batch while the database is away; raises only for content it refuses."""
        partition_tries = 0
        while True:
            try:
                if partition_tries:
                    await ensure_partitions(self._pool, batch.entries)
                return await self._write(batch)
            except asyncpg.CheckViolationError as error:
                partition_tries += 1
                if error.constraint_name is not None or partition_tries > PARTITION_TRIES:
                    raise
            except CONTENT_ERRORS:
                raise
            except Exception as error:  # noqa: BLE001 - the batch is kept and tried again, whatever it was
                await _hold_back(error)

    async def _write(self, batch: Prepared) -> None:
        started = time.perf_counter()
        new = await commit(self._pool, self._keys, batch)
        self._commit_s = time.perf_counter() - started
        metrics.COMMIT_SECONDS.observe(self._commit_s)
        metrics.BATCH_SIZE.observe(len(batch.entries))
        metrics.TRANSITIONS.labels("new").inc(new)
        metrics.TRANSITIONS.labels("repeated").inc(len(batch.entries) - new)
        tell_recorded(entry.transition for entry in batch.entries)

    async def _bury(self, reject: Reject, batch: Batch) -> None:
        """Until the broker confirms. When the delivery is void, it comes again, and so does the reject."""
        log.error("transition_unrecordable", reason=reject.reason)
        while not batch.last.channel.is_closed:
            try:
                await self._publisher.bury(reject.body, routing_key=REJECTED_KEY, reason=reject.reason)
            except NotPublished as error:
                log.warning("bury_failed", reason=str(error)[:200])
                await asyncio.sleep(BACK_OFF_S)
            else:
                shared_metrics.DEAD_LETTERS.labels("recorder").inc()
                return


def reason_of(error: Exception) -> str:
    """What the database refused, without the refused values: they may be personal."""
    if isinstance(error, asyncpg.PostgresError):
        place = error.constraint_name or error.column_name or error.table_name
        return f"not recordable: {type(error).__name__}" + (f" ({place})" if place else "")
    return f"not recordable: {type(error).__name__}"


async def _hold_back(error: Exception) -> None:
    reason = hindrance(error)
    metrics.HELD_BACK.labels(reason).inc()
    if reason == "contention":
        await asyncio.sleep(_random.uniform(0, CONTENTION_BACK_OFF_S))
        return
    log.warning("batch_held_back", reason=reason, error=repr(error)[:200], exc_info=reason == "unexpected")
    await asyncio.sleep(BACK_OFF_S)


def hindrance(error: Exception) -> str:
    if isinstance(error, CONTENTION):
        return "contention"
    if isinstance(error, RebuildRunning):
        return "rebuild"
    return "database" if isinstance(error, INFRASTRUCTURE_ERRORS) else "unexpected"
