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
    everybody, mass = AsyncLimiter(1, 0.02), AsyncLimiter(1, 0.04)
    for_mass, live = Turn((mass, everybody)), Turn((everybody,))
    slow, quick = await asyncio.gather(_take(for_mass, 6), _take(live, 6))
    assert slow >= 0.2
    assert 0.1 <= quick < slow
