"""How long a slice of work may take, and how it leaves room for live tasks in the same process."""

import asyncio
import time

SLICE_S = 60.0
TURN_S = 0.001


class Slice:
    """A slice of work that began when this was made."""

    def __init__(self, length_s: float = SLICE_S) -> None:
        self._until = time.monotonic() + length_s
        self._turn_began = time.perf_counter()

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._until

    async def breathe(self) -> None:
        """Lets other tasks run once this one has computed for a millisecond or so."""
        if time.perf_counter() - self._turn_began > TURN_S:
            await asyncio.sleep(0)
            self._turn_began = time.perf_counter()
