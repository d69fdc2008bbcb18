"""Concurrent callers share one round trip: a group commit."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Waiting = tuple[Item, asyncio.Future[Result]]


class Batcher(Generic[Item, Result]):
    """Gathers what is submitted while a flush is under way and hands it over together in the next one.

    An idle batcher flushes at once, so a lone caller waits for nothing; under load batches grow alone.
    `flush` returns one result per item, in order. When it raises, every caller of that batch gets the error,
    unless `concerns_one` says that a single item is to blame: then each item is flushed by itself.
    """

    def __init__(
        self,
        flush: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        *,
        max_size: int = 200,
        max_flushes: int = 1,
        concerns_one: Callable[[Exception], bool] = lambda _: False,
    ) -> None:
        self._flush = flush
        self._concerns_one = concerns_one
        self._max_size = max_size
        self._slots = asyncio.Semaphore(max_flushes)
        self._waiting: list[Waiting[Item, Result]] = []
        self._flushes: set[asyncio.Task[None]] = set()

    async def submit(self, item: Item) -> Result:
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if len(self._waiting) == 1:
            self._start_flush()
        return await future

    async def drain(self) -> None:
        """Waits until everything submitted so far has been flushed."""
        while self._flushes:
            await asyncio.wait(self._flushes)

    def _start_flush(self) -> None:
        flush = asyncio.create_task(self._run())
        self._flushes.add(flush)
        flush.add_done_callback(self._flushes.discard)

    async def _run(self) -> None:
        async with self._slots:
            batch, self._waiting = (
                self._waiting[: self._max_size],
                self._waiting[self._max_size :],
            )
            if self._waiting:
                self._start_flush()
            await self._settle(batch)

    async def _settle(self, batch: Sequence[Waiting[Item, Result]]) -> None:
        try:
            results = await self._flush([item for item, _ in batch]) if batch else []
        except asyncio.CancelledError:  # of this task; or of a connection, by the library that closes it
            _fail(batch, ConnectionAbortedError("given up before it was known to be done"))
            raise
        except Exception as error:  # noqa: BLE001 - handed to every caller, none is left waiting
            if len(batch) > 1 and self._concerns_one(error):
                for one in batch:
                    await self._settle([one])
            else:
                _fail(batch, error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)


def _fail(batch: Sequence[Waiting[Item, Result]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
