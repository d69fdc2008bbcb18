"""A real Prometheus scrapes the running stack: every rule evaluates and every panel has something to show."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from devstack.ports import free_port
from devstack.prometheus import find_prometheus
from devstack.services import SERVICES
from tests.acceptance.shop import deliver, paid_order
from tests.acceptance.stack import Stack
from tests.deploy.watching import DASHBOARDS, PROMETHEUS, RULES, queries, recorded, rules

pytestmark = pytest.mark.acceptance

PATIENCE_S = 120


@pytest.fixture(scope="module")
def prometheus(shared_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one that scrapes the stack each second."""
    programs, port = find_prometheus(print), free_port()
    home = tmp_path_factory.mktemp("prometheus")
    (home / "prometheus.yml").write_text(yaml.safe_dump(_configuration(shared_stack, home)))
    command = [
        str(programs / "prometheus"),
        f"--config.file={home / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(30)


def _configuration(stack: Stack, home: Path) -> dict[str, Any]:
    """Ours, but that each process is told by its address, and everything is looked at each second."""
    for path in RULES:
        (home / path.name).write_text(path.read_text().replace("interval: 30s", "interval: 1s"))
    pids = stack.facts["pids"]
    return {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(home / path.name) for path in RULES],
        "scrape_configs": [
            {
                "job_name": service.name,
                "static_configs": [{"targets": [f"127.0.0.1:{_port(pids[service.name])}"]}],
            }
            for service in SERVICES
        ]
        + _of_the_broker(stack),
    }


def _of_the_broker(stack: Stack) -> list[dict[str, Any]]:
    """Its jobs as they are configured, but for the address."""
    jobs = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    static = {"static_configs": [{"targets": [stack.rabbitmq.metrics_address]}]}
    ours = [job for job in jobs if job["job_name"].startswith("rabbitmq")]
    return [{key: job[key] for key in job if key != "dns_sd_configs"} | static for job in ours]


def _port(pid: int) -> str:
    environment = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return next(line.removeprefix("PORT=") for line in environment if line.startswith("PORT="))


async def test_every_query_has_an_answer_from_the_running_stack(shared_stack: Stack, prometheus: str) -> None:
    wanted = {query for path in DASHBOARDS for query in queries(path)} | recorded()
    deadline = time.monotonic() + PATIENCE_S
    async with httpx.AsyncClient(base_url=prometheus, timeout=10) as client:
        while wanted and time.monotonic() < deadline:
            await _some_traffic(shared_stack)
            wanted -= {query for query in wanted if await _answers(client, query, shared_stack)}
    assert wanted == set()


async def test_every_rule_evaluates(prometheus: str) -> None:
    async with httpx.AsyncClient(base_url=prometheus, timeout=10) as client, asyncio.timeout(PATIENCE_S):
        while (found := await _evaluated(client)) is None:
            await asyncio.sleep(0.5)
    assert len(found) == len(rules())
    assert {rule["name"]: rule["lastError"] for rule in found if rule["health"] != "ok"} == {}


async def _evaluated(client: httpx.AsyncClient) -> list[dict[str, Any]] | None:
    """All rules, once each was evaluated."""
    try:
        groups = (await client.get("/api/v1/rules")).json()["data"]["groups"]
    except (httpx.TransportError, ValueError):
        return None
    found = [rule | {"lastError": rule.get("lastError", "")} for group in groups for rule in group["rules"]]
    return found if found and all(rule["health"] != "unknown" for rule in found) else None


async def _some_traffic(stack: Stack) -> None:
    accepted = await deliver(stack, "orders/paid", paid_order(time.time_ns() // 1_000_000))
    assert accepted.status_code == 200
    async with stack.api() as api:
        await api.get("/tasks")
    await asyncio.sleep(1)


async def _answers(client: httpx.AsyncClient, query: str, stack: Stack) -> bool:
    shop = stack.facts["demo_shop"]["domain"]
    asked = query.replace("$type", ".*").replace("$shop", shop)
    try:
        answer = (await client.get("/api/v1/query", params={"query": asked})).json()
    except httpx.TransportError:
        return False
    assert answer["status"] == "success", answer
    return bool(answer["data"]["result"])
