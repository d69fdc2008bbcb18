"""Where each bulk import stands. Every step is fenced: a worker that was overtaken changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg

from shared.db.queries import load_queries
from shared.envelope import TaskHeader
from shared.errors import Obsolete, Rejected

_queries = load_queries(__file__, "imports")

GONE = "This import does not exist any more"
OVERTAKEN = "Another task goes on with this import"
OTHER_RUNS = "Another import of this shop is under way: this one can not go on until that has ended"
_ENDED = "The import has ended ({state}): nothing is left to do"


class ImportState(StrEnum):
    """`requested → exporting → staging → processing → syncing`, for each kind anew, then one of the ends."""

    REQUESTED = "requested"
    EXPORTING = "exporting"
    STAGING = "staging"
    PROCESSING = "processing"
    SYNCING = "syncing"
    FINISHED = "finished"
    FAILED = "failed"
    STOPPED = "stopped"


_ENDS = frozenset({ImportState.FINISHED, ImportState.FAILED, ImportState.STOPPED})


@dataclass(frozen=True, slots=True)
class Import:
    """`kind` is under way; `lines`, `total`, `processed` and `failed` are about it. `summary` holds the rest.

    `byte_offset` is how much of the export's `size` is staged, `position` the last line worked on.
    """

    id: UUID
    shop_id: int
    kinds: tuple[str, ...]
    kind: str
    state: ImportState
    operation_id: str | None
    url: str | None
    byte_offset: int
    size: int | None
    lines: int
    total: int | None
    position: int
    processed: int
    failed: int
    summary: Mapping[str, Any]
    task_id: UUID
    phase_at: datetime

    @property
    def is_over(self) -> bool:
        return self.state in _ENDS

    @property
    def next_kind(self) -> str | None:
        """The kind that comes after the one under way."""
        place = self.kinds.index(self.kind) + 1
        return self.kinds[place] if place < len(self.kinds) else None

    def told(self, **counts: int) -> dict[str, Any]:
        """The summary with these counts of the kind under way added to what it has."""
        of_kind = dict(self.summary.get(self.kind, {}))
        for name, count in counts.items():
            of_kind[name] = of_kind.get(name, 0) + count
        return {**self.summary, self.kind: of_kind}


@dataclass(frozen=True, slots=True)
class Request:
    """An import a person asked for."""

    import_id: UUID
    kinds: tuple[str, ...]
    requested_by: str


@dataclass(frozen=True, slots=True)
class Export:
    """What the shop has written. `url` None: nothing was found. `roots` counts all but children."""

    url: str | None
    size: int | None
    roots: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What a step adds, and the summary after it."""

    summary: Mapping[str, Any]
    lines: int = 0
    processed: int = 0
    failed: int = 0


class Overtaken(Obsolete):
    """The import went on without this task."""

    def __init__(self) -> None:
        super().__init__(OVERTAKEN)


async def ensure(connection: Any, task: TaskHeader, request: Request) -> Import:
    """The import that was asked for. Raises Obsolete when another one of the shop is under way."""
    await _queries.ensure(
        connection,
        import_id=request.import_id,
        shop_id=task.shop_id,
        kinds=list(request.kinds),
        kind=request.kinds[0],
        requested_by=request.requested_by,
        task_id=task.id,
    )
    row = await _queries.found(connection, import_id=request.import_id, shop_id=task.shop_id)
    if row is None:
        raise Obsolete("Another import of this shop is under way: this one was not begun")
    return await take_up(connection, task, request.import_id)


async def take_up(connection: Any, task: TaskHeader, import_id: UUID) -> Import:
    """The import, which from now on is in this task's hands. Raises Obsolete when there is nothing to do."""
    if task.retry_of is not None:
        await reopen(connection, task, import_id)
    predecessors = [task_id for task_id in (task.id, task.parent_id, task.retry_of) if task_id]
    place = {"import_id": import_id, "shop_id": task.shop_id}
    row = await _queries.take_up(connection, **place, task_id=task.id, predecessors=predecessors)
    if row is not None:
        return _import(row)
    known = await find(connection, import_id, task.shop_id)
    if known is None:
        raise Obsolete(GONE)
    if known.is_over:
        raise Obsolete(_ENDED.format(state=known.state))
    raise Overtaken


async def find(connection: Any, import_id: UUID, shop_id: int) -> Import | None:
    row = await _queries.found(connection, import_id=import_id, shop_id=shop_id)
    return None if row is None else _import(row)


async def of_operation(connection: Any, shop_id: int, operation_id: str) -> Import | None:
    """The import an export of the shop is for."""
    row = await _queries.of_operation(connection, shop_id=shop_id, operation_id=operation_id)
    return None if row is None else _import(row)


