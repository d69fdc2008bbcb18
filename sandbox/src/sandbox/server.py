"""uvicorn with one addition: an application may hang up on its client without an answer."""

import socket
import struct
from typing import Any

import uvicorn
from starlette.types import Receive, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HANG_UP = "sandbox.hang_up"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class HangUpProtocol(HttpToolsProtocol):
    """Offers the ASGI extension `sandbox.hang_up`: a callable that resets the TCP connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {HANG_UP: {"reset": self._reset}}

    def _reset(self) -> None:
        connection: socket.socket | None = self.transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Reset the client's connection and return once the server has seen it gone."""
    scope["extensions"][HANG_UP]["reset"]()
    while (await receive())["type"] != "http.disconnect":
        pass


def server_for(app: Any, *, host: str, port: int, log_level: str) -> uvicorn.Server:
    """A server ready to `serve()`; port 0 takes a free one."""
    return uvicorn.Server(config_for(app, host=host, port=port, log_level=log_level))


def config_for(app: Any, *, host: str, port: int, log_level: str) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=HangUpProtocol,
        ws="none",
        log_level=log_level.lower(),
        access_log=False,
        timeout_graceful_shutdown=5,
    )
