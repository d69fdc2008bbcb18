"""Tasks that are over are deleted for good."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from query_api.auth import Role
from query_api.operations.port import Delayed, Operation, Share, Verdict
from query_api.recorder.removing import remove_tasks
from query_api.recorder.writing import RebuildRunning
from query_api.repository.records import TaskRow
from query_api.task_query import TaskQuery
from query_api.time_spans import Span
from shared.envelope import State

ACTIVE = Verdict(
    "not_over", "It is not over, and only what is over is deleted. Cancel it, or wait until it has ended."
)
REBUILDING = "The log is being rebuilt: it goes on when that is done."
_FINAL = tuple(state for state in State if state.is_final)


class Deleting:
    """Needs nothing but the operation's own transaction."""

    least = Role.ADMIN
    per_second = 1_000.0

    def narrowed(self, query: TaskQuery, frozen_at: datetime) -> TaskQuery:
        """Those that were over by then."""
        until = min(query.completed.until or frozen_at, frozen_at)
        states = tuple(state for state in _FINAL if state in query.states) or query.states or _FINAL
        return replace(query, states=states, completed=Span(query.completed.since, until))

    async def judge(
        self, _connection: Any, tasks: Sequence[TaskRow], _operation_id: UUID | None
    ) -> Mapping[UUID, Verdict]:
        return {task.task_id: ACTIVE for task in tasks if not task.state.is_final}

    async def shares(self, _connection: Any, _numbers: Mapping[int, int]) -> Sequence[Share]:
        return ()

    async def take(
        self, connection: Any, _operation: Operation, tasks: Sequence[TaskRow]
    ) -> Mapping[UUID, Verdict]:
        try:
            removed = await remove_tasks(connection, [task.task_id for task in tasks])
        except RebuildRunning as error:
            raise Delayed(REBUILDING) from error
        return {task.task_id: ACTIVE for task in tasks if task.task_id not in removed}
