"""Batches are waited for, and whoever waits can be told to stop at any moment."""

import asyncio
from contextlib import suppress

import pytest

from query_api.recorder.intake import Batch, Intake


@pytest.mark.parametrize("steps", range(4))
async def test_a_cancellation_is_not_lost_while_a_batch_becomes_full(steps: int) -> None:
    """`steps`: of the loop between the two."""
    intake = Intake("amqp://nowhere", prefetch=1, batch_size=1, batch_wait_s=60)
    intake._is_any.set()
    taking: asyncio.Task[Batch | None] = asyncio.create_task(intake.take())
    await _go_on(10)
    await intake.stop()
    await _go_on(steps)
    was_cancelled = taking.cancel()
    with suppress(asyncio.CancelledError):
        await taking
    assert taking.cancelled() == was_cancelled


async def _go_on(steps: int) -> None:
    for _ in range(steps):
        await asyncio.sleep(0)
