"""Deliveries a second and how long senders wait, beside the same server that does less."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

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
_TURN = 2_000


class _Door(Measured):
    """Ready when it says so."""

    def answers(self) -> bool:
        return is_ready(self.address)


def measure(ground: Ground, *, count: int) -> Mapping[str, float]:
    """So many deliveries to every door, in turns: the machine's speed changes from one minute to the next."""
    with ExitStack() as opened:
        doors = {name: opened.enter_context(_opened(ground, name)) for name in (OURS, *DOORS)}
        turns = max(1, count // _TURN)
        for turn in range(turns):
            for door in list(doors.values())[:: -1 if turn % 2 else 1]:
                door.sent.append(sending(door.plot, door.address, count // turns))
        figures = [door.figures(name) for name, door in doors.items()]
    return {name: value for some in figures for name, value in some.items()}


@dataclass
class _Opened:
    """A server that is up, and what was sent to it so far."""

    plot: Plot
    program: Program
    address: str
    sent: list[Sent] = field(default_factory=list)

    def figures(self, name: str) -> Mapping[str, float]:
        answers = [answer for one in self.sent for answer in one.answers]
        return {
            f"{name}: requests/s": len(answers) / sum(one.seconds for one in self.sent),
            f"{name}: p50, ms": percentile(answers, 50) * 1_000,
            f"{name}: p99, ms": percentile(answers, 99) * 1_000,
            f"{name}: memory, MB": memory_mb(self.program.pids.values()),
        }


@contextmanager
def _opened(ground: Ground, name: str) -> Iterator[_Opened]:
    with ground.plot() as plot:
        plot.add_shop()
        program, address = _program(plot, name)
        with running([program]):
            yield _Opened(plot, program, address)


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
