"""Which kinds of operations there are, and what each does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from query_api.operations.batchwise import Batchwise
from query_api.operations.cancelling import Cancelling
from query_api.operations.deleting import Deleting
from query_api.operations.exporting import Exporting
from query_api.operations.port import Job, Kind, Step
from query_api.operations.retrying import Publish, Retrying
from query_api.operations.runner import Runner
from shared.vault import Vault


@dataclass(frozen=True, slots=True)
class Operations:
    """`steps`: the kinds that do the same to one task after the other."""

    retrying: Retrying
    cancelling: Cancelling
    steps: Mapping[Kind, Step]
    runner: Runner


def build_operations(pool: Any, vault: Vault, publish: Publish, *, instance: str) -> Operations:
    retrying = Retrying(pool, vault, publish)
    cancelling = Cancelling(pool, vault, publish)
    steps: dict[Kind, Step] = {Kind.RETRY: retrying, Kind.CANCEL: cancelling, Kind.DELETE: Deleting()}
    jobs: dict[Kind, Job] = {kind: Batchwise(pool, step) for kind, step in steps.items()}
    jobs[Kind.EXPORT] = Exporting(pool, vault)
    return Operations(retrying, cancelling, steps, Runner(pool, jobs, instance=instance))
