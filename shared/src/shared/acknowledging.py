"""Acks what one consumer has done: with one frame for all that ended together, where that can be.

An ack may stand for all deliveries before it, and costs the broker and us as much as an ack for one. It does
so here when each of them is over; what is slow holds up no ack of what came after it.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

import structlog
from aiormq.abc import AbstractChannel

from shared.batching import Batcher

log = structlog.get_logger()


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
    """For one consumer with a channel of its own, through all the channels that replace it."""

    def __init__(self) -> None:
        self._channel: AbstractChannel | None = None
        self._deliveries = Deliveries()
        self._acks: Batcher[Delivery, None] = Batcher(self._ack_all)

    def note(self, delivery: Delivery) -> None:
        """Each of them, as it comes."""
        if delivery.channel is not self._channel:
            self._channel, self._deliveries = delivery.channel, Deliveries()
        self._deliveries.note(delivery.delivery_tag or 0)

    async def ack(self, delivery: Delivery) -> None:
        """A lost channel means that the broker delivers again; the inbox knows what was done."""
        try:
            await self._acks.submit(delivery)
        except Exception as error:  # noqa: BLE001
            log.warning("ack_failed", reason=repr(error)[:200])

    async def _ack_all(self, deliveries: Sequence[Delivery]) -> Sequence[None]:
        channel = self._channel
        tags = {one.delivery_tag or 0 for one in deliveries if one.channel is channel}
        if channel is not None and tags:
            for ack in self._deliveries.end(tags):
                await channel.basic_ack(ack.tag, multiple=ack.is_multiple)
        return [None] * len(deliveries)
