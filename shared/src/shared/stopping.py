"""Ending what goes on in the background."""

import asyncio
from typing import Any

AGAIN_AFTER_S = 5.0


async def stop(*tasks: asyncio.Task[Any]) -> None:
    """Cancels tasks until all have ended, whatever they end with.

    Once is not always enough: a library that waits by `wait_for` of Python 3.11 loses a cancellation that
    comes just when what it waits for is there.
    """
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN_AFTER_S)


def end_if_cancelled() -> None:
    """Raises CancelledError when this task was told to stop and a library lost that on the way."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
