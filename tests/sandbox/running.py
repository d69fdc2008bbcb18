"""Applications on real ports, for the length of a test."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from queue import Queue
from threading import Thread

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.server import config_for
from tests.waiting import eventually


class PromptServer(uvicorn.Server):
    """Ends as soon as it is told to; the usual one looks, and waits, in steps of 100 ms."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.told_to_end = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.told_to_end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for _ in range(200):
            if not self.server_state.connections and not self.server_state.tasks:
                break
            await asyncio.sleep(0.005)
        await self.lifespan.shutdown()


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """Serve the application on a free port and yield its address."""
    # With the protocol left to default, asyncio does not set TCP_NODELAY and each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = PromptServer(config_for(app, host="127.0.0.1", port=0, log_level="warning"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await eventually(lambda: server.started, what="server started")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.told_to_end.set()
        await serving


@contextmanager
def served_aside(app: ASGIApp) -> Iterator[str]:
    """Like `served`, in a thread and loop of its own, so that many tests can share it."""
    addresses: Queue[str] = Queue()
    stops: Queue[Callable[[], object]] = Queue()

    async def serve() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        stops.put(lambda: loop.call_soon_threadsafe(stop.set))
        async with served(app) as url:
            addresses.put(url)
            await stop.wait()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        yield addresses.get(timeout=20)
    finally:
        stops.get()()
        thread.join()


@dataclass(frozen=True)
class Taken:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Takes webhooks; `answer` decides the status of the n-th request, counted from 1."""

    answer: Callable[[int], int] = lambda _: 200
    requests: list[Taken] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        if request.method == "POST":
            body = await request.body()
            self.requests.append(Taken(request.url.path, dict(request.headers), body))
        response = Response(b"taken", self.answer(len(self.requests)), headers={"Location": "/elsewhere"})
        await response(scope, receive, send)
