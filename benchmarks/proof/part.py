"""A part of the benchmark: what it measures, how much of it, and what is asked of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks.proof.figures import Figures, Target
from benchmarks.proof.ground import Ground
from query_api.task_query import SORTS


@dataclass(frozen=True)
class Amount:
    """How much is measured in each run. `query_logs`: databases that are asked instead of new ones."""

    deliveries: int
    tasks: int
    crm_tasks: int
    transitions: int
    customers: int
    probes: int
    import_orders: int
    waiting_tasks: int
    outage_s: float
    query_sizes: tuple[int, ...]
    query_rounds: int
    query_sorts: Sequence[str] = SORTS
    query_logs: tuple[str, ...] = ()


QUICK = Amount(
    deliveries=1_000,
    tasks=1_000,
    crm_tasks=50,
    transitions=5_000,
    customers=100,
    probes=3,
    import_orders=100,
    waiting_tasks=20,
    outage_s=1,
    query_sizes=(1_000, 4_000),
    query_rounds=1,
    query_sorts=("-created",),
)
FULL = Amount(
    deliveries=20_000,
    tasks=5_000,
    crm_tasks=1_000,
    transitions=100_000,
    customers=8_000,
    probes=40,
    import_orders=10_000,
    waiting_tasks=3_000,
    outage_s=60,
    query_sizes=(100_000, 1_000_000),
    query_rounds=10,
)
LONG = replace(
    FULL,
    tasks=20_000,
    crm_tasks=5_000,
    transitions=500_000,
    customers=40_000,
    probes=100,
    import_orders=250_000,
    waiting_tasks=100_000,
    outage_s=3_600,
    query_sizes=(100_000, 1_000_000, 10_000_000),
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
