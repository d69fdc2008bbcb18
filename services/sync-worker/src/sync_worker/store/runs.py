"""Runs that work in slices: where each stands, and who may take it further."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.db.queries import load_queries
from shared.envelope import TaskHeader
from shared.errors import Retryable

STUCK_AFTER = timedelta(minutes=20)
OVERLAP = timedelta(minutes=10)
EXAMPLES = 20

_queries = load_queries(__file__, "runs")


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run did so far: how often each thing, and examples of what failed."""

    counts: dict[str, int] = field(default_factory=dict)
    failures: tuple[dict[str, Any], ...] = ()

    def plus(self, *failures: tuple[str | None, str], **counts: int) -> "Tally":
        """`failures`: the supplier's id and the reason."""
        names = {**self.counts, **counts}
        summed = {name: self.counts.get(name, 0) + counts.get(name, 0) for name in names}
        room = EXAMPLES - len(self.failures)
        examples = tuple({"id": item, "reason": reason} for item, reason in failures[:room])
        return Tally(summed, self.failures + examples)

    def shown(self) -> dict[str, Any]:
        return {**self.counts, **({"failures": list(self.failures)} if self.failures else {})}


@dataclass(frozen=True, slots=True)
class Progress:
    """One run. `cursor` None: at the beginning; `seen`: one bit for the position of each product it met."""

    run_id: UUID
    started_at: datetime
    step: int = 0
    cursor: str | None = None
    is_through: bool = False
    processed: int = 0
    failed: int = 0
    total: int | None = None
    seen: bytes = b""
    tally: Tally = Tally()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a task has no run to take further, for people."""

    note: str


async def take_up(connection: Any, task: TaskHeader, wanted: UUID | None) -> Progress | Refusal:
    """The run the task is to take further: `wanted`, the one a retried task broke off, or a new one."""
    run_id = wanted or await _broken_off(connection, task) or task.id
    place = {"account_id": task.account_id, "type": task.type.value}
    if wanted is None:
        await _end_stuck(connection, place, run_id)
        await _queries.begin_run(connection, run_id=run_id, shop_id=task.shop_id, **place)
    row = await _queries.run(connection, run_id=run_id)
    if row is not None and row["finished_at"] is not None:
        row = await _reopened(connection, task, run_id)
    if row is not None:
        return _progress(row)
    other = await _queries.run_under_way(connection, **place, patience=STUCK_AFTER)
    if other is None:
        return Refusal("Nothing was done: the run this belonged to is over")
    since = f"{other['started_at']:%H:%M} UTC"
    return Refusal(f"Nothing was done: run {other['id']} has been under way since {since}")


async def keep(connection: Any, progress: Progress) -> Progress:
    """Writes the checkpoint in the caller's transaction. Raises Retryable when the run was taken further."""
    step = await _queries.checkpoint(
        connection,
        run_id=progress.run_id,
        step=progress.step,
        cursor={"at": progress.cursor, "is_through": progress.is_through},
        processed=progress.processed,
        failed=progress.failed,
        total=progress.total,
        seen=progress.seen,
        summary={"counts": progress.tally.counts, "failures": list(progress.tally.failures)},
    )
    if step is None:
        raise Retryable("Somebody else has taken this run further")
    return replace(progress, step=step)


async def end(connection: Any, run_id: UUID, *, problem: str | None = None) -> None:
    await _queries.end_run(connection, run_id=run_id, problem=problem)


async def changes_since(connection: Any, task: TaskHeader, progress: Progress) -> datetime | None:
    """Since when changes are enough to ask for: the run before began on the same day. None: ask for all."""
    place = {"account_id": task.account_id, "type": task.type.value, "started_at": progress.started_at}
    before: datetime | None = await _queries.run_before(connection, **place)
    if before is None or before.date() != progress.started_at.date():
        return None
    return before - OVERLAP


async def forget_old(connection: Any, task: TaskHeader) -> None:
    await _queries.forget_runs(connection, account_id=task.account_id, type=task.type.value)


async def _broken_off(connection: Any, task: TaskHeader) -> UUID | None:
    """A person's retry goes on with the run that broke off last."""
    if task.retry_of is None:
        return None
    row = await _queries.last_run(connection, account_id=task.account_id, type=task.type.value)
    return row["id"] if row is not None and row["is_broken"] else None


async def _end_stuck(connection: Any, place: dict[str, Any], run_id: UUID) -> None:
    other = await _queries.run_under_way(connection, **place, patience=STUCK_AFTER)
    if other is not None and other["is_stuck"] and other["id"] != run_id:
        await end(connection, other["id"], problem="It stood still, and another run took its place")


async def _reopened(connection: Any, task: TaskHeader, run_id: UUID) -> Any:
    """Only a person takes up again what had ended."""
    if task.retry_of is None or await _queries.reopen_run(connection, run_id=run_id) is None:
        return None
    return await _queries.run(connection, run_id=run_id)


def _progress(row: Any) -> Progress:
    cursor, summary = row["cursor"] or {}, row["summary"]
    return Progress(
        run_id=row["id"],
        started_at=row["started_at"],
        step=row["step"],
        cursor=cursor.get("at"),
        is_through=cursor.get("is_through", False),
        processed=row["processed"],
        failed=row["failed"],
        total=row["total"],
        seen=row["seen"] or b"",
        tally=Tally(summary.get("counts", {}), tuple(summary.get("failures", ()))),
    )
