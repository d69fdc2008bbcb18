"""Batches are waited for, and whoever waits can be told to stop at any moment."""

import asyncio
from contextlib import suppress

import pytest
from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from query_api.recorder.intake import MOST_BYTES, Batch, Intake
from shared.envelope import Payload, encode
from tests.factories import transition


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


async def test_a_batch_leaves_half_of_what_may_be_held_to_the_next_one() -> None:
    intake = Intake("amqp://nowhere", prefetch=4, batch_size=100, batch_wait_s=60)
    for _ in range(4):
        await intake._receive(_message())
    batches = [await intake.take(), await intake.take()]
    assert [batch and batch.messages for batch in batches] == [2, 2]


async def test_a_batch_keeps_its_interval_from_the_one_before_unless_it_is_full() -> None:
    intake = Intake("amqp://nowhere", prefetch=4, batch_size=100, batch_wait_s=0)
    await intake._receive(_message())
    assert await intake.take(interval_s=60), "there was none before"
    await intake._receive(_message())
    waiting = asyncio.create_task(intake.take(interval_s=60))
    await _go_on(10)
    assert not waiting.done()
    await intake._receive(_message())
    batch = await waiting
    assert batch is not None
    assert batch.messages == 2


async def test_a_batch_of_large_messages_is_a_short_one() -> None:
    intake = Intake("amqp://nowhere", prefetch=100, batch_size=100, batch_wait_s=60)
    for _ in range(10):
        await intake._receive(_message(Payload(body=b"x" * (MOST_BYTES // 4))))
    batches = [await intake.take() for _ in range(2)]
    assert [batch and batch.messages for batch in batches] == [4, 4]


def _message(payload: Payload | None = None) -> DeliveredMessage:
    body = encode([transition(payload=payload)])
    return DeliveredMessage(Basic.Deliver(), ContentHeader(), body, None)  # type: ignore[arg-type]


async def _go_on(steps: int) -> None:
    for _ in range(steps):
        await asyncio.sleep(0)
