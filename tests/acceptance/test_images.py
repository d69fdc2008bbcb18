"""From the images: everything starts in its order, and no container that is killed loses or doubles anything.

Needs Docker with Compose; takes minutes. `./dev test -m images` runs it.
"""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from devstack.services import SERVICES
from tests.acceptance.composed import Composed, composed_stack, run
from tests.acceptance.counting import (
    every_delivery_has_exactly_one_first_task,
    the_crm_holds_what_the_shop_said,
)
from tests.acceptance.promises import broken_promises
from tests.acceptance.shop import deliver, paid_order
from tests.waiting import eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.images]

OURS = tuple(service.name for service in SERVICES)
KILLED = (*OURS, "rabbitmq", "postgres", "prometheus")
DELIVERIES = 60
RATE = 20
PATIENCE_S = 180


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    with composed_stack(tmp_path_factory.mktemp("composed")) as stack:
        yield stack


async def test_nothing_starts_without_secrets(tmp_path: Path) -> None:
    (tmp_path / ".env").touch()
    (tmp_path / "trial.yml").write_text("services: {sandbox: {profiles: [demo]}}")
    with pytest.raises(AssertionError, match=r"[A-Z_]+ is not set, see deploy/docker/env\.sh"):
        Composed(tmp_path).compose("config", "--quiet")


@pytest.mark.parametrize("service", [*OURS, "sandbox"])
def test_a_service_runs_without_rights_on_a_root_it_can_not_write(stack: Composed, service: str) -> None:
    found = stack.inspect(service)
    assert found["Config"]["User"] == "10001:10001"
    assert found["HostConfig"]["ReadonlyRootfs"]
    title = found["Config"]["Labels"]["org.opencontainers.image.title"]
    assert found["Config"]["Image"] == f"{title}:local"
    wrote = run("docker", "exec", found["Id"], "sh", "-c", "touch /opt/syncledger/x 2>&1 || id -u")
    assert "Read-only" in wrote
    assert wrote.split()[-1] == "10001"


def test_services_began_after_the_one_migration(stack: Composed) -> None:
    migrated = stack.inspect("migrate")["State"]
    assert migrated["ExitCode"] == 0
    assert all(stack.inspect(name)["State"]["StartedAt"] > migrated["FinishedAt"] for name in OURS)
    shop, sandbox, demo = (stack.inspect(name)["State"] for name in ("demo-shop", "sandbox", "demo"))
    assert shop["FinishedAt"] < sandbox["StartedAt"] < demo["StartedAt"]
    assert (shop["ExitCode"], demo["ExitCode"]) == (0, 0)


async def test_every_account_of_the_demo_can_be_reached(stack: Composed) -> None:
    checks = "SELECT count(*) FILTER (WHERE state = 'succeeded') AS well, count(*) AS all FROM ledger.tasks "
    checks += "WHERE type IN ('CheckAccount', 'CheckWebhookSubscriptions')"

    async def all_are_well() -> bool:
        (found,) = await stack.fetch(checks)
        return bool(found["all"]) and found["well"] == found["all"]

    await eventually(all_are_well, 90)


async def test_each_container_is_killed_under_traffic_and_nothing_is_lost_or_doubled(stack: Composed) -> None:
    by_hand = await deliver(stack, "orders/paid", paid_order(77_001))
    assert by_hand.status_code == 200, by_hand.text
    paid: set[str] = {"77001"}
    for service in KILLED:
        burst = await _burst_with_kill(stack, service)
        assert burst["failed_for_good"] == [], service
        paid |= set(burst["expectation"]["paid_orders"])
    sent = DELIVERIES * len(KILLED) + 1
    await stack.wait_until_quiet(tasks=sent, timeout_s=PATIENCE_S)
    assert await broken_promises(stack) == {}
    await every_delivery_has_exactly_one_first_task(stack, deliveries=await _sent_by_the_shop(stack) + 1)
    await the_crm_holds_what_the_shop_said(stack, paid)


async def _sent_by_the_shop(stack: Composed) -> int:
    """More than the bursts: the shop also tells of what was done to it."""
    async with stack.sandbox() as sandbox:
        stats = (await sandbox.get("/control/shop/stats")).json()
    assert (stats["pending"], stats["failed_for_good"]) == (0, 0)
    return int(stats["distinct"])


async def _burst_with_kill(stack: Composed, service: str) -> dict[str, Any]:
    order = {"count": DELIVERIES, "rate": RATE, "duplicates": 0.1, "reordering": 0.1, "seed": service}
    async with stack.sandbox() as sandbox:
        place = (await sandbox.post("/control/shop/burst", json=order)).headers["Location"]

        async def progress() -> dict[str, Any]:
            return dict((await sandbox.get(place)).json())

        async with asyncio.timeout(PATIENCE_S):
            while (await progress())["delivered"] == 0:
                await asyncio.sleep(0.05)
            assert not (await progress())["done"], "the kill has to come while deliveries are under way"
            await stack.kill(service)
            while not (burst := await progress())["done"]:
                await asyncio.sleep(0.2)
        return burst


async def test_what_was_done_is_seen_in_the_api(stack: Composed) -> None:
    async with stack.api() as api:
        found = (await api.get("/tasks", params={"q": "77001", "type": "SyncOrder"})).json()
        assert [task["state"] for task in found["tasks"]] == ["succeeded"]
    async with httpx.AsyncClient(base_url=stack.facts["query_api_url"]) as browser:
        page = await browser.get("/", follow_redirects=True)
    assert page.status_code == 200
    assert "Syncledger" in page.text


async def test_prometheus_reaches_every_process_and_has_counted_the_deliveries(stack: Composed) -> None:
    async with httpx.AsyncClient(base_url=stack.facts["prometheus_url"], timeout=10) as prometheus:

        async def answers(query: str) -> list[dict[str, Any]]:
            found = (await prometheus.get("/api/v1/query", params={"query": query})).json()
            return list(found["data"]["result"])

        async def all_are_up() -> bool:
            up = {one["metric"]["job"] for one in await answers("up == 1")}
            return up == {*OURS, "prometheus", "rabbitmq", "rabbitmq-queues"} and not await answers("up == 0")

        await eventually(all_are_up, 90)
        assert await answers("sum(syncledger_deliveries_total) > 0")
        (addresses,) = await answers("syncledger_addresses_info")
        assert addresses["metric"]["console"] == "http://localhost:8080"

        async def watchdog_leads_there() -> bool:
            alerts = (await prometheus.get("/api/v1/alerts")).json()["data"]["alerts"]
            watchdogs = [one for one in alerts if one["labels"]["alertname"] == "SyncledgerWatchdog"]
            leads = [one["annotations"]["runbook_url"] for one in watchdogs]
            return leads == ["https://syncledger.example/runbook#syncledgerwatchdog"]

        await eventually(watchdog_leads_there, 90, what="the watchdog's alert leads to its page")


async def test_starting_it_again_changes_nothing(stack: Composed) -> None:
    before = await stack.fetch("SELECT id, name FROM admin.api_tokens")
    known = {name: stack.container(name) for name in OURS}
    await eventually(lambda: all(map(stack.is_well, OURS)), PATIENCE_S)
    stack.up()
    assert {name: stack.container(name) for name in OURS} == known
    assert await stack.fetch("SELECT id, name FROM admin.api_tokens") == before
    assert len(re.findall(r"sl_[\w-]+", stack.compose("logs", "--no-color", "demo"))) == 1
