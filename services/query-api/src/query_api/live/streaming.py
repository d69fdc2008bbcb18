"""A stream as an answer over HTTP."""

import asyncio
import time

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from query_api.live import metrics
from query_api.live.stream import Stream

log = structlog.get_logger()

SEND_PATIENCE_S = 30.0
HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """Nothing between us and the client is to collect events. Who reads nothing for a while is cut off."""

    media_type = "text/event-stream"

    def __init__(self, stream: Stream) -> None:
        """The stream's reader was admitted, and is dismissed at the end."""
        super().__init__(stream.frames(), headers=HEADERS)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.monotonic()
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._stream.leave()
            reason = self._stream.ended or "gone"
            metrics.ENDED.labels(reason).inc()
            log.info("event_stream", outcome=reason, duration_s=round(time.monotonic() - started, 1))

    async def stream_response(self, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(SEND_PATIENCE_S):
                await send(message)

        try:
            await super().stream_response(send_in_time)
        except TimeoutError:
            log.warning("event_stream_stuck", patience_s=SEND_PATIENCE_S)
