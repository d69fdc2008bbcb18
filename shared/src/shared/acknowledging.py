"""Acks what one consumer has done: with one frame for all that ended together, where that can be.

An ack may stand for all deliveries before it, and costs the broker and us as much as an ack for one. It does
so here when each of them is over; what is slow holds up no ack of what came after it.
"""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

import structlog
from aiormq.abc import AbstractChannel

from shared.batching import Batcher
from shared.stopping import end_if_cancelled

log = structlog.get_logger()

PATIENCE_S = 5.0  # with a channel that takes no more


class Delivery(Protocol):
    """What is asked of a message that came."""

    @property
    def channel(self) -> AbstractChannel: ...

    @property
    def delivery_tag(self) -> int | None: ...


class Ack(NamedTuple):
    """`is_multiple`: it stands for all deliveries up to this one."""

    tag: int
    is_multiple: bool


class Deliveries:
    """Those of one channel with one consumer. The broker numbers them from 1, in the order they are made."""

    def __init__(self) -> None:
        self._newest = 0
        self._open: set[int] = set()

    def note(self, tag: int) -> None:
        """It was delivered; so was, therefore, whatever has a smaller number."""
        self._open.update(range(self._newest + 1, tag + 1))
        self._newest = max(self._newest, tag)

    def end(self, tags: Collection[int]) -> Iterator[Ack]:
        """The acks that say that these are over, and nothing of any other."""
        self._open.difference_update(tags)
        oldest_open = min(self._open, default=self._newest + 1)
        if (together := max((tag for tag in tags if tag < oldest_open), default=None)) is not None:
            yield Ack(together, is_multiple=True)
        yield from (Ack(tag, is_multiple=False) for tag in sorted(tags) if tag > oldest_open)


class Acknowledger:
    """For one consumer with a channel of its own, through all the channels that replace it.

    What came by one channel is acked by that one: a delivery whose ack went astray while its channel is open
    would keep its place among those that are delivered at once for good.
    """

    def __init__(self) -> None:
        self._channels: dict[AbstractChannel, Deliveries] = {}
        self._acks: Batcher[Delivery, None] = Batcher(self._ack_all)

    def note(self, delivery: Delivery) -> None:
        """Each of them, as it comes."""
        channel = delivery.channel
        if channel not in self._channels:
            others = {one: noted for one, noted in self._channels.items() if not one.is_closed}
            self._channels = {**others, channel: Deliveries()}
        self._channels[channel].note(delivery.delivery_tag or 0)

    async def ack(self, delivery: Delivery) -> None:
        """A lost channel means that the broker delivers again; the inbox knows what was done."""
        await self._acks.submit(delivery)

    async def _ack_all(self, deliveries: Sequence[Delivery]) -> Sequence[None]:
        for channel, noted in self._channels.items():
            tags = {one.delivery_tag or 0 for one in deliveries if one.channel is channel}
            if tags and not channel.is_closed:
                await _ack(channel, [*noted.end(tags)])
        return [None] * len(deliveries)


async def _ack(channel: AbstractChannel, acks: Sequence[Ack]) -> None:
    """A channel that closes meanwhile says so in several ways, among them as if this were cancelled; one of a
    connection that was given up may say nothing any more, and no other's acks wait for it."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            for ack in acks:
                await channel.basic_ack(ack.tag, multiple=ack.is_multiple, wait=ack is acks[-1])
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - the broker delivers again
        end_if_cancelled()
        log.warning("ack_failed", reason=repr(error)[:200])
