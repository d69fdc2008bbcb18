"""A way to a server that can get stuck: connections stay, new ones are taken, and nothing passes any more."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Valve:
    """Forwards bytes both ways while it is open."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._open = asyncio.Event()
        self._open.set()
        self._flows: set[asyncio.Task[None]] = set()

    def stick(self) -> None:
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def cut(self) -> None:
        """Ends every connection there is."""
        for flow in self._flows:
            flow.cancel()

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
            for source, target in ((reader, far_writer), (far_reader, writer)):
                flow = asyncio.create_task(self._forward(source, target))
                self._flows.add(flow)
                flow.add_done_callback(self._flows.discard)

    async def _forward(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                await self._open.wait()
                target.write(data)
                await target.drain()
        except OSError:
            pass
        finally:
            target.close()


@asynccontextmanager
async def valve_before(url: str) -> AsyncIterator[tuple[Valve, str]]:
    """A valve, and the address that leads through it to the server of `url`."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    valve = Valve(parts.hostname, parts.port)
    server = await asyncio.start_server(valve.connect, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    credentials = parts.netloc.rpartition("@")[0]
    try:
        yield valve, parts._replace(netloc=f"{credentials}@127.0.0.1:{port}").geturl()
    finally:
        server.close()
        valve.release()
        valve.cut()
