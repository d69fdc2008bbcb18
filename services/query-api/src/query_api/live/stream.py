"""What one client is told, from its first to its last event."""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from query_api.live import metrics, wire
from query_api.live.following import PAGE
from query_api.live.listener import EndReason, Item, Kind, Listener
from query_api.live.position import Position
from query_api.live.streams import Streams
from query_api.live.telling import items_of, place_of, told
from query_api.repository.live import horizon, recorded
from query_api.repository.records import EventRow
from query_api.schemas.live import AliveOut, EndOut

HEARTBEAT_S = 15.0
WORDS = {
    EndReason.TOO_SLOW: "More events waited than fit. Connect again with the last id: nothing is skipped.",
    EndReason.NO_ACCESS: "The token is revoked or has expired, or you were signed out. Sign in again.",
    EndReason.ACCESS_CHANGED: "The token's role or shops have changed. Connect again with the last id.",
    EndReason.SHUTTING_DOWN: "This process is shutting down. Connect again with the last id.",
    EndReason.FAULT: "A fault of Syncledger; its log says more. Connect again with the last id.",
    EndReason.TIME_IS_UP: "The time that was asked for is over. Connect again with the last id.",
}
_MICROSECOND = timedelta(microseconds=1)


@dataclass
class Stream:
    """`since`: the last event the client has heard of; None: it wants to hear what comes. `seconds`: how long
    it stays; None: as long as it can."""

    streams: Streams
    listener: Listener
    since: Position | None
    seconds: float | None

    def __post_init__(self) -> None:
        self._place = self.since
        self.ended: EndReason | None = None

    def leave(self) -> None:
        self.streams.audience.remove(self.listener)
        self.streams.audience.dismiss(self.listener.reader)

    async def frames(self) -> AsyncIterator[bytes]:
        """First what was missed, from the log; then what comes, from the one who reads it for all."""
        ends_at = None if self.seconds is None else time.monotonic() + self.seconds
        outbox = self.listener.outbox
        yield wire.OPENING
        if self._place is not None:
            async for part in self._missed(Position(await horizon(self.streams.pool))):
                yield part
        async for part in self._missed(await self.streams.following.join(self.listener)):
            yield part
        if outbox.ended is None:
            await self.streams.progress.greet(self.listener, self.since and self.since.recorded_at)
            yield self._alive("ready")
            async for part in self._coming(ends_at):
                yield part
        self.ended = outbox.ended or EndReason.TIME_IS_UP
        end = EndOut(reason=self.ended, detail=WORDS[self.ended])
        yield wire.frame("end", end.model_dump_json().encode())

    async def _missed(self, until: Position) -> AsyncIterator[bytes]:
        """From where the client is up to a place before the horizon, page by page."""
        self._place = self._place or until
        while self._place < until and not self.streams.audience.is_closing:
            page, items = await self._page(self._place, until)
            self._place = place_of(page[-1]) if len(page) == PAGE else until
            yield _joined(items) or self._alive("alive")

    async def _page(self, after: Position, until: Position) -> tuple[list[EventRow], list[Item]]:
        async with self.streams.catching_up, self.streams.pool.acquire() as connection:
            before = until.recorded_at + _MICROSECOND
            found = await recorded(connection, after, before=before, limit=PAGE)
            page = [event for event in found if place_of(event) <= until]
            wanted = [one for one in told(page) if self.listener.wants(one.task)]
            return page, await items_of(connection, wanted)

    async def _coming(self, ends_at: float | None) -> AsyncIterator[bytes]:
        """What another replica has told the client already is passed over. While nothing waits for it, it has
        come as far as the one who reads for all."""
        outbox, following = self.listener.outbox, self.streams.following
        while True:
            left_s = HEARTBEAT_S if ends_at is None else min(HEARTBEAT_S, ends_at - time.monotonic())
            items = await outbox.take(max(0.0, left_s))
            new = [item for item in items if item.position is None or item.position > self._here]
            places = [item.position for item in new if item.position is not None]
            self._place = max([self._here, *places])
            if new:
                yield _joined(new)
            if outbox.ended or (ends_at is not None and time.monotonic() >= ends_at):
                return
            if not items:
                self._place = max(self._here, following.position or self._here)
                yield self._alive("alive")

    def _alive(self, event: str) -> bytes:
        body = AliveOut(as_of=self.streams.following.as_of)
        return wire.frame(event, body.model_dump_json().encode(), self._place)

    @property
    def _here(self) -> Position:
        assert self._place is not None
        return self._place


def _joined(items: Sequence[Item]) -> bytes:
    for item in items:
        metrics.TOLD.labels(Kind.PROGRESS if item.position is None else Kind.TRANSITION).inc()
    return b"".join(item.frame for item in items)
