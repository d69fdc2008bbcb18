"""Concurrent callers share a flush, and nobody pays for another's mistake."""

import asyncio
from collections.abc import Sequence

import pytest

from shared.batching import Batcher


async def test_a_lone_caller_is_served_at_once_and_a_crowd_together() -> None:
    flushed: list[list[int]] = []

    async def double(items: Sequence[int]) -> list[int]:
        flushed.append(list(items))
        await asyncio.sleep(0)
        return [item * 2 for item in items]

    batcher = Batcher(double, max_size=50)
    assert await batcher.submit(1) == 2
    assert await asyncio.gather(*(batcher.submit(n) for n in range(120))) == [n * 2 for n in range(120)]
    assert [len(batch) for batch in flushed] == [1, 50, 50, 20]


async def test_an_outage_is_everybodys_and_a_mistake_only_its_makers() -> None:
    async def strict(items: Sequence[int]) -> list[int]:
        if 13 in items:
            raise ValueError("unlucky")
        if -1 in items:
            raise ConnectionError
        return list(items)

    batcher = Batcher(strict, concerns_one=lambda error: isinstance(error, ValueError))
    answers = await asyncio.gather(*(batcher.submit(n) for n in (12, 13, 14)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [int, ValueError, int]
    outage = await asyncio.gather(*(batcher.submit(n) for n in (-1, 2)), return_exceptions=True)
    assert [type(answer) for answer in outage] == [ConnectionError, ConnectionError]


async def test_a_caller_that_gives_up_does_not_disturb_the_others() -> None:
    gate = asyncio.Event()

    async def slow(items: Sequence[int]) -> list[int]:
        await gate.wait()
        return list(items)

    batcher = Batcher(slow)
    first, second = (asyncio.create_task(batcher.submit(n)) for n in (1, 2))
    await asyncio.sleep(0)
    first.cancel()
    gate.set()
    assert await second == 2
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_nobody_waits_for_a_flush_that_was_cancelled() -> None:
    async def cut_off(items: Sequence[int]) -> list[int]:
        raise asyncio.CancelledError

    batcher = Batcher(cut_off)
    for _ in range(2):
        answers = asyncio.gather(*(batcher.submit(n) for n in (1, 2)), return_exceptions=True)
        async with asyncio.timeout(5):
            assert [type(answer) for answer in await answers] == [ConnectionAbortedError] * 2
