"""A million lines while the worker is killed twice: exactly right at the end, in bounded memory.

Live deliveries of the same shop hardly notice.
"""

import asyncio
import json
import re
import statistics
import time
from pathlib import Path

import pytest

from tests.acceptance.importing import Merchant, merchant
from tests.acceptance.shop import customer, deliver
from tests.acceptance.stack import Stack
from tests.waiting import until

pytestmark = [pytest.mark.acceptance, pytest.mark.volume]

ORDERS, LINES_PER_ORDER, BAD_EVERY, ASKED_EVERY = 250_000, 2, 1_000, 1_250
WHOLE_LINES = ORDERS * (1 + LINES_PER_ORDER + 1)
PATIENCE_S = 1_500
MOST_MIB = 256
PROBES = 15
FIRST_PERSON = 3_300_000_000_001
DIGEST = """
    SELECT count(*)::int AS orders, count(DISTINCT source_id)::int AS distinct_orders,
           sum(jsonb_array_length(data -> 'line_items'))::int AS lines,
           sum(jsonb_array_length(data -> 'shipping_lines'))::int AS shipping,
           count(*) FILTER (WHERE order_number IS NULL)::int AS nameless
    FROM store.orders WHERE shop_id = $1
"""
MOVEMENTS = """
    SELECT (SELECT count(*)::int FROM store.refunds WHERE shop_id = $1) AS refunds,
           (SELECT sum((line ->> 'quantity')::int)::int
            FROM store.fulfilments f, jsonb_array_elements(f.data -> 'line_items') line
            WHERE f.shop_id = $1) AS items_in_parcels,
           (SELECT sum((line ->> 'quantity')::int)::int
            FROM store.orders o, jsonb_array_elements(o.data -> 'line_items') line
            WHERE o.shop_id = $1 AND o.data ->> 'fulfillment_status' = 'fulfilled') AS items_sent,
           (SELECT count(*)::int FROM store.orders o
            WHERE o.shop_id = $1 AND jsonb_array_length(o.data -> 'refunds') > 0) AS refunded
"""


