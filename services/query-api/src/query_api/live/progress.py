"""Tells how far work has come, to each who listens once for each change."""

from datetime import datetime, timedelta
from typing import Any

from query_api.live.audience import Audience
from query_api.live.listener import Listener
from query_api.live.work import Work, work_since
from shared.envelope import utc_now

JUST_NOW = timedelta(minutes=1)


class Progress:
    def __init__(self, pool: Any, audience: Audience) -> None:
        self._pool = pool
        self._audience = audience

    async def greet(self, listener: Listener, since: datetime | None) -> None:
        """Tells somebody new what is under way, and what has ended since they heard the last event."""
        async with self._pool.acquire() as connection:
            for work in await work_since(connection, since or utc_now() - JUST_NOW):
                _tell(listener, work)

    async def look(self) -> None:
        """Tells everybody what has changed."""
        async with self._pool.acquire() as connection:
            found = await work_since(connection, utc_now() - JUST_NOW)
        for work in found:
            for listener in self._audience:
                _tell(listener, work)


def _tell(listener: Listener, work: Work) -> None:
    if listener.wants_progress_of(work.shop_ids) and listener.marks.get(work.id) != work.mark:
        listener.marks[work.id] = work.mark
        listener.outbox.put(work.item)
