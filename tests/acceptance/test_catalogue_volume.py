"""A catalogue of 100,000 products while the worker is killed: exactly right at the end, in bounded memory."""

import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.dropshipping import Merchant, merchant, until
from tests.acceptance.stack import Stack

pytestmark = [pytest.mark.acceptance, pytest.mark.volume, pytest.mark.xdist_group("stack")]

PRODUCTS = 100_000
BROKEN_EVERY = 1_000
PATIENCE_S = 420
MOST_MIB = 160
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
