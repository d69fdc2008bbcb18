"""Goes through an operation's tasks some at a time, at a rate, and does its kind's step to each."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from query_api.operations.pace import batch_size, rest_s
from query_api.operations.port import Held, Operation, Progress, Step, Unworkable, Verdict
from query_api.operations.selection import Filtered, Json, Named, Selection, from_json, next_batch
from query_api.repository.connections import snapshot
from query_api.repository.plans import plan_for_lists
from query_api.repository.records import TaskRow
from query_api.repository.tasks import tasks_by_id

COUNTED_AT_ONCE = 5_000
EXAMPLES = 20
END: Json = {"end": True}
GONE = Verdict("gone", "There is no such task any more, or none that this token may see.")
ANOTHER_NUMBER = (
    "It was confirmed for {expected} tasks, and {total} match: nothing was done. Look again, and confirm the "
    "new number."
)


class Batchwise:
    """The job of a kind that does the same to one task after the other."""

    def __init__(self, pool: Any, step: Step) -> None:
        self._pool = pool
        self._step = step

    async def work(self, held: Held) -> None:
        selection = from_json(held.operation.selection)
        if held.operation.total is None:
            await self._count(held, selection)
        _confirm(held.operation)
        while held.operation.cursor != END:
            await self._part(held, selection)

    async def _count(self, held: Held, selection: Selection) -> None:
        total = await self._number(selection)
        async with held.moving() as connection:
            await held.set_total(connection, total)

    async def _number(self, selection: Selection) -> int:
        match selection:
            case Named(ids=ids):
                return len(ids)
            case Filtered():
                total, cursor = 0, None
                while True:
                    async with snapshot(self._pool) as connection:
                        batch = await next_batch(connection, selection, cursor, limit=COUNTED_AT_ONCE)
                    total += len(batch.ids)
                    if (cursor := batch.cursor) is None:
                        return total

    async def _part(self, held: Held, selection: Selection) -> None:
        began, operation = time.monotonic(), held.operation
        rate = min(operation.options.get("per_second") or self._step.per_second, self._step.per_second)
        async with snapshot(self._pool) as connection:
            batch = await next_batch(connection, selection, operation.cursor, limit=batch_size(rate))
        async with held.moving() as connection:
            left = await self._taken(connection, operation, batch.ids)
            progress = Progress(
                cursor=batch.cursor or END,
                done=len(batch.ids) - len(left),
                skipped=len(left),
                summary=with_skipped(operation.summary, left),
            )
            await held.advance(connection, progress)
        if batch.cursor is not None:
            await asyncio.sleep(rest_s(len(batch.ids) - len(left), rate, time.monotonic() - began))

    async def _taken(self, connection: Any, operation: Operation, ids: Sequence[UUID]) -> dict[UUID, Verdict]:
        """Those that were left alone, and why."""
        await plan_for_lists(connection)
        rows = within(operation.shop_ids, await tasks_by_id(connection, ids))
        left = dict.fromkeys(set(ids) - {row.task_id for row in rows}, GONE)
        judged = await self._step.judge(connection, rows, operation.id)
        left |= left_alone(judged, accepts_risk=bool(operation.options.get("may_repeat_effects")))
        good = [row for row in rows if row.task_id not in left]
        if good:
            left |= await self._step.take(connection, operation, good)
        return left


def left_alone(verdicts: Mapping[UUID, Verdict], *, accepts_risk: bool) -> dict[UUID, Verdict]:
    return {one: verdict for one, verdict in verdicts.items() if not (verdict.is_risk and accepts_risk)}


def with_skipped(summary: Json, left: Mapping[UUID, Verdict]) -> dict[str, Any]:
    """The summary so far, with those that were left alone by their reason, the first of each by name."""
    skipped: dict[str, Any] = {reason: dict(found) for reason, found in summary.get("skipped", {}).items()}
    for task_id, verdict in left.items():
        found = skipped.setdefault(verdict.reason, {"message": verdict.message, "count": 0, "tasks": []})
        found["count"] += 1
        if len(found["tasks"]) < EXAMPLES:
            found["tasks"] = [*found["tasks"], str(task_id)]
    return {**summary, "skipped": skipped} if skipped else dict(summary)


def within(shop_ids: Sequence[int] | None, rows: Iterable[TaskRow]) -> list[TaskRow]:
    """`shop_ids` None: all shops."""
    return [row for row in rows if shop_ids is None or row.shop_id in shop_ids]


def _confirm(operation: Operation) -> None:
    expected = operation.options.get("expected")
    if expected is not None and operation.total != expected:
        raise Unworkable(ANOTHER_NUMBER.format(expected=expected, total=operation.total))
