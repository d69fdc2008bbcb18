"""One run: a stack behind passages, traffic, faults, quiet, and a history to judge."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from devstack import demo
from devstack.ports import free_port
from devstack.servers import OwnPostgres, OwnRabbit
from devstack.services import DOORS, SERVICES
from shared.topology import WAIT_LADDER_MS
from tests.acceptance.stack import Stack, running_stack
from tests.acceptance.write_backs import bringing_forward
from tests.chaos import history as told
from tests.chaos import messages
from tests.chaos.asking import ask
from tests.chaos.clocks import find_faketime
from tests.chaos.history import History
from tests.chaos.injecting import inject_all
from tests.chaos.log_rules import RECORDED_WITHIN
from tests.chaos.noting import note_all
from tests.chaos.passage import passage_to
from tests.chaos.processes import environment_of
from tests.chaos.scene import Scene, meanwhile, nothing
from tests.chaos.schedule import POSTGRES, RABBITMQ, Fault, Kind
from tests.chaos.watching import watched

BURST, PACKING = "/control/shop/burst", "/control/packing"
PACKED_EVERY_S = 2
QUIET_WITHIN_S = 900.0


@dataclass(frozen=True)
class Plan:
    """`rate`: deliveries a second for `length_s`; a tenth of them comes twice, a tenth out of order.

    `longest_wait_ms`: once the faults are over nothing waits longer for its next attempt."""

    seed: str
    length_s: float
    rate: float
    faults: Sequence[Fault]
    longest_wait_ms: int = 60_000

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
        _connect_sellers(stack)
        pids = stack.facts["pids"]
        environments = {service.name: environment_of(pids[service.name]) for service in SERVICES}
        needs_clock = any(fault.kind is Kind.CLOCK for fault in plan.faults)
        yield Scene(stack, history, passages, environments, find_faketime() if needs_clock else None)


def _connect_sellers(stack: Stack) -> None:
    """The marketplaces whose orders are packed, too: each reads its orders at once."""
    for create in (demo.create_amazon_account, demo.create_ebay_account):
        create(stack.administer, sandbox_url=stack.facts["sandbox_url"], works_by_itself=True)


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
        is_lossy = any(fault.kind is Kind.QUEUE_DELETED for fault in plan.faults)
        async with meanwhile(messages.requeueing(scene) if is_lossy else nothing()):
            await _quiet(scene, plan, sandbox)
        burst = await ask(sandbox, f"shop/bursts/{burst_id}")
        await note_all(scene, sandbox, burst)


async def _sent(sandbox: httpx.AsyncClient, burst_id: str) -> None:
    async with asyncio.timeout(QUIET_WITHIN_S):
        while not (await ask(sandbox, f"shop/bursts/{burst_id}?brief=1"))["done"]:
            await asyncio.sleep(0.5)


async def _quiet(scene: Scene, plan: Plan, sandbox: httpx.AsyncClient) -> None:
    """Until nothing is on its way any more; what is told to the shop makes it tell in turn."""
    waits = [f"wait.{delay_ms}" for delay_ms in WAIT_LADDER_MS if delay_ms > plan.longest_wait_ms]
    hurrying = bringing_forward(scene.stack.rabbitmq.url, waits)
    try:
        async with meanwhile(hurrying), asyncio.timeout(QUIET_WITHIN_S):
            while await _pending(sandbox) > 0 or not await _stays_quiet(scene, plan, sandbox):
                await asyncio.sleep(0.5)
        scene.history.note(told.QUIET)
    except (AssertionError, TimeoutError) as error:
        scene.history.note(told.STUCK, said=str(error))


async def _stays_quiet(scene: Scene, plan: Plan, sandbox: httpx.AsyncClient) -> bool:
    await asyncio.sleep(RECORDED_WITHIN.total_seconds())
    await scene.stack.wait_until_quiet(tasks=plan.burst["count"], timeout_s=QUIET_WITHIN_S)
    return await _pending(sandbox) == 0


async def _pending(sandbox: httpx.AsyncClient) -> int:
    """Deliveries that the shop has to repeat, or is about to send."""
    return int((await ask(sandbox, "shop/stats"))["pending"])
