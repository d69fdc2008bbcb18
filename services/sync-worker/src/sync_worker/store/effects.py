"""Effects the other side can neither undo nor tell us of: written down before and after they are made."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import structlog

from shared.db.outages import INFRASTRUCTURE_ERRORS
from shared.db.queries import load_queries
from shared.envelope import TaskHeader, utc_now

log = structlog.get_logger()

BACK_OFF_S = 0.5

_queries = load_queries(__file__, "effects")

T = TypeVar("T")


class Permission(StrEnum):
    """Whether an effect may be made: yes, it was made, or nobody knows whether it was."""

    GRANTED = "granted"
    DONE = "done"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Intent:
    """`task_id`: who made the effect or tried to, this task or another."""

    permission: Permission
    task_id: UUID


@dataclass(frozen=True, slots=True)
class EffectBook:
    """One effect of one task. Writes wait until the database is there: giving up would leave a doubt."""

    pool: asyncpg.Pool
    task: TaskHeader
    key: str

    async def intend(self) -> Intent:
        """Commits the intent. An earlier one means an unknown outcome, unless a person has retried since."""
        mine = {**self._place, "task_id": self.task.id, "intended_at": utc_now()}
        await _when_up(lambda: _queries.intend(self.pool, **mine))
        if self.task.retry_of is not None:
            await _when_up(lambda: _queries.take_over(self.pool, **mine, decided_at=self.task.queued_at))
        row = await _when_up(lambda: _queries.effect(self.pool, **self._place))
        return _verdict(row, self.task.id, mine["intended_at"])

    async def forget(self) -> None:
        """The effect certainly did not happen."""
        await _when_up(lambda: _queries.forget(self.pool, **self._place, task_id=self.task.id))

    async def finish(self) -> None:
        """The effect happened."""
        await _when_up(lambda: _queries.finish(self.pool, **self._place, task_id=self.task.id))

    async def done_by(self) -> UUID | None:
        """The task that made the effect, if any did."""
        row = await _queries.effect(self.pool, **self._place)
        return row["task_id"] if row is not None and row["is_done"] else None

    @property
    def _place(self) -> dict[str, Any]:
        return {"account_id": self.task.account_id, "effect_key": self.key}


def _verdict(row: Any, task_id: UUID, intended_at: datetime) -> Intent:
    if row["is_done"]:
        return Intent(Permission.DONE, row["task_id"])
    is_mine = row["task_id"] == task_id and row["intended_at"] == intended_at
    return Intent(Permission.GRANTED if is_mine else Permission.UNKNOWN, row["task_id"])


async def _when_up(action: Callable[[], Awaitable[T]]) -> T:
    while True:
        try:
            return await action()
        except INFRASTRUCTURE_ERRORS as error:
            log.warning("effects_wait_for_database", reason=repr(error)[:200])
            await asyncio.sleep(BACK_OFF_S)
