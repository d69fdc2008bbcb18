"""Files on their way to readers, who may be slow but must not stand still."""

import asyncio

from starlette.responses import StreamingResponse
from starlette.types import Message, Send

STANDSTILL_S = 60.0


class Download(StreamingResponse):
    """Ends when its reader has taken nothing for a while, so that it keeps no place from others."""

    async def stream_response(self, send: Send) -> None:
        async def send_soon(message: Message) -> None:
            async with asyncio.timeout(STANDSTILL_S):
                await send(message)

        await super().stream_response(send_soon)
