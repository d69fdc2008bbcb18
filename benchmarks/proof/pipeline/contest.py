"""Tasks a second, from the first that is queued to the last of which every state is recorded; their cost."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.proof import crm
from benchmarks.proof.ground import Ground, Plot
from benchmarks.proof.pipeline.contenders import CONCURRENCY, CONTENDERS, Contender
from benchmarks.proof.pipeline.heat import Heat
from benchmarks.proof.pipeline.installing import install_peers
from benchmarks.proof.programs import Listening, module, running
from benchmarks.proof.used import cpu_s, memory_mb
from devstack.errors import StackError

WARMING_UP = 40


@dataclass(frozen=True)
class Result:
    seconds: float
    cpu_s: float
    memory_mb: float
    largest_mb: float


def measure(ground: Ground, counts: Mapping[str, int]) -> Mapping[str, float]:
    """Every contender once, one after the other, with so many tasks of each kind: `noop`, `crm`."""
    install_peers()
    figures: dict[str, float] = {}
    for contender in CONTENDERS:
        for task, result in run(ground, contender, counts).items():
            name = f"{task}, {contender.name}"
            figures[f"{name}: tasks/s"] = counts[task] / result.seconds
            figures[f"{name}: CPU-s per 1,000"] = result.cpu_s / counts[task] * 1_000
            figures[f"{name}: memory, MB"] = result.memory_mb
            figures[f"{name}: largest process, MB"] = result.largest_mb
    return figures


def run(ground: Ground, contender: Contender, counts: Mapping[str, int]) -> Mapping[str, Result]:
    """One contender on a plot of its own, warmed up for each kind."""
    with ground.plot(is_migrated=contender.is_product) as plot, _crm(plot) as crm_url:
        settings = {"CRM_URL": crm_url, "CRM_KEY": crm.KEY, "CONCURRENCY": str(CONCURRENCY)}
        environment = plot.environment(**settings)
        for command in contender.prepare:
            _do(command, environment)
        if contender.is_product:
            plot.add_shop()
        with running(programs := contender.programs(plot, **settings)):
            workers = [pid for program in programs for pid in program.pids.values()]
            heat = Heat(contender, plot, environment)
            return {task: _timed(heat, task, counts[task], workers) for task in counts}


def _timed(heat: Heat, task: str, count: int, workers: Sequence[int]) -> Result:
    heat.work_off(WARMING_UP, task)
    pids = [*workers, *heat.servers]
    before = cpu_s(pids)
    seconds = heat.work_off(count, task)
    largest = max(memory_mb([pid]) for pid in workers)
    return Result(seconds, cpu_s(pids) - before, memory_mb(workers), largest)


@contextmanager
def _crm(plot: Plot) -> Iterator[str]:
    server = Listening(plot, "crm", module("benchmarks.proof.crm"))
    with running([server]):
        yield server.address


def _do(command: tuple[str, ...], environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, env=dict(environment), cwd="/", capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise StackError(f"{' '.join(command[1:4])} failed:\n{done.stderr[-2000:]}")
