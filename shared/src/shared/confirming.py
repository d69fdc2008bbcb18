"""Publishes messages that are much alike on a channel, each confirmed, at half the cost of the general way.

What all messages to one place have in common is marshalled once, by the library's own marshaller; what is
left for each is its id, its size and its body. How a publish is accounted for (tags, confirmations, returns)
is aiormq's: this keeps its books as `Channel.basic_publish` does, under its lock. docs/decisions/0029.
"""

import asyncio
import secrets
import struct
from copy import copy
from typing import NamedTuple

import aiormq
from aiormq import spec
from aiormq.abc import ChannelFrame
from pamqp.constants import FRAME_END
from pamqp.frame import marshal
from pamqp.header import ContentHeader

_HEADER_FRAME, _BODY_FRAME = 2, 3
_FRAME_HEAD = struct.Struct(">BHI")  # type, channel, size
_END = bytes([FRAME_END])
_ID_LENGTH = 32


class Place(NamedTuple):
    """Where messages go."""

    exchange: str
    routing_key: str


class Confirming:
    """On one channel, for as long as it is open. All messages are mandatory: no queue for one is an error."""

    def __init__(self, channel: aiormq.Channel, properties: spec.Basic.Properties) -> None:
        self._channel = channel
        self._properties = properties
        self._run = secrets.token_hex((_ID_LENGTH - 16) // 2)
        self._frames: dict[Place, _Frames] = {}

    @property
    def is_closed(self) -> bool:
        return self._channel.is_closed

    async def publish(self, place: Place, body: bytes) -> None:
        """Returns when the broker has confirmed. Raises what `Channel.basic_publish` raises."""
        if not 0 < len(body) < self._channel.max_content_size:
            await self._publish_in_parts(place, body)
            return
        frames = self._frames.get(place)
        if frames is None:
            frames = self._frames[place] = _Frames(self._channel.number, place, self._properties)
        try:
            await (await self._send(frames, body))
        except asyncio.CancelledError:
            async with self._channel._raise_on_channel_close():  # noqa: SLF001 - as the library's own publishing
                raise

    async def _send(self, frames: "_Frames", body: bytes) -> "asyncio.Future[object]":
        channel = self._channel
        async with channel.lock:
            channel.delivery_tag += 1
            tag = channel.delivery_tag
            message_id = f"{self._run}{tag:016x}"
            confirmation = channel.create_future()
            channel.confirmations[tag] = confirmation
            channel.message_id_delivery_tag[message_id] = tag
            confirmation.add_done_callback(lambda _: channel.message_id_delivery_tag.pop(message_id, None))
            try:
                await channel.write_queue.put(ChannelFrame(frames.of(message_id, body), should_close=False))
            except BaseException:  # the broker has not seen it, so the next one has its number
                channel.delivery_tag -= 1
                channel.confirmations.pop(tag, None)
                confirmation.cancel()
                raise
            return confirmation

    async def _publish_in_parts(self, place: Place, body: bytes) -> None:
        await self._channel.basic_publish(
            body,
            exchange=place.exchange,
            routing_key=place.routing_key,
            properties=self._properties,
            mandatory=True,
            wait=False,
        )


class _Frames:
    """The bytes of a message: one frame each for the method, the header and the body."""

    def __init__(self, channel_number: int, place: Place, properties: spec.Basic.Properties) -> None:
        method = spec.Basic.Publish(exchange=place.exchange, routing_key=place.routing_key, mandatory=True)
        stand_in = "0" * _ID_LENGTH
        named = copy(properties)
        named.message_id = stand_in
        header: bytes = ContentHeader(body_size=0, properties=named).marshal()
        fields, _, after_id = header[12:].partition(stand_in.encode())
        self._number = channel_number
        self._start = (
            marshal(method, channel_number)
            + _FRAME_HEAD.pack(_HEADER_FRAME, channel_number, len(header))
            + header[:4]  # class and weight; the size of the body comes next
        )
        self._fields, self._after_id = fields, after_id + _END

    def of(self, message_id: str, body: bytes) -> bytes:
        size = len(body)
        return b"".join(
            (
                self._start,
                size.to_bytes(8),
                self._fields,
                message_id.encode(),
                self._after_id,
                _FRAME_HEAD.pack(_BODY_FRAME, self._number, size),
                body,
                _END,
            )
        )
