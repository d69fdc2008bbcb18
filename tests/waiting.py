"""Waiting for something to become true, with a deadline instead of a sleep."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

INTERVAL_S = 0.02


async def eventually(
    condition: Callable[[], bool | Awaitable[bool]],
    timeout_s: float = 20,
    *,
    what: str = "",
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
        await asyncio.sleep(INTERVAL_S)
