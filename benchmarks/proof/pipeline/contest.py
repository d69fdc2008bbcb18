"""Tasks a second, from the first that is queued to the last of which every state is recorded; their cost."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from subprocess import DEVNULL

from benchmarks.proof import crm
from benchmarks.proof.ground import Ground, Plot
from benchmarks.proof.pipeline.contenders import CONCURRENCY, CONTENDERS, Contender
from benchmarks.proof.pipeline.heat import Heat
from benchmarks.proof.pipeline.installing import install_peers
from benchmarks.proof.programs import Listening, module, running
from benchmarks.proof.used import cpu_s, memory_mb
from devstack.errors import StackError

WARMING_UP = 40
_TURN = 2_500


@dataclass
class Entrant:
    """A contender whose workers are up, and what it has been measured doing so far, of one kind of task."""

    name: str
    heat: Heat
    workers: Sequence[int]
    tasks: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0

    def warm_up(self, task: str) -> None:
        self.heat.work_off(WARMING_UP, task)
        self.tasks, self.seconds, self.cpu_s = 0, 0.0, 0.0

    def work_off(self, count: int, task: str) -> None:
        pids = [*self.workers, *self.heat.servers]
        before = cpu_s(pids)
        self.seconds += self.heat.work_off(count, task)
        self.cpu_s += cpu_s(pids) - before
        self.tasks += count

    def figures(self, task: str) -> Mapping[str, float]:
        name = f"{task}, {self.name}"
        return {
            f"{name}: tasks/s": self.tasks / self.seconds,
            f"{name}: CPU-s per 1,000": self.cpu_s / self.tasks * 1_000,
            f"{name}: memory, MB": memory_mb(self.workers),
            f"{name}: largest process, MB": max(memory_mb([pid]) for pid in self.workers),
        }


def measure(ground: Ground, counts: Mapping[str, int]) -> Mapping[str, float]:
    """So many tasks of each kind, `noop` and `crm`, to every contender, in turns: the machine's speed changes
    from one minute to the next."""
    install_peers()
    figures: dict[str, float] = {}
    with ExitStack() as opened:
        entrants = [opened.enter_context(entrant(ground, contender)) for contender in CONTENDERS]
        for task, count in counts.items():
            for one in entrants:
                one.warm_up(task)
            turns = max(1, count // _TURN)
            for turn in range(turns):
                for one in entrants[:: -1 if turn % 2 else 1]:
                    one.work_off(count // turns, task)
            for one in entrants:
                figures |= one.figures(task)
    return figures


@contextmanager
def entrant(ground: Ground, contender: Contender) -> Iterator[Entrant]:
    """One contender on a plot of its own."""
    with ground.plot(is_migrated=contender.is_product) as plot, _crm(plot) as crm_url:
        settings = {"CRM_URL": crm_url, "CRM_KEY": crm.KEY, "CONCURRENCY": str(CONCURRENCY)}
        environment = plot.environment(**settings)
        for command in contender.prepare:
            _do(command, environment)
        if contender.is_product:
            plot.add_shop()
        with running(programs := contender.programs(plot, **settings)):
            workers = [pid for program in programs for pid in program.pids.values()]
            yield Entrant(contender.name, Heat(contender, plot, environment), workers)


@contextmanager
def _crm(plot: Plot) -> Iterator[str]:
    server = Listening(plot, "crm", module("benchmarks.proof.crm"))
    with running([server]):
        yield server.address


def _do(command: tuple[str, ...], environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, env=dict(environment), cwd="/", stdin=DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise StackError(f"{' '.join(command[1:4])} failed:\n{done.stderr[-2000:]}")
