"""Ingest answers 200 while RabbitMQ or Postgres is away, and what it accepted is done when they are back.

Servers are started from the main thread: they end with the thread that started them.
"""

import asyncio
import time

import pytest

from tests.acceptance.shop import customer, deliver
from tests.acceptance.stack import Stack

pytestmark = pytest.mark.acceptance

PATIENCE_S = 90
SENDERS_PATIENCE_S = 5


async def _accepted(stack: Stack, customer_id: int) -> str:
    """The task's id; the answer came within the time the sender waits."""
    began = time.monotonic()
    answer = await deliver(stack, "customers/create", customer(customer_id))
    assert answer.status_code == 200, answer.text
    assert time.monotonic() - began < SENDERS_PATIENCE_S
    return str(answer.json()["task_id"])


async def _succeeds(stack: Stack, task_id: str) -> None:
    async with stack.api() as api, asyncio.timeout(PATIENCE_S):
        while True:
            answer = await api.get(f"/tasks/{task_id}")
            if answer.status_code == 200 and answer.json()["task"]["state"] == "succeeded":
                return
            await asyncio.sleep(0.3)


async def test_with_rabbitmq_stopped_deliveries_are_accepted_and_run_later(shared_stack: Stack) -> None:
    shared_stack.rabbitmq.stop()
    task_ids = [await _accepted(shared_stack, 8_000 + n) for n in range(5)]
    spooled = await shared_stack.fetch("SELECT task_id::text FROM ingest.spool")
    assert {row["task_id"] for row in spooled} == set(task_ids)
    shared_stack.rabbitmq.start()
    for task_id in task_ids:
        await _succeeds(shared_stack, task_id)
    assert await shared_stack.fetch("SELECT 1 FROM ingest.spool") == []


async def test_with_postgres_stopped_deliveries_are_accepted_and_appear_later(shared_stack: Stack) -> None:
    shared_stack.postgres.stop()
    task_ids = [await _accepted(shared_stack, 8_100 + n) for n in range(5)]
    shared_stack.postgres.start()
    for task_id in task_ids:
        await _succeeds(shared_stack, task_id)


async def test_with_both_stopped_the_sender_is_told_to_come_back(shared_stack: Stack) -> None:
    shared_stack.rabbitmq.stop()
    shared_stack.postgres.stop()
    refused = await deliver(shared_stack, "customers/create", customer(8_200), webhook_id="both-away")
    shared_stack.postgres.start()
    shared_stack.rabbitmq.start()
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    async with asyncio.timeout(PATIENCE_S):
        while True:
            again = await deliver(shared_stack, "customers/create", customer(8_200), webhook_id="both-away")
            if again.status_code == 200:
                break
            await asyncio.sleep(0.5)
    await _succeeds(shared_stack, again.json()["task_id"])
