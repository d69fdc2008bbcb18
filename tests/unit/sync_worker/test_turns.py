"""Requests wait for every limit that holds for them."""

import asyncio
import time

from aiolimiter import AsyncLimiter

from sync_worker.clients.turns import Turn


async def _take(turn: Turn, count: int) -> float:
    """The seconds that so many turns took."""
    began = time.monotonic()
    for _ in range(count):
        async with turn:
            pass
    return time.monotonic() - began


async def test_mass_work_leaves_a_part_of_the_pace_to_others() -> None:
    everybody, mass = AsyncLimiter(1, 0.02), AsyncLimiter(1, 0.06)
    assert await _take(Turn((mass, everybody)), 6) >= 0.29
    waiting = asyncio.create_task(_take(Turn((mass, everybody)), 4))
    assert await _take(Turn((everybody,)), 6) < 0.29
    assert await waiting >= 0.17
