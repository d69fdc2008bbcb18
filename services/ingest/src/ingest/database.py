"""Calls to a database that may be away or hang."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def within(seconds: float, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`. Raises TimeoutError after `seconds` and does not wait for the work to notice.

    A cancelled query gives its connection back only when the server answers, which a hanging one never does.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(_mark_seen)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
    if not task.done():
        raise TimeoutError
    return task.result()


def _mark_seen(task: "asyncio.Future[Result]") -> None:
    """Keeps asyncio from complaining about errors that came after the deadline."""
    if not task.cancelled():
        task.exception()
