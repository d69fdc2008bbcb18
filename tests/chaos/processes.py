"""What is done to processes: they end, stand still, run twice, and run with another clock."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from devstack.child import Child, Launch
from devstack.ports import free_port
from devstack.services import SERVICES
from devstack.workspace import program
from tests.chaos.doors import visit_both
from tests.chaos.history import Facts
from tests.chaos.scene import Scene, insistently, meanwhile, nothing
from tests.chaos.schedule import EVERYTHING, INGEST, PROCESSES, Fault

STOP_GRACE_S = 40.0
JUMPS = ("+0", "+120s", "-120s")  # the tolerance of signatures with a time is five minutes


@asynccontextmanager
async def killed(scene: Scene, fault: Fault, facts: Facts) -> AsyncIterator[None]:
    """SIGKILL; the stack starts it again."""
    await _signal(scene, fault.target, signal.SIGKILL)
    yield


@asynccontextmanager
async def stopped(scene: Scene, fault: Fault, facts: Facts) -> AsyncIterator[None]:
    """SIGSTOP, later SIGCONT: to others it looks alive, and what it holds it goes on holding."""
    pid = await _signal(scene, fault.target, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def doubled(scene: Scene, fault: Fault, facts: Facts) -> AsyncIterator[None]:
    """A second process of it, or of each, which ends as in a rollout."""
    names = PROCESSES if fault.target == EVERYTHING else (fault.target,)
    async with AsyncExitStack() as twins:
        for name in names:
            await twins.enter_async_context(_twin(scene, replace(fault, target=name), {}))
        yield


@asynccontextmanager
async def misdated(scene: Scene, fault: Fault, facts: Facts) -> AsyncIterator[None]:
    """A second process of it, whose clock jumps ahead and back; what it measures durations with does not."""
    clock = scene.stack.data / f"clock-{fault.number}"
    _set(clock, JUMPS[0])
    jumping = _jump(clock, fault.lasts_s / len(JUMPS))
    async with _twin(scene, fault, _shifted_by(clock, scene.faketime)), meanwhile(jumping):
        yield


async def _jump(clock: Path, every_s: float) -> None:
    for shift in JUMPS:
        await asyncio.to_thread(_set, clock, shift)
        await asyncio.sleep(every_s)


def _set(clock: Path, shift: str) -> None:
    """In one step: it is read at any moment."""
    draft = clock.with_suffix(".new")
    draft.write_text(shift)
    draft.replace(clock)


def _shifted_by(clock: Path, library: Path | None) -> dict[str, str]:
    assert library is not None
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


@asynccontextmanager
async def _twin(scene: Scene, fault: Fault, changes: dict[str, str]) -> AsyncIterator[None]:
    """Started as the stack starts it, on a port of its own; what knocks at doors knocks at both."""
    service = next(service for service in SERVICES if service.name == fault.target)
    executable, *arguments = service.command
    port = free_port()
    environment = dict(scene.environments[fault.target]) | {"PORT": str(port)} | changes
    log = scene.stack.data / "logs" / f"{fault.target}-twin.log"
    twin = Child(Launch(fault.target, (program(executable), *arguments), log, env=environment))
    visits = visit_both(scene, fault, f"http://127.0.0.1:{port}") if fault.target == INGEST else nothing()
    try:
        async with meanwhile(visits):
            yield
    finally:
        await asyncio.to_thread(twin.stop, STOP_GRACE_S)


async def _signal(scene: Scene, name: str, number: signal.Signals) -> int:
    """To the process that runs now, once there is one."""
    struck: list[int] = []

    async def strike() -> None:
        pid = scene.stack.facts["pids"][name]
        os.kill(pid, number)
        struck.append(pid)

    await insistently(strike, ProcessLookupError, KeyError)
    return struck[0]


def environment_of(pid: int) -> dict[str, str]:
    """What the process was started with."""
    pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)
