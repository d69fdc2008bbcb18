"""What an operation would do, before anything is done: a dry run."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from query_api.operations.batchwise import EXAMPLES, GONE, within
from query_api.operations.pace import seconds_for
from query_api.operations.port import Share, Step, Verdict
from query_api.operations.selection import Selection, next_batch
from query_api.repository.records import TaskRow
from query_api.repository.tasks import tasks_by_id

LOOKED_AT_ONCE = 500
PATIENCE_S = 5.0


@dataclass(slots=True)
class Kept:
    """Tasks of one type that are left alone, or at risk, for one reason."""

    verdict: Verdict
    type: str
    count: int = 0
    tasks: list[UUID] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """`is_exact` False: there are more tasks than were looked at; the numbers are of those. `seconds`: until
    the last one is through."""

    matching: int = 0
    safe: int = 0
    kept: dict[tuple[str, str, str], Kept] = field(default_factory=dict)
    by_account: Counter[int] = field(default_factory=Counter)
    shares: Sequence[Share] = ()
    seconds: int = 0
    is_exact: bool = True

    @property
    def risky(self) -> int:
        return sum(one.count for one in self.kept.values() if one.verdict.is_risk)

    @property
    def left(self) -> int:
        return sum(one.count for one in self.kept.values() if not one.verdict.is_risk)

    def add(
        self, task_id: UUID, task: TaskRow | None, verdict: Verdict | None, *, accepts_risk: bool
    ) -> None:
        """`task` None: there is none that the asker may see."""
        self.matching += 1
        if verdict is None:
            self.safe += 1
        else:
            task_type = task.type if task else ""
            key = (verdict.reason, verdict.message, task_type)
            one = self.kept.setdefault(key, Kept(verdict, task_type))
            one.count += 1
            if len(one.tasks) < EXAMPLES:
                one.tasks.append(task_id)
        if task is not None and task.account_id and (verdict is None or (verdict.is_risk and accepts_risk)):
            self.by_account[task.account_id] += 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What is planned. `shop_ids` None: all shops; `per_second` None: as the step goes."""

    selection: Selection
    shop_ids: tuple[int, ...] | None
    accepts_risk: bool = False
    per_second: float | None = None


async def planned(connection: Any, step: Step, asked: Asked) -> Plan:
    """Looks at as many tasks as a person waits for."""
    plan, cursor, began = Plan(), None, time.monotonic()
    while True:
        batch = await next_batch(connection, asked.selection, cursor, limit=LOOKED_AT_ONCE)
        await _look(connection, step, asked, plan, batch.ids)
        if (cursor := batch.cursor) is None:
            break
        if time.monotonic() - began > PATIENCE_S:
            plan.is_exact = False
            break
    plan.shares = await step.shares(connection, plan.by_account)
    plan.seconds = _seconds(plan, step, asked)
    return plan


async def _look(connection: Any, step: Step, asked: Asked, plan: Plan, ids: Sequence[UUID]) -> None:
    rows = within(asked.shop_ids, await tasks_by_id(connection, ids))
    by_id: Mapping[UUID, TaskRow] = {row.task_id: row for row in rows}
    verdicts = await step.judge(connection, rows, None)
    for task_id in ids:
        verdict = verdicts.get(task_id) if task_id in by_id else GONE
        plan.add(task_id, by_id.get(task_id), verdict, accepts_risk=asked.accepts_risk)


def _seconds(plan: Plan, step: Step, asked: Asked) -> int:
    """The slowest account, or the operation itself."""
    rate = min(asked.per_second or step.per_second, step.per_second)
    tasks = plan.safe + (plan.risky if asked.accepts_risk else 0)
    return max([seconds_for(tasks, rate), *(share.seconds for share in plan.shares)])
