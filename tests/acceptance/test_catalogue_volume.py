"""A catalogue of 100,000 products while the worker is killed: exactly right at the end, in bounded memory."""

import asyncio
import re
import time
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from tests.acceptance.dropshipping import Merchant, merchant
from tests.acceptance.shop import customer
from tests.acceptance.stack import Stack
from tests.waiting import until

pytestmark = [pytest.mark.acceptance, pytest.mark.volume]

PRODUCTS = 100_000
BROKEN_EVERY = 1_000
PATIENCE_S = 420
MOST_MIB = 160
DELIVERIES = 30
NOISE_MS = 60
LATENCIES = """
    SELECT extract(epoch FROM i.completed_at - w.queued_at)::float8 * 1000 AS ms
    FROM ledger.tasks i JOIN ledger.tasks w ON w.task_id = i.parent_id
    WHERE i.type = 'IndexCustomer' AND i.source_id = ANY($1) AND i.state = 'succeeded'
"""
DIGEST = """
    SELECT count(*) AS products, count(DISTINCT position) AS positions, max(position) + 1 AS next,
           sum((data ->> 'price')::numeric)::text AS prices, sum((data ->> 'stock')::int)::int AS stock
    FROM store.products WHERE account_id = $1
"""


async def test_a_huge_catalogue_survives_a_kill_and_ends_exactly_right(
    shared_stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    async with merchant(shared_stack, products=PRODUCTS, requests_per_second=1000) as shop:
        await shop.terms(invalid_every=BROKEN_EVERY, growth=500, change_rate=0.02)
        first, figures = await _measured(shop, kill=True)
        broken = PRODUCTS // BROKEN_EVERY
        assert _totals(first) == (PRODUCTS, broken, {"created": PRODUCTS - broken, "failed": broken})
        assert await _digest(shop) == (PRODUCTS - broken, PRODUCTS - broken, PRODUCTS - broken)

        again, unchanged = await _measured(shop)
        assert _totals(again) == (PRODUCTS, broken, {"unchanged": PRODUCTS - broken, "failed": broken})

        await shop.terms(version=1)
        path = f"/control/supplier/{shop.supplier}/expectation"
        expected = (await shop.sandbox.get(path, params={"since": 0}, timeout=120)).json()
        last, _ = await _measured(shop)
        assert _totals(last) == (
            expected["total"],
            expected["invalid"],
            {name: expected[name] for name in ("updated", "created", "unchanged")}
            | {"failed": expected["invalid"]},
        )
        with capsys.disabled():
            print(f"\n{PRODUCTS} products: {figures}; unchanged: {unchanged}")  # noqa: T201


async def test_live_webhooks_are_as_fast_while_a_catalogue_is_taken_over(
    shared_stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    async with merchant(shared_stack, products=PRODUCTS, requests_per_second=1000) as shop:
        idle = await _webhook_ms(shop, first=8_000_000)
        (task_id,) = await shop.act("fetch-all-products")
        await until(lambda: _processed(shop, 5_000), "the run is under way", PATIENCE_S)
        busy = await _webhook_ms(shop, first=8_100_000)
        assert not await _processed(shop, PRODUCTS), "the run was over before the webhooks were"
        await shop.ended(task_id, PATIENCE_S)
        with capsys.disabled():
            print(f"\nWebhook to stored customer: {idle:.0f} ms idle, {busy:.0f} ms beside a catalogue")  # noqa: T201
        assert busy < 2 * idle + NOISE_MS


async def _webhook_ms(shop: Merchant, *, first: int) -> float:
    """From the delivery's acceptance to the stored customer: the median of some, by the log's times."""
    ids = range(first, first + DELIVERIES)
    for customer_id in ids:
        await shop.tell("customers/create", customer(customer_id))
        await asyncio.sleep(0.1)

    async def took() -> list[dict[str, Any]]:
        return await shop.stack.fetch(LATENCIES, [str(customer_id) for customer_id in ids])

    async def all_stored() -> bool:
        return len(await took()) == DELIVERIES

    await until(all_stored, "every customer is stored")
    return float(median(row["ms"] for row in await took()))


def _totals(task: dict[str, Any]) -> tuple[int, int, dict[str, int]]:
    counts = {name: count for name, count in task["summary"].items() if name != "failures" and count}
    return task["items_processed"], task["items_failed"], counts


async def _measured(shop: Merchant, *, kill: bool = False) -> tuple[dict[str, Any], str]:
    """Fetch All Products: the last slice's task, and what it took."""
    began = time.monotonic()
    (task_id,) = await shop.act("fetch-all-products")
    pid = shop.stack.facts["pids"]["sync-worker"]
    if kill:
        await until(lambda: _processed(shop, PRODUCTS // 3), "a third is through", PATIENCE_S)
        shop.stack.kill("sync-worker")
        pid = await _successor(shop.stack, pid)
    task = await shop.ended(task_id, PATIENCE_S)
    while task["follow_ups"]:
        task = await shop.ended(task["follow_ups"][0]["id"], PATIENCE_S)
    assert task["state"] == "succeeded", task
    peak = _peak_mib(pid)
    assert peak < MOST_MIB
    return task, f"{time.monotonic() - began:.0f} s, at most {peak:.0f} MiB in the worker"


async def _processed(shop: Merchant, wanted: int) -> bool:
    """As the API tells while the run goes on."""
    runs = (await shop.api.get("/runs", params={"account_id": shop.account_id, "limit": 1})).json()["runs"]
    return bool(runs and runs[0]["items_processed"] >= wanted)


async def _digest(shop: Merchant) -> tuple[int, int, int]:
    (row,) = await shop.stack.fetch(DIGEST, int(shop.account_id))
    return row["products"], row["positions"], row["next"]


async def _successor(stack: Stack, killed: int) -> int:
    """The process id of the worker that runs in place of a killed one."""

    async def is_there() -> bool:
        return bool(stack.facts["pids"].get("sync-worker", killed) != killed)

    await until(is_there, "the worker runs again")
    return int(stack.facts["pids"]["sync-worker"])


def _peak_mib(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024
