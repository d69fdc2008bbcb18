"""How long a slice of work may take, and how it makes way for live tasks in the same process."""

import asyncio
import time

from shared.activity import running
from shared.tasks import Lane

SLICE_S = 60.0
TURN_S = 0.001
LOOK_S = 0.005
MOST_WAITING = 3


class Slice:
    """A slice of work that began when this was made."""

    def __init__(self, length_s: float = SLICE_S) -> None:
        self._began = self._turn_began = time.monotonic()
        self._until = self._began + length_s
        self._waited_s = 0.0

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._until

    async def breathe(self) -> None:
        """After a millisecond or so of computing lets others run, and waits while live tasks do.

        It waits for at most three quarters of the time: however busy the process is, the work goes on.
        """
        if time.monotonic() - self._turn_began <= TURN_S:
            return
        await asyncio.sleep(0)
        while running(Lane.SYNC) and self._may_wait():
            self._waited_s += LOOK_S
            await asyncio.sleep(LOOK_S)
        self._turn_began = time.monotonic()

    def _may_wait(self) -> bool:
        worked_s = time.monotonic() - self._began - self._waited_s
        return self._waited_s < MOST_WAITING * worked_s
