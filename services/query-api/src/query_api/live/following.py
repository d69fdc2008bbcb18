"""The one reader of the log in this process: what is new goes to everybody who wants it."""

import asyncio
from datetime import datetime
from typing import Any

from query_api.live import metrics
from query_api.live.audience import Audience
from query_api.live.listener import Item, Listener
from query_api.live.position import Position
from query_api.live.telling import Told, items_of, place_of, told
from query_api.repository.freshness import log_state
from query_api.repository.live import horizon, recorded
from shared.envelope import utc_now

PAGE = 500


class Following:
    """`position`: all before it was handed to those who listen; None while nobody does. `as_of`: how far the
    log was known to be complete then."""

    def __init__(self, pool: Any, audience: Audience) -> None:
        self._pool = pool
        self._audience = audience
        self._turning = asyncio.Lock()
        self.position: Position | None = None
        self.as_of: datetime | None = None

    def rest(self) -> None:
        """Nobody listens: what comes now is read by those who come back for it."""
        self.position = None

    async def join(self, listener: Listener) -> Position:
        """All that is recorded from the place given back on is told to the listener."""
        async with self._turning:
            if self.position is None:
                self.as_of = (await log_state(self._pool)).as_of
                self.position = Position(await horizon(self._pool))
            self._audience.add(listener)
            return self.position

    async def look(self) -> None:
        """Hands on all that was recorded since the last look."""
        while await self._turn_page():
            pass

    async def _turn_page(self) -> bool:
        """Whether there may be another one. What was read is void when everybody has left meanwhile."""
        async with self._turning, self._pool.acquire() as connection:
            if (after := self.position) is None:
                return False
            as_of = (await log_state(connection)).as_of
            before = max(after.recorded_at, await horizon(connection))
            events = await recorded(connection, after, before=before, limit=PAGE)
            transitions = [one for one in told(events) if self._is_wanted(one)]
            items = await items_of(connection, transitions)
            if self.position is not after:
                return False
            self._hand_on(transitions, items)
            is_full = len(events) == PAGE
            self.position, self.as_of = place_of(events[-1]) if is_full else Position(before), as_of
            return is_full

    def _is_wanted(self, one: Told) -> bool:
        return any(listener.wants(one.task) for listener in self._audience)

    def _hand_on(self, transitions: list[Told], items: list[Item]) -> None:
        now = utc_now()
        for one, item in zip(transitions, items, strict=True):
            metrics.LAG_SECONDS.observe(max(0.0, (now - one.event.recorded_at).total_seconds()))
            for listener in self._audience:
                if listener.wants(one.task):
                    listener.outbox.put(item)