async def is_being_asked_for(connection: Any, shop_id: int) -> bool:
    """Whether an import of the shop does not know its export yet."""
    return bool(await _queries.is_being_asked_for(connection, shop_id=shop_id))


async def exporting(connection: Any, job: Import, operation_id: str) -> None:
    done = await _queries.exporting(connection, **_mine(job), operation_id=operation_id)
    _require(done)


async def exported(connection: Any, job: Import, task_id: UUID, export: Export) -> None:
    """Raises Overtaken when somebody else learned it first."""
    place = {"import_id": job.id, "operation_id": job.operation_id, "task_id": task_id}
    facts = {"url": export.url, "size": export.size, "total": export.roots}
    _require(await _queries.exported(connection, **place, **facts))


async def advance_staging(connection: Any, job: Import, until: int, progress: Progress) -> None:
    facts = {"lines": progress.lines, "failed": progress.failed, "summary": dict(progress.summary)}
    done = await _queries.advance_staging(
        connection, **_mine(job), **facts, since=job.byte_offset, until=until
    )
    _require(done)


async def staged(connection: Any, job: Import, *, total: int) -> None:
    _require(await _queries.staged(connection, **_mine(job), total=total))


async def advance_processing(connection: Any, job: Import, until: int, progress: Progress) -> None:
    facts = {"processed": progress.processed, "failed": progress.failed, "summary": dict(progress.summary)}
    done = await _queries.advance_processing(
        connection, **_mine(job), **facts, since=job.position, until=until
    )
    _require(done)


async def stored(connection: Any, job: Import, progress: Progress) -> None:
    """Everything of the kind under way is in the store."""
    facts = {"failed": progress.failed, "summary": dict(progress.summary)}
    _require(await _queries.stored(connection, **_mine(job), **facts))


async def begin_kind(connection: Any, job: Import, kind: str) -> None:
    _require(await _queries.begin_kind(connection, **_mine(job), kind=kind))


async def keep_summary(connection: Any, job: Import, summary: Mapping[str, Any]) -> None:
    _require(await _queries.keep_summary(connection, **_mine(job), summary=dict(summary)))


async def finish(connection: Any, job: Import) -> None:
    _require(await _queries.finish(connection, **_mine(job)))


async def fail(connection: Any, import_id: UUID, task: TaskHeader, problem: str) -> None:
    """The import ends with its task, if that still has it in its hands or looks after its export."""
    await _queries.fail(connection, import_id=import_id, task_id=task.id, problem=problem)


async def fail_export(connection: Any, job: Import, task: TaskHeader, problem: str) -> None:
    """There is no export to go on with, whoever learned that."""
    place = {"import_id": job.id, "operation_id": job.operation_id, "task_id": task.id}
    await _queries.fail_export(connection, **place, problem=problem)


async def adopt_changes(connection: Any, job: Import) -> int:
    """What imports before did not hand over to the CRM; how much that is."""
    status = await _queries.adopt_changes(connection, import_id=job.id, shop_id=job.shop_id)
    return int(status.split()[-1])


async def left_behind(connection: Any, shop_id: int) -> Sequence[UUID]:
    """Ended imports of the shop that still have staged lines."""
    return [row["id"] async for row in _queries.left_behind(connection, shop_id=shop_id)]


async def reopen(connection: Any, task: TaskHeader, import_id: UUID) -> None:
    """A person retries the task with which the import failed. Raises Rejected while another one runs."""
    place = {"import_id": import_id, "shop_id": task.shop_id}
    try:
        await _queries.reopen(connection, **place, task_id=task.id, retry_of=task.retry_of)
    except asyncpg.UniqueViolationError as error:
        raise Rejected(OTHER_RUNS) from error


def _mine(job: Import) -> dict[str, Any]:
    return {"import_id": job.id, "task_id": job.task_id}


def _require(status: str) -> None:
    """`UPDATE 0`: the import is not where this task believes it to be."""
    if status.endswith(" 0"):
        raise Overtaken


def _import(row: Any) -> Import:
    return Import(
        id=UUID(str(row["id"])),
        shop_id=row["shop_id"],
        kinds=tuple(row["kinds"]),
        kind=row["kind"],
        state=ImportState(row["state"]),
        operation_id=row["operation_id"],
        url=row["url"],
        byte_offset=row["byte_offset"],
        size=row["size"],
        lines=row["lines"],
        total=row["total"],
        position=row["position"],
        processed=row["processed"],
        failed=row["failed"],
        summary=row["summary"],
        task_id=UUID(str(row["task_id"])),
        phase_at=row["phase_at"],
    )
