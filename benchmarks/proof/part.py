"""A part of the benchmark: what it measures, how much of it, and what is asked of it."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.proof.figures import Figures, Target
from benchmarks.proof.ground import Ground


@dataclass(frozen=True)
class Amount:
    """How much is measured in each run."""

    deliveries: int
    tasks: int
    crm_tasks: int
    transitions: int
    probes: int
    load_s: float
    import_orders: int
    waiting_tasks: int
    outage_s: float
    query_sizes: tuple[int, ...]
    query_rounds: int


QUICK = Amount(
    deliveries=2_000,
    tasks=1_000,
    crm_tasks=400,
    transitions=20_000,
    probes=10,
    load_s=5,
    import_orders=1_000,
    waiting_tasks=200,
    outage_s=5,
    query_sizes=(10_000, 50_000),
    query_rounds=2,
)
FULL = Amount(
    deliveries=20_000,
    tasks=10_000,
    crm_tasks=3_000,
    transitions=200_000,
    probes=60,
    load_s=30,
    import_orders=250_000,
    waiting_tasks=100_000,
    outage_s=3_600,
    query_sizes=(100_000, 1_000_000),
    query_rounds=20,
)


@dataclass(frozen=True)
class Part:
    """`about`: what is measured, for the reader of the figures. `most_runs`: of what takes hours."""

    name: str
    title: str
    about: str
    measure: Callable[[Ground, Amount], Figures]
    targets: tuple[Target, ...] = ()
    most_runs: int | None = None
