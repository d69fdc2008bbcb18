"""Deliveries a second and how long senders wait, beside the same server that does less."""

import json
import subprocess
from collections.abc import Mapping

from benchmarks.proof.figures import percentile
from benchmarks.proof.ground import WEBHOOK_SECRET, Ground, Plot
from benchmarks.proof.ingest.door import DOORS
from benchmarks.proof.ingest.sending import Sent
from benchmarks.proof.programs import Measured, module, running
from benchmarks.proof.used import memory_mb
from devstack.errors import StackError
from devstack.program import Program
from devstack.services import INGEST, is_ready

OURS = "ingest"


class _Door(Measured):
    """Ready when it says so."""

    def answers(self) -> bool:
        return is_ready(self.address)


def measure(ground: Ground, *, count: int) -> Mapping[str, float]:
    """Every door once, one after the other, with so many deliveries."""
    figures: dict[str, float] = {}
    for name in (OURS, *DOORS):
        figures |= _figures_of(ground, name, count)
    return figures


def _figures_of(ground: Ground, name: str, count: int) -> Mapping[str, float]:
    with ground.plot() as plot:
        plot.add_shop()
        program, address = _program(plot, name)
        with running([program]):
            sent = sending(plot, address, count)
            used = memory_mb(program.pids.values())
    return {
        f"{name}: requests/s": count / sent.seconds,
        f"{name}: p50, ms": percentile(sent.answers, 50) * 1_000,
        f"{name}: p99, ms": percentile(sent.answers, 99) * 1_000,
        f"{name}: memory, MB": used,
    }


def _program(plot: Plot, name: str) -> tuple[Program, str]:
    if name == OURS:
        service = plot.service(INGEST)
        return service, f"http://127.0.0.1:{service.environment['PORT']}"
    command = module("benchmarks.proof.ingest.door")
    door = _Door(plot, f"door-{name}", command, DOOR=name, WEBHOOK_SECRET=WEBHOOK_SECRET)
    return door, door.address


def sending(plot: Plot, address: str, count: int) -> Sent:
    """What the sender, a process of its own, found. Raises StackError."""
    command = module("benchmarks.proof.ingest.sending", address, str(count), plot.name)
    environment = plot.environment(WEBHOOK_SECRET=WEBHOOK_SECRET)
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"Deliveries could not be sent:\n{done.stderr[-2000:]}")
    return Sent(*json.loads(done.stdout))
