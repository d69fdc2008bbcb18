"""Tasks of one entity take turns inside a process, without asking the database over and over."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

_FREE = nullcontext()


class EntityQueues:
    """A lock per key, which exists only while somebody holds or awaits it."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    def turn(self, key: tuple[int, str | None]) -> AbstractAsyncContextManager[None]:
        """Waits for the key's turn; a key without an entity never waits."""
        return _FREE if key[1] is None else self._turn(key)

    @asynccontextmanager
    async def _turn(self, key: Hashable) -> AsyncIterator[None]:
        lock, users = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[key]
            if users == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, users - 1)
