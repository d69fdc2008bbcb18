"""Somebody who listens: what they may and want to hear, and what they have still to be told."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from query_api.auth import Reader
from query_api.live.position import Position
from query_api.repository.records import TaskRow
from query_api.task_matching import matches
from query_api.task_query import IdRange, TaskQuery

MOST_WAITING = 1_000


class EndReason(StrEnum):
    """Why a stream ended."""

    TOO_SLOW = "too-slow"
    NO_ACCESS = "no-access"
    ACCESS_CHANGED = "access-changed"
    SHUTTING_DOWN = "shutting-down"
    FAULT = "fault"
    TIME_IS_UP = "time-is-up"


class Kind(StrEnum):
    TRANSITION = "transition"
    PROGRESS = "progress"


class Item(NamedTuple):
    """An event on its way; `position` None: it has none, and is told anew to who comes back."""

    frame: bytes
    position: Position | None = None


class Outbox:
    """At most so many items wait; who lets more pile up is cut off, and can go on from the log."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._items: deque[Item] = deque()
        self._stirred = asyncio.Event()
        self.ended: EndReason | None = None

    def put(self, item: Item) -> None:
        if self.ended is None:
            self._items.append(item)
            self._stirred.set()
            if len(self._items) > self._most:
                self._items.clear()
                self.end(EndReason.TOO_SLOW)

    def end(self, reason: EndReason) -> None:
        """What waits is still told; the first reason stays."""
        self.ended = self.ended or reason
        self._stirred.set()

    async def take(self, patience_s: float) -> list[Item]:
        """All that waits, as soon as there is something; nothing when the time is over or it has ended."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._stirred.wait()
        if self.ended is None:
            self._stirred.clear()
        taken = list(self._items)
        self._items.clear()
        return taken


@dataclass(eq=False)
class Listener:
    """`ids`: of the tasks the query is about, by the time of their creation. `marks`: how far they know that
    work has come. `session`: the hash of the console's session they are signed in by, if it is one."""

    reader: Reader
    query: TaskQuery
    ids: IdRange
    kinds: Sequence[Kind]
    outbox: Outbox = field(default_factory=Outbox)
    marks: dict[UUID, Any] = field(default_factory=dict)
    session: bytes | None = None

    def wants(self, task: TaskRow) -> bool:
        """Whether a transition is told, by what it says of its task."""
        return (
            Kind.TRANSITION in self.kinds
            and self.ids.low <= task.task_id < self.ids.high
            and matches(task, self.query)
        )

    def wants_progress_of(self, shop_ids: Sequence[int] | None) -> bool:
        """Of work in some shops (None: in all there are): all of them are among those looked at."""
        if Kind.PROGRESS not in self.kinds:
            return False
        own = self.query.shop_ids
        return own is None or (shop_ids is not None and set(shop_ids) <= set(own))
