"""Waiting for something to become true, with a deadline instead of a sleep."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

INTERVAL_S = 0.02
STORIES_INTERVAL_S = 0.3
STORIES_PATIENCE_S = 120


async def eventually(
    condition: Callable[[], object | Awaitable[object]],
    timeout_s: float = 20,
    *,
    what: str = "",
    every_s: float = INTERVAL_S,
) -> None:
    """Returns once the condition holds; raises AssertionError when it does not in time."""
    deadline = time.monotonic() + timeout_s
    while True:
        holds = condition()
        if inspect.isawaitable(holds):
            holds = await holds
        if holds:
            return
        if time.monotonic() > deadline:
            raise AssertionError(
                f"not true within {timeout_s} s: {what or inspect.getsource(condition).strip()}"
            )
        await asyncio.sleep(every_s)


async def until(
    condition: Callable[[], Awaitable[object]], what: str, timeout_s: float = STORIES_PATIENCE_S
) -> None:
    """The same for stories, whose questions go to whole services."""
    await eventually(condition, timeout_s, what=what, every_s=STORIES_INTERVAL_S)
