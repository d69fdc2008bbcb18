"""2,000 deliveries while everything fails once: nothing is lost, nothing runs twice, the numbers add up."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devstack.servers import OwnPostgres, OwnRabbit
from tests.acceptance.counting import (
    every_delivery_has_exactly_one_first_task,
    the_crm_holds_what_the_shop_said,
)
from tests.acceptance.promises import broken_promises
from tests.acceptance.stack import Stack, running_stack

pytestmark = [pytest.mark.acceptance, pytest.mark.long]

DELIVERIES = 2_000
RATE = 80
FAULTS = [
    {"system": "engage", "fault": "rate_limited", "probability": 0.01, "retry_after": "1"},
    {"system": "engage", "fault": "unavailable", "probability": 0.015},
    {"system": "engage", "fault": "slow", "probability": 0.03, "delay_ms": 400},
    {"system": "engage", "fault": "reset_before", "probability": 0.01},
    {"system": "engage", "fault": "reset_after_effect", "probability": 0.02},
    {"system": "engage", "fault": "malformed", "probability": 0.005},
]


@pytest.fixture
def stack(tmp_path: Path, own_postgres: OwnPostgres, own_rabbitmq: OwnRabbit) -> Iterator[Stack]:
    """A stack of its own, so that everything in it is this burst's."""
    with running_stack(tmp_path / "data", own_postgres, own_rabbitmq) as stack:
        yield stack


async def _calamities(stack: Stack) -> None:
    """Two kills of the worker, one of the recorder, a restart of RabbitMQ and one of Postgres."""
    await asyncio.sleep(4)
    stack.kill("sync-worker")
    await asyncio.sleep(4)
    stack.kill("recorder")
    await asyncio.sleep(4)
    stack.rabbitmq.stop()
    stack.rabbitmq.start()
    await asyncio.sleep(4)
    stack.postgres.stop()
    stack.postgres.start()
    await asyncio.sleep(4)
    stack.kill("sync-worker")


async def _burst(stack: Stack) -> dict[str, Any]:
    async with stack.sandbox() as sandbox:
        order = {"count": DELIVERIES, "rate": RATE, "duplicates": 0.1, "reordering": 0.1, "seed": "faults"}
        started = await sandbox.post("/control/shop/burst", json=order)
        burst_id = started.json()["id"]
        await _calamities(stack)
        async with asyncio.timeout(240):
            while not (await sandbox.get(f"/control/shop/bursts/{burst_id}?brief=1")).json()["done"]:
                await asyncio.sleep(0.5)
        burst: dict[str, Any] = (await sandbox.get(f"/control/shop/bursts/{burst_id}")).json()
        return burst


async def test_nothing_is_lost_or_doubled_while_everything_fails_once(stack: Stack) -> None:
    async with stack.sandbox() as sandbox:
        (await sandbox.put("/control/faults", json=FAULTS)).raise_for_status()
    burst = await _burst(stack)
    await stack.wait_until_quiet(tasks=DELIVERIES, timeout_s=420)

    assert burst["failed_for_good"] == []
    assert await broken_promises(stack) == {}
    await every_delivery_has_exactly_one_first_task(stack, deliveries=DELIVERIES)
    await the_crm_holds_what_the_shop_said(stack, burst["expectation"]["paid_orders"])
    await _rebuilding_changes_nothing(stack)


async def _rebuilding_changes_nothing(stack: Stack) -> None:
    tables = ("tasks", "task_counts", "task_counts_by_minute", "task_counts_by_hour")
    before = {name: await _content(stack, name) for name in tables}
    await stack.cli("rebuild")
    assert {name: await _content(stack, name) for name in tables} == before


async def _content(stack: Stack, table: str) -> list[str]:
    rows = await stack.fetch(f"SELECT to_jsonb(t)::text AS row FROM ledger.{table} t ORDER BY 1")
    return [row["row"] for row in rows]
