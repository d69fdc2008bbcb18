"""Whoever waits for the broker can be told to stop at any moment."""

import asyncio
from typing import Any

import pytest

from shared.broker import connect_when_up


class _Away:
    """A broker that refuses whoever connects, from the moment it is told to."""

    def __init__(self) -> None:
        self.refuses = asyncio.Event()

    async def connect(self) -> None:
        await self.refuses.wait()
        raise OSError("refused")


@pytest.mark.parametrize("steps", range(4))
async def test_a_cancellation_is_not_lost_while_the_broker_refuses(steps: int) -> None:
    """`steps`: of the loop between the two."""
    broker: Any = _Away()
    connecting = asyncio.create_task(connect_when_up(broker))
    await _go_on(10)
    broker.refuses.set()
    await _go_on(steps)
    connecting.cancel()
    await _go_on(10)
    was_cancelled = connecting.cancelled()
    connecting.cancel()
    assert was_cancelled


async def _go_on(steps: int) -> None:
    for _ in range(steps):
        await asyncio.sleep(0)
