"""Tasks a second, from the first that is queued to the last of which every state is recorded; their cost."""

import asyncio
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.proof import crm
from benchmarks.proof.ground import Ground, Plot
from benchmarks.proof.pipeline.contenders import CONCURRENCY, CONTENDERS, Contender
from benchmarks.proof.pipeline.installing import install_peers
from benchmarks.proof.programs import Listening, module, running
from benchmarks.proof.seeing import until
from benchmarks.proof.used import cpu_s, memory_mb
from devstack.errors import StackError
from devstack.program import Program

WARMING_UP = 40


@dataclass(frozen=True)
class Result:
    seconds: float
    cpu_s: float
    memory_mb: float
    largest_mb: float


def measure(ground: Ground, *, count: int, task: str) -> Mapping[str, float]:
    """Every contender once, one after the other, with so many tasks of a kind: `noop` or `crm`."""
    install_peers()
    figures: dict[str, float] = {}
    for contender in CONTENDERS:
        result = run(ground, contender, count, task)
        figures[f"{task}, {contender.name}: tasks/s"] = count / result.seconds
        figures[f"{task}, {contender.name}: CPU-s per 1,000"] = result.cpu_s / count * 1_000
        figures[f"{task}, {contender.name}: memory, MB"] = result.memory_mb
        figures[f"{task}, {contender.name}: largest process, MB"] = result.largest_mb
    return figures


def run(ground: Ground, contender: Contender, count: int, task: str) -> Result:
    """One contender, warmed up, on a plot of its own."""
    with ground.plot(is_migrated=contender.is_product) as plot, _crm(plot, task) as crm_url:
        settings = {"CRM_URL": crm_url, "CRM_KEY": crm.KEY, "CONCURRENCY": str(CONCURRENCY)}
        environment = plot.environment(**settings)
        for command in contender.prepare:
            _do(command, environment)
        if contender.is_product:
            plot.add_shop()
        programs = contender.programs(plot, **settings)
        with running(programs):
            return _timed(contender, programs, environment, _Work(plot, count, task))


@dataclass(frozen=True)
class _Work:
    plot: Plot
    count: int
    task: str


def _timed(
    contender: Contender, programs: Sequence[Program], environment: Mapping[str, str], work: _Work
) -> Result:
    queue = (*contender.queue,)
    _do((*queue, str(WARMING_UP), work.task), environment)
    asyncio.run(until(work.plot.database_url, contender.done, WARMING_UP))
    workers = [pid for program in programs for pid in program.pids.values()]
    pids = [*workers, *(pid for server in work.plot.ground.servers.values() for pid in server.pids.values())]
    used, began = cpu_s(pids), time.monotonic()
    _do((*queue, str(work.count), work.task), environment)
    asyncio.run(until(work.plot.database_url, contender.done, WARMING_UP + work.count))
    seconds, used = time.monotonic() - began, cpu_s(pids) - used
    return Result(seconds, used, memory_mb(workers), max(memory_mb([pid]) for pid in workers))


@contextmanager
def _crm(plot: Plot, task: str) -> Iterator[str]:
    if task != "crm":
        yield crm.NOBODY
        return
    server = Listening(plot, "crm", module("benchmarks.proof.crm"))
    with running([server]):
        yield server.address


def _do(command: tuple[str, ...], environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, env=dict(environment), cwd="/", capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise StackError(f"{' '.join(command[1:4])} failed:\n{done.stderr[-2000:]}")
