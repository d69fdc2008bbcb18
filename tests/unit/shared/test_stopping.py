"""What goes on in the background ends when it is told to."""

import asyncio
from contextlib import suppress

import pytest

from shared import stopping
from shared.stopping import stop


async def test_work_that_loses_a_cancellation_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "AGAIN_AFTER_S", 0.01)

    async def forgetful() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    task = asyncio.create_task(forgetful())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await stop(task)
    assert task.cancelled()


async def test_whatever_tasks_end_with_all_are_waited_for() -> None:
    ends: list[str] = []

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            ends.append("slow")

    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("failing")
            raise ValueError

    tasks = [asyncio.create_task(work()) for work in (slow, failing)]
    await asyncio.sleep(0)
    await stop(*tasks)
    assert sorted(ends) == ["failing", "slow"]
    assert isinstance(tasks[1].exception(), ValueError)
    await stop(*tasks)
