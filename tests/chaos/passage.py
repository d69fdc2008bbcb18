"""A valve on a thread of its own, which lets through or not whatever the test is waiting for."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.servers.valve import Valve, valve_before


@dataclass(frozen=True)
class Passage:
    """The way to a server: `url` leads through it."""

    url: str
    _valve: Valve
    _loop: asyncio.AbstractEventLoop

    def stick(self) -> None:
        self._loop.call_soon_threadsafe(self._valve.stick)

    def release(self) -> None:
        self._loop.call_soon_threadsafe(self._valve.release)

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._valve.cut)


@contextmanager
def passage_to(url: str) -> Iterator[Passage]:
    """A passage to the server of `url`."""
    opened: list[Passage] = []
    is_open = threading.Event()
    over = asyncio.Event()

    async def keep_open() -> None:
        async with valve_before(url) as (valve, through):
            opened.append(Passage(through, valve, asyncio.get_running_loop()))
            is_open.set()
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(keep_open(),))
    thread.start()
    is_open.wait()
    try:
        yield opened[0]
    finally:
        opened[0].release()
        opened[0]._loop.call_soon_threadsafe(over.set)
        thread.join()
