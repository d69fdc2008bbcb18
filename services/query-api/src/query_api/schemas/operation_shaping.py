"""From operations and plans to answers. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from query_api.operations.exporting import file_of
from query_api.operations.planning import Kept, Plan
from query_api.operations.port import Operation
from query_api.problems import API_VERSION_1
from query_api.schemas.operations import (
    AccountShare,
    OperationFile,
    OperationOut,
    OperationPlan,
    Outcomes,
    PlannedTasks,
    SkippedTasks,
)
from shared.envelope import utc_now

_OWN = (
    *("id", "kind", "state", "requested_by", "options", "total", "done", "skipped", "failed", "problem"),
    *("created_at", "started_at", "updated_at", "finished_at", "expires_at"),
)


def operation(row: Operation) -> OperationOut:
    per_second = _per_second(row)
    return OperationOut(
        **{name: getattr(row, name) for name in _OWN},
        filter=row.selection.get("filter"),
        frozen_at=row.selection.get("frozen_at"),
        skipped_tasks=[
            SkippedTasks(reason=reason, **found) for reason, found in row.summary.get("skipped", {}).items()
        ],
        per_second=per_second,
        seconds_left=_seconds_left(row, per_second),
        file=_file(row),
    )


def plan(planned: Plan) -> OperationPlan:
    return OperationPlan(
        matching=planned.matching,
        safe=planned.safe,
        risky=planned.risky,
        left_alone=planned.left,
        is_exact=planned.is_exact,
        seconds=planned.seconds,
        accounts=[AccountShare(**asdict(share)) for share in planned.shares],
        at_risk=[_tasks(one) for one in planned.kept.values() if one.verdict.is_risk],
        not_done=[_tasks(one) for one in planned.kept.values() if not one.verdict.is_risk],
    )


def outcomes(counted: Mapping[str, int], *, most: int) -> Outcomes:
    """`counted`: by state."""
    over = {"succeeded", "failed", "cancelled"}
    return Outcomes(
        succeeded=counted.get("succeeded", 0),
        failed=counted.get("failed", 0),
        cancelled=counted.get("cancelled", 0),
        pending=sum(n for state, n in counted.items() if state not in over),
        is_exact=sum(counted.values()) < most,
    )


def _file(row: Operation) -> OperationFile | None:
    made = file_of(row)
    if made is None or row.expires_at is None or row.expires_at <= utc_now():
        return None
    return OperationFile(
        href=f"{API_VERSION_1}/operations/{row.id}/file",
        name=made.name,
        media_type=made.media_type,
        size=made.size,
    )


def _tasks(kept: Kept) -> PlannedTasks:
    verdict = kept.verdict
    facts: dict[str, Any] = {"count": kept.count, "tasks": kept.tasks, "type": kept.type or None}
    return PlannedTasks(reason=verdict.reason, message=verdict.message, **facts)


def _gone_through(row: Operation) -> int:
    return row.done + row.skipped + row.failed


def _per_second(row: Operation) -> float | None:
    if row.started_at is None or not _gone_through(row):
        return None
    took_s = ((row.finished_at or row.updated_at) - row.started_at).total_seconds()
    return round(_gone_through(row) / took_s, 1) if took_s > 0 else None


def _seconds_left(row: Operation, per_second: float | None) -> int | None:
    if row.finished_at is not None or row.total is None or not per_second:
        return None
    return max(0, round((row.total - _gone_through(row)) / per_second))
