"""Who listens in this process: how many may, who is there, and what makes them leave."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator

from query_api.auth import Reader
from query_api.live import metrics
from query_api.live.listener import EndReason, Listener
from query_api.problems import RETRY_AFTER_S, Problem


class Audience:
    """`on_empty`: called when the last one has left."""

    def __init__(self, *, most: int, most_per_token: int, on_empty: Callable[[], None]) -> None:
        self._most = most
        self._most_per_token = most_per_token
        self._on_empty = on_empty
        self._admitted: Counter[int] = Counter()
        self._listeners: set[Listener] = set()
        self.is_closing = False
        self.is_there = asyncio.Event()

    def __iter__(self) -> Iterator[Listener]:
        return iter(tuple(self._listeners))

    def admit(self, reader: Reader) -> None:
        """Counts one more stream. Raises Problem when there are too many; else `dismiss` has to follow."""
        if self.is_closing:
            raise _refused(503, "shutting-down", "This process is shutting down; connect again.")
        if self._admitted.total() >= self._most:
            raise _refused(503, "streams-full", "As many clients listen as this process can tell.")
        if self._admitted[reader.token_id] >= self._most_per_token:
            detail = f"{self._most_per_token} streams are open with this token; close one of them."
            raise _refused(429, "too-many-streams", detail)
        self._admitted[reader.token_id] += 1
        metrics.OPEN.inc()

    def dismiss(self, reader: Reader) -> None:
        self._admitted[reader.token_id] -= 1
        self._admitted += Counter()
        metrics.OPEN.dec()

    def add(self, listener: Listener) -> None:
        if self.is_closing:
            listener.outbox.end(EndReason.SHUTTING_DOWN)
        self._listeners.add(listener)
        self.is_there.set()

    def remove(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        if not self._listeners:
            self.is_there.clear()
            self._on_empty()

    def end_all(self, reason: EndReason) -> None:
        for listener in self:
            listener.outbox.end(reason)

    def close(self) -> None:
        """Nobody is admitted any more, and all are told to go."""
        self.is_closing = True
        self.end_all(EndReason.SHUTTING_DOWN)


def _refused(status: int, word: str, detail: str) -> Problem:
    metrics.REFUSED.labels(word).inc()
    return Problem(status, word, detail, headers={"Retry-After": str(RETRY_AFTER_S)})
