"""Lays the lines of an export down in the database: what is committed is done, whoever goes on from there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

from shared.errors import Unavailable
from sync_worker.clients.exports import Download, Exports
from sync_worker.imports.lines import Line, LineSplitter, Staged, staged
from sync_worker.imports.slices import Slice
from sync_worker.store import import_lines, imports
from sync_worker.store.import_lines import Bad
from sync_worker.store.imports import Import, Progress

BATCH_LINES = 1_000
BATCH_BYTES = 1024 * 1024


@dataclass
class _Batch:
    """Lines that go into the database together; `size` counts their bytes in the export."""

    first_line: int
    size: int = 0
    count: int = 0
    lines: list[tuple[int, Staged]] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return self.count >= BATCH_LINES or self.size >= BATCH_BYTES

    def add(self, line: Line) -> None:
        number = self.first_line + self.count
        self.count += 1
        self.size += line.size
        match staged(line.body):
            case Staged() as usable:
                self.lines.append((number, usable))
            case str(reason):
                self.bad.append(Bad(number, None, reason))


async def stage(pool: Any, exports: Exports, job: Import, work: Slice) -> Import:
    """Goes on until the slice is over or every line is laid down; returns how the import stands then.

    Raises as `Exports.open` does; what was committed before stays.
    """
    if job.url is None:
        return await _all_staged(pool, job)
    async with exports.open(job.url, offset=job.byte_offset, size=job.size) as download:
        async for batch in _batches(download, job.lines + 1, work):
            job = await _keep(pool, job, batch)
            if work.is_over:
                return job
        if not download.is_whole:
            raise Unavailable("The download of the export broke off")
    return await _all_staged(pool, job)


async def _batches(download: Download, first_line: int, work: Slice) -> AsyncIterator[_Batch]:
    batch, splitter = _Batch(first_line), LineSplitter()
    async for piece in download.pieces:
        for line in splitter.feed(piece):
            batch.add(line)
            await work.breathe()
            if batch.is_full:
                yield batch
                batch = _Batch(batch.first_line + batch.count)
    if download.is_whole:
        for line in splitter.finish():
            batch.add(line)
    if batch.count:
        yield batch


async def _keep(pool: Any, job: Import, batch: _Batch) -> Import:
    """The lines and how far they reach are committed together."""
    parents = sum(1 for _, line in batch.lines if line.parent_id is None)
    counts = {"parents": parents, "children": len(batch.lines) - parents}
    summary, until = job.told(**counts), job.byte_offset + batch.size
    async with pool.acquire() as connection, connection.transaction():
        progress = Progress(summary, lines=batch.count, failed=len(batch.bad))
        await imports.advance_staging(connection, job, until, progress)
        await import_lines.lay_down(connection, job, batch.lines)
        await import_lines.add_failures(connection, job, batch.bad)
    return replace(
        job,
        byte_offset=until,
        lines=job.lines + batch.count,
        failed=job.failed + len(batch.bad),
        summary=summary,
    )


async def _all_staged(pool: Any, job: Import) -> Import:
    total = job.summary.get(job.kind, {}).get("parents", 0) + job.failed
    await imports.staged(pool, job, total=total)
    return replace(job, state=imports.ImportState.PROCESSING, total=total)
