"""Files on their way to readers, who may be slow but must not stand still."""

import asyncio
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Message, Send

from query_api.export.formats import MEDIA_TYPES

STANDSTILL_S = 60.0
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {media.split(";")[0]: {} for media in MEDIA_TYPES.values()}}
}


class Download(StreamingResponse):
    """Ends when its reader has taken nothing for a while, so that it keeps no place from others."""

    async def stream_response(self, send: Send) -> None:
        async def send_soon(message: Message) -> None:
            async with asyncio.timeout(STANDSTILL_S):
                await send(message)

        await super().stream_response(send_soon)
