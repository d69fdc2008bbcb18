"""Works on operations in the background, on whichever replica is free.

An operation is held by a lease that is renewed while its replica lives; what moves it is written under a lock
of its row that only the holder of the lease gets. So a replica that dies, or freezes, loses it to another,
which goes on behind the last part that was committed.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog

from query_api.operations import store
from query_api.operations.port import (
    Delayed,
    Job,
    Kind,
    Operation,
    OperationState,
    Progress,
    Stopped,
    Unworkable,
)
from query_api.operations.store import Owned
from shared.outlasting import AWAY

log = structlog.get_logger()

AWAY_OR_DELAYED: tuple[type[Exception], ...] = (Delayed, *AWAY)
LEASE_S = 10.0
RENEW_S = 3.0
POLL_S = 2.0
AGAIN_S = 3.0
AT_ONCE = 3
WAITS = "The message broker or the database does not answer: it goes on when they are back."
FAULT = "This is a fault of Syncledger. The log of query-api says more."


class Runner:
    """`wake` when there may be something new; without it that is found within seconds."""

    def __init__(self, pool: Any, jobs: Mapping[Kind, Job], *, instance: str) -> None:
        self._pool = pool
        self._jobs = jobs
        self._instance = instance
        self._news = asyncio.Event()
        self._free = asyncio.Semaphore(AT_ONCE)

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        """Until cancelled; the database may come and go. What was under way is let go for others."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._free.acquire()
                own, operation = await self._next()
                group.create_task(self._worked_on(own, operation)).add_done_callback(self._is_free)

    def _is_free(self, _: object) -> None:
        self._free.release()

    async def _next(self) -> tuple[Owned, Operation]:
        while True:
            self._news.clear()
            owner = f"{self._instance}/{secrets.token_hex(6)}"
            try:
                claimed = await store.claim(self._pool, owner, list(self._jobs), lease_s=LEASE_S)
                if claimed is not None:
                    return Owned(claimed.id, owner), claimed
            except Exception as error:  # noqa: BLE001 - also a schema that is not migrated yet: it is asked again
                log.warning("operations_wait_for_database", reason=repr(error)[:200])
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):  # wait_for of Python 3.11 may lose a cancellation
                    await self._news.wait()

    async def _worked_on(self, own: Owned, operation: Operation) -> None:
        heart = asyncio.create_task(self._stay_alive(own))
        log.info("operation_taken_up", operation_id=str(operation.id), kind=operation.kind)
        try:
            problem = await self._problem(_Held(self._pool, own, operation))
            state = OperationState.FAILED if problem else OperationState.SUCCEEDED
            await store.finish(self._pool, own, state, problem)
        except Stopped:
            log.info("operation_stopped", operation_id=str(operation.id))
        except asyncio.CancelledError:
            with suppress(*AWAY):
                await store.release(self._pool, own, wait_s=0, problem=None)
            raise
        except AWAY_OR_DELAYED as error:
            log.warning("operation_interrupted", operation_id=str(operation.id), reason=repr(error)[:200])
            why = str(error) if isinstance(error, Delayed) else WAITS
            with suppress(*AWAY):
                await store.release(self._pool, own, wait_s=AGAIN_S, problem=why)
        finally:
            heart.cancel()

    async def _problem(self, held: "_Held") -> str | None:
        """Why it failed; None: it is done. Raises Stopped, and what infrastructure raises."""
        try:
            await self._jobs[held.operation.kind].work(held)
        except Unworkable as error:
            return str(error)
        except Stopped:
            raise
        except AWAY_OR_DELAYED:
            raise
        except Exception:
            log.exception("operation_crashed", operation_id=str(held.operation.id))
            return FAULT
        return None

    async def _stay_alive(self, own: Owned) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await store.renew(self._pool, own, lease_s=LEASE_S)
            except AWAY as error:
                log.warning("operation_lease_not_renewed", reason=repr(error)[:200])


class _Held:
    """See `port.Held`."""

    def __init__(self, pool: Any, own: Owned, operation: Operation) -> None:
        self._pool = pool
        self._own = own
        self._operation = operation

    @property
    def operation(self) -> Operation:
        return self._operation

    @asynccontextmanager
    async def moving(self) -> AsyncIterator[Any]:
        async with self._pool.acquire() as connection, connection.transaction():
            if await store.hold(connection, self._own) is None:
                raise Stopped
            yield connection

    async def set_total(self, connection: Any, total: int) -> None:
        self._operation = await store.set_total(connection, self._own.id, total)

    async def advance(self, connection: Any, progress: Progress) -> None:
        self._operation = await store.advance(connection, self._own.id, progress)
