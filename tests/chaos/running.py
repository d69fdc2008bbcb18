"""One run: a stack behind passages, traffic, faults, quiet, and a history to judge."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from devstack.ports import free_port
from devstack.servers import OwnPostgres, OwnRabbit
from devstack.services import DOORS, SERVICES
from tests.acceptance.stack import Stack, running_stack
from tests.chaos import gathering, messages
from tests.chaos import history as told
from tests.chaos.clocks import find_faketime
from tests.chaos.history import History
from tests.chaos.injecting import inject_all
from tests.chaos.passage import passage_to
from tests.chaos.processes import environment_of
from tests.chaos.scene import Scene, insistently
from tests.chaos.schedule import POSTGRES, RABBITMQ, Fault, Kind
from tests.chaos.watching import watched

BURST, PACKING = "/control/shop/burst", "/control/packing"
PACKED_EVERY_S = 2
QUIET_WITHIN_S = 600.0


@dataclass(frozen=True)
class Plan:
    """`rate`: deliveries a second for `length_s`; a tenth of them comes twice, a tenth out of order."""

    seed: str
    length_s: float
    rate: float
    faults: Sequence[Fault]

    @property
    def burst(self) -> dict[str, Any]:
        shares = {"duplicates": 0.1, "reordering": 0.1}
        return {"count": int(self.rate * self.length_s), "rate": self.rate, "seed": self.seed, **shares}


@contextmanager
def scene_in(
    data: Path, servers: tuple[OwnPostgres, OwnRabbit], history: History, plan: Plan
) -> Iterator[Scene]:
    """A stack of its own, every connection of which leads through a passage."""
    postgres, rabbitmq = servers
    with ExitStack() as opened:
        passages = {
            POSTGRES: opened.enter_context(passage_to(postgres.url)),
            RABBITMQ: opened.enter_context(passage_to(rabbitmq.url)),
        }
        through = {"DATABASE_URL": passages[POSTGRES].url, "RABBITMQ_URL": passages[RABBITMQ].url}
        ports = {service.port_variable: str(free_port()) for service in DOORS}
        stack = opened.enter_context(running_stack(data, postgres, rabbitmq, through | ports))
        pids = stack.facts["pids"]
        environments = {service.name: environment_of(pids[service.name]) for service in SERVICES}
        needs_clock = any(fault.kind is Kind.CLOCK for fault in plan.faults)
        yield Scene(stack, history, passages, environments, find_faketime() if needs_clock else None)


async def carry_out(scene: Scene, plan: Plan) -> None:
    """Returns once all is quiet, or does not become so, and everything is noted."""
    scene.history.note(told.RUN, seed=plan.seed, length_s=plan.length_s, rate=plan.rate)
    ports = {name: int(environment["PORT"]) for name, environment in scene.environments.items()}
    async with watched(scene.stack, scene.history, ports), scene.stack.sandbox() as sandbox:
        burst_id = (await sandbox.post(BURST, json=plan.burst)).json()["id"]
        await sandbox.patch(PACKING, json={"every_s": PACKED_EVERY_S})
        await inject_all(scene, plan.faults)
        await _sent(sandbox, burst_id)
        await sandbox.patch(PACKING, json={"every_s": 0})
        if any(fault.kind is Kind.QUEUE_DELETED for fault in plan.faults):
            await messages.requeue(scene)
        await _quiet(scene, plan)
        burst = (await sandbox.get(f"{BURST}s/{burst_id}", timeout=60)).json()
        await _note(scene, sandbox, burst)


async def _sent(sandbox: httpx.AsyncClient, burst_id: str) -> None:
    async with asyncio.timeout(QUIET_WITHIN_S):
        while not (await sandbox.get(f"{BURST}s/{burst_id}?brief=1")).json()["done"]:
            await asyncio.sleep(0.5)


async def _quiet(scene: Scene, plan: Plan) -> None:
    try:
        await scene.stack.wait_until_quiet(tasks=plan.burst["count"], timeout_s=QUIET_WITHIN_S)
    except AssertionError as error:
        scene.history.note(told.STUCK, said=str(error))


async def _note(scene: Scene, sandbox: httpx.AsyncClient, burst: dict[str, Any]) -> None:
    history, stack = scene.history, scene.stack
    gathering.note_sent(history, burst)
    await insistently(lambda: gathering.note_log(history, stack.fetch))
    await insistently(lambda: gathering.note_store(history, stack.fetch))
    crm = "/control/engage"
    receipts, orders, counts = [
        (await sandbox.get(f"{crm}/{page}", timeout=60)).json() for page in ("receipts", "orders", "counts")
    ]
    gathering.note_crm(history, receipts["receipts"], orders, counts)
    gathering.note_shop(history, (await sandbox.get("/control/shop/effects")).json()["by_tracking_number"])
    await messages.note_dead_letters(scene)
    logs = (stack.data / "logs").glob("*.log")
    gathering.note_leaks(history, logs, _secrets(stack), _people(burst))


def _secrets(stack: Stack) -> list[str]:
    kept = json.loads((stack.data / "secrets.json").read_text())
    return [secret for value in kept.values() for secret in ([value] if isinstance(value, str) else value)]


def _people(burst: dict[str, Any]) -> set[str]:
    customers = burst["expectation"]["customers"].values()
    return {customer["email"].lower() for customer in customers if customer.get("email")}