async def test_a_million_lines_survive_a_kill_and_live_deliveries_hardly_notice(
    shared_stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = await merchant(shared_stack)
    probe = Probe(shop)
    await shop.say(
        "PATCH", "admin", bulk_order="shuffled", bulk_shuffle_window=100_000, bulk_bad_lines=BAD_EVERY
    )
    asked_for = {"refund_every": ASKED_EVERY, "split_every": ASKED_EVERY}
    await shop.say("PUT", "volume", orders=ORDERS, lines_per_order=LINES_PER_ORDER, **asked_for)
    await probe.latencies(5)
    idle = await probe.latencies(PROBES)

    began = time.monotonic()
    import_id = await shop.begun("orders")
    await _reaches(shop, import_id, "staging", 0.3)
    staging = await probe.latencies(PROBES)
    pids = [await _kill(shop)]
    await _reaches(shop, import_id, "processing", 0.3)
    processing = await probe.latencies(PROBES)
    pids.append(await _kill(shop))
    await until(lambda: _is(shop, import_id, "syncing"), "all is stored", timeout_s=PATIENCE_S)
    took_s, peak = time.monotonic() - began, _peak_mib(pids[-1])
    syncing = await probe.latencies(PROBES)

    done = await shop.progress(import_id)
    exported = (await shop.say("GET", "bulk-operations"))["operations"][0]
    assert (exported["objects"], done["lines"]) == (WHOLE_LINES, exported["lines"])
    assert (done["processed"], done["failed"]) == (ORDERS, exported["bad_count"])
    assert done["to_sync"] == ORDERS
    await _everything_is_there(shop)
    failed = await shop.fetch(
        "SELECT count(*)::int AS n FROM store.import_failures f "
        "JOIN store.imports i ON i.id = f.import_id WHERE i.shop_id = $1"
    )
    assert failed[0]["n"] == exported["bad_count"]
    assert peak < MOST_MIB
    figures = {"idle": idle, "staging": staging, "processing": processing, "syncing": syncing}
    medians = {name: statistics.median(found) for name, found in figures.items()}
    with capsys.disabled():
        told = ", ".join(f"{name} {1000 * median:.0f} ms" for name, median in medians.items())
        print(f"\n{exported['lines']} lines in {took_s:.0f} s, at most {peak:.0f} MiB in the worker")  # noqa: T201
        print(f"live deliveries, median: {told}")  # noqa: T201
    async with shared_stack.api() as api:
        (await api.post(f"/imports/{import_id}/stop")).raise_for_status()
    await shop.quiet(timeout_s=300)
    assert (
        await shop.fetch(
            "SELECT 1 FROM store.import_lines l JOIN store.imports i ON i.id = l.import_id "
            "WHERE i.shop_id = $1 LIMIT 1"
        )
        == []
    )
    for name in ("staging", "processing", "syncing"):
        assert medians[name] <= 2 * medians["idle"], medians


async def _everything_is_there(shop: Merchant) -> None:
    """Orders with their lines, parcels and refunds, each once."""
    (digest,) = await shop.fetch(DIGEST)
    assert digest == {
        "orders": ORDERS,
        "distinct_orders": ORDERS,
        "lines": ORDERS * LINES_PER_ORDER,
        "shipping": ORDERS,
        "nameless": 0,
    }
    (movements,) = await shop.fetch(MOVEMENTS)
    assert movements["items_sent"] == movements["items_in_parcels"] > 0
    assert movements["refunded"] == movements["refunds"] > 0


class Probe:
    """Delivers customers one after the other and measures each until the CRM has it."""

    def __init__(self, shop: Merchant) -> None:
        self._shop = shop
        self._next = FIRST_PERSON

    async def latencies(self, count: int) -> list[float]:
        return [await self._latency() for _ in range(count)]

    async def _latency(self) -> float:
        """From the delivery until the last task of its chain has ended, by their own clocks."""
        self._next += 1
        answer = await deliver(
            self._shop.stack, "customers/create", customer(self._next), shop=self._shop.shop
        )
        task_id = answer.json()["task_id"]

        async def is_over() -> bool:
            return await self._took(task_id) is not None

        await until(is_over, "the live delivery is in the CRM", timeout_s=120)
        took = await self._took(task_id)
        assert took is not None
        await asyncio.sleep(0.1)
        return took

    async def _took(self, task_id: str) -> float | None:
        rows = await self._shop.stack.fetch(
            "SELECT extract(epoch FROM sync.completed_at - first.queued_at)::float8 AS took "
            "FROM ledger.tasks first JOIN ledger.tasks sync ON sync.root_id = first.task_id "
            "WHERE first.task_id = $1::uuid AND sync.type = 'SyncContact' AND sync.state = 'succeeded'",
            task_id,
        )
        return rows[0]["took"] if rows else None


async def _reaches(shop: Merchant, import_id: str, state: str, share: float) -> None:
    """Until so much of a step is done."""

    async def is_there() -> bool:
        found = await shop.progress(import_id)
        done, total = (
            (found["bytes_staged"], found["bytes_total"])
            if state == "staging"
            else (found["processed"], found["total"])
        )
        assert found["state"] not in ("failed", "stopped"), found
        return bool(found["state"] == state and total and done >= share * total)

    await until(is_there, f"{share:.0%} of {state}", timeout_s=PATIENCE_S)


async def _is(shop: Merchant, import_id: str, state: str) -> bool:
    found = await shop.progress(import_id)
    assert found["state"] not in ("failed", "stopped"), found
    return bool(found["state"] == state)


async def _kill(shop: Merchant) -> int:
    """SIGKILL; the process id of the worker that runs in its place."""
    killed = shop.stack.facts["pids"]["sync-worker"]
    shop.stack.kill("sync-worker")

    async def is_there() -> bool:
        try:
            return bool(shop.stack.facts["pids"].get("sync-worker", killed) != killed)
        except (OSError, json.JSONDecodeError):
            return False

    await until(is_there, "the worker runs again")
    return int(shop.stack.facts["pids"]["sync-worker"])


def _peak_mib(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024
