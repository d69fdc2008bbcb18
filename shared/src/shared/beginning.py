"""When it is told that an attempt has begun."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

TOLD_AFTER_S = 0.02


class Beginning:
    """Is told by itself by and by; an attempt that is over before tells of both at once, in one message."""

    def __init__(self, tell: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._tell = tell
        self._telling: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(TOLD_AFTER_S, self._start)

    def _start(self) -> None:
        self._telling = asyncio.create_task(self._tell())

    async def is_told(self) -> bool:
        """False: nobody has been told, and nobody will be."""
        self._timer.cancel()
        if self._telling is None:
            return False
        await self._telling
        return True
