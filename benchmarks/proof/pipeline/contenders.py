"""Who takes part, each with its own means and the same durability, and how to tell that its work is done.

Every message is persistent, in a quorum queue, confirmed when published and acked when its task is done;
every state that the system can record is in Postgres, committed to disk.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.proof.ground import Plot
from benchmarks.proof.pipeline.installing import PEERS_PYTHON
from benchmarks.proof.programs import Measured, module
from devstack.program import Program
from devstack.services import RECORDER

CONCURRENCY = 64  # of all processes of one contender together
PROCESSES = 2
_SIDES = "benchmarks.proof.pipeline.peers"


@dataclass(frozen=True)
class Contender:
    """All by commands; `done` names the query that counts the tasks of which everything is recorded."""

    name: str
    queue: tuple[str, ...]
    workers: dict[str, tuple[str, ...]]
    done: str
    prepare: tuple[tuple[str, ...], ...] = ()
    is_product: bool = False

    def programs(self, plot: Plot, **settings: str) -> Sequence[Program]:
        own = [Measured(plot, name, command, **settings) for name, command in self.workers.items()]
        return [plot.service(RECORDER), *own] if self.is_product else own


def _peer(name: str, *arguments: str) -> tuple[str, ...]:
    return module(name, *arguments, python=PEERS_PYTHON)


SYNCLEDGER = Contender(
    "Syncledger",
    queue=module("benchmarks.proof.pipeline.queueing"),
    workers={"worker": module("benchmarks.proof.pipeline.worker")},
    done="succeeded",
    is_product=True,
)
CELERY = Contender(
    "Celery",
    queue=_peer(f"{_SIDES}.celery_side"),
    workers={
        "celery": _peer(
            *("celery", "-A", f"{_SIDES}.celery_side", "worker", "--pool", "prefork", "-c", str(PROCESSES)),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        )
    },
    done="celery",
)
PROCRASTINATE = Contender(
    "Procrastinate",
    queue=_peer(f"{_SIDES}.procrastinate_side"),
    workers={
        "procrastinate": _peer(
            *("procrastinate", "--app", f"{_SIDES}.procrastinate_side.app", "worker"),
            *("--concurrency", str(CONCURRENCY)),
        )
    },
    done="procrastinate",
    prepare=(_peer("procrastinate", "--app", f"{_SIDES}.procrastinate_side.app", "schema", "--apply"),),
)
TASKIQ = Contender(
    "taskiq",
    queue=_peer(f"{_SIDES}.taskiq_side"),
    workers={
        "taskiq": _peer(
            *("taskiq", "worker", f"{_SIDES}.taskiq_side:broker", "--workers", str(PROCESSES)),
            *("--ack-type", "when_saved", "--log-level", "WARNING"),
            *("--max-async-tasks", str(CONCURRENCY // PROCESSES)),
        )
    },
    done="taskiq",
    prepare=(_peer(f"{_SIDES}.taskiq_side", "0", "noop"),),  # processes that make its table at once may fail
)
CONTENDERS = (SYNCLEDGER, CELERY, PROCRASTINATE, TASKIQ)
