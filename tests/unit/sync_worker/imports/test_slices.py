"""A slice makes way for live tasks, and goes on however many there are."""

import asyncio
import time

from shared.activity import running, running_on
from shared.tasks import Lane
from sync_worker.imports.slices import Slice


async def _worked(part: Slice, seconds: float) -> int:
    """How many turns of two milliseconds of computing fit into the time."""
    turns, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        busy_until = time.perf_counter() + 0.002
        while time.perf_counter() < busy_until:
            pass
        await part.breathe()
        turns += 1
    return turns


async def test_attempts_are_counted_while_they_run() -> None:
    with running_on(Lane.SYNC):
        assert (running(Lane.SYNC), running(Lane.SYNC_BULK)) == (1, 0)
    assert running(Lane.SYNC) == 0


async def test_it_waits_while_a_live_task_runs_and_not_for_ever() -> None:
    alone = await _worked(Slice(), 0.4)
    with running_on(Lane.SYNC):
        beside = await _worked(Slice(), 0.4)
    assert 1 <= beside < 0.6 * alone


async def test_others_get_their_turn() -> None:
    heard = 0

    async def other() -> None:
        nonlocal heard
        while True:
            await asyncio.sleep(0)
            heard += 1

    listening = asyncio.create_task(other())
    turns = await _worked(Slice(), 0.2)
    listening.cancel()
    assert heard >= turns - 1


async def test_it_ends_in_time() -> None:
    assert Slice(0).is_over
    assert not Slice(60).is_over
