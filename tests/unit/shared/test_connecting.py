"""Whoever waits for the broker can be told to stop at any moment."""

import asyncio
from contextlib import suppress
from typing import Any
from unittest.mock import AsyncMock

import pytest

from shared import broker as connection
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


class _Forgetful:
    """A library that loses the cancellation of whoever connects; then it is connected, or refused."""

    def __init__(self, end: Exception | None) -> None:
        self._end = end

    async def connect(self) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        if self._end is not None:
            raise self._end


@pytest.mark.parametrize("end", [None, OSError("refused")], ids=["connected", "refused"])
async def test_a_cancellation_that_a_library_lost_ends_it_all_the_same(
    end: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "declare_topology", AsyncMock())
    broker: Any = _Forgetful(end)
    connecting = asyncio.create_task(connect_when_up(broker))
    await _go_on(10)
    connecting.cancel()
    await _go_on(10)
    assert connecting.cancelled()


async def _go_on(steps: int) -> None:
    for _ in range(steps):
        await asyncio.sleep(0)
