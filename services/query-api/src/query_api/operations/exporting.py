"""An export: the list of tasks, as it is when the work begins, becomes a file.

A file is of one moment. So an export that was interrupted or paused begins anew.
"""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import asdict
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from query_api.auth import Reader
from query_api.export.columns import Layout, chosen_columns
from query_api.export.files import FileFacts, Parts, begin_to_expire, owner_of, remove_parts
from query_api.export.formats import FileKind, Format
from query_api.export.writing import Export, pieces
from query_api.operations.batchwise import COUNTED_AT_ONCE, END
from query_api.operations.port import Held, Kind, Operation, Progress, Unworkable
from query_api.operations.selection import query_from_json, query_to_json
from query_api.repository.connections import snapshot
from query_api.repository.counting import count_tasks
from query_api.repository.pages import find
from query_api.task_query import TaskQuery
from shared.envelope import utc_now
from shared.vault import Vault

PART_BYTES = 1024 * 1024
TOLD_EVERY = 5_000
MOST_BYTES = 4 * 1024**3
TOO_LARGE = "The file would be larger than 4 GiB: choose fewer columns, or take the list in parts."


class Exporting:
    """The job of the kind `export`."""

    def __init__(self, pool: Any, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def work(self, held: Held) -> None:
        if held.operation.cursor == END:
            return
        export = _export_of(held.operation)
        async with held.moving() as connection:
            await remove_parts(connection, held.operation.id)
            await held.advance(connection, Progress(cursor=None, done=-held.operation.done))
        async with snapshot(self._pool) as reading:
            total = await _number(reading, export.query) if export.ids is None else len(export.ids)
            async with held.moving() as connection:
                await held.set_total(connection, total)
            await self._write(held, reading, export)

    async def _write(self, held: Held, reading: Any, export: Export) -> None:
        parts = Parts(self._vault, held.operation.id)
        waiting, tasks = bytearray(), 0
        async with aclosing(pieces(reading, export)) as made:
            async for piece in made:
                waiting += piece.content
                tasks += piece.tasks
                if len(waiting) >= PART_BYTES or tasks >= TOLD_EVERY:
                    waiting = await self._put(held, parts, waiting, tasks)
                    tasks = 0
        name = export.kind.file_name(utc_now())
        async with held.moving() as connection:
            await parts.put(connection, bytes(waiting))
            facts = FileFacts(name, export.kind.media_type, parts.size, parts.count)
            await begin_to_expire(connection, held.operation.id)
            await held.advance(connection, Progress(END, done=tasks, summary={"file": asdict(facts)}))

    async def _put(self, held: Held, parts: Parts, waiting: bytearray, tasks: int) -> bytearray:
        """What goes on waiting for the next part."""
        is_full = len(waiting) >= PART_BYTES
        if parts.size + len(waiting) > MOST_BYTES:
            raise Unworkable(TOO_LARGE)
        async with held.moving() as connection:
            if is_full:
                await parts.put(connection, bytes(waiting))
            await held.advance(connection, Progress(cursor={"parts": parts.count}, done=tasks))
        return bytearray() if is_full else waiting


def selection_of(export: Export) -> dict[str, Any]:
    selection = {"query": query_to_json(export.query), "filter": dict(export.asked)}
    if export.ids is None:
        return selection
    return selection | {"filter": None, "ids": [str(one) for one in export.ids]}


def options_of(export: Export) -> dict[str, Any]:
    kind = export.kind
    return {
        "format": kind.format.value,
        "columns": kind.layout.names,
        "timezone": kind.layout.zone.key,
        "with_summary": kind.has_summary,
        "sort": export.sort,
    }


def file_of(operation: Operation) -> FileFacts | None:
    """None: it has made none."""
    facts = operation.summary.get("file")
    return FileFacts(**facts) if facts else None


async def is_own_export(connection: Any, operation: Operation, reader: Reader) -> bool:
    """Whether it is an export that this token, or person, asked for."""
    is_export = operation.kind is Kind.EXPORT
    return is_export and await owner_of(connection, operation.id) == reader.token_id


def _export_of(operation: Operation) -> Export:
    options: Mapping[str, Any] = operation.options
    layout = Layout(chosen_columns(options["columns"]), ZoneInfo(options["timezone"]))
    kind = FileKind(Format(options["format"]), layout, options["with_summary"])
    selection = operation.selection
    query = query_from_json(selection["query"])
    if "ids" not in selection:
        return Export(query, kind, selection["filter"], options["sort"])
    ids = tuple(UUID(one) for one in selection["ids"])
    return Export(query, kind, {"named": len(ids)}, options["sort"], ids)


async def _number(connection: Any, query: TaskQuery) -> int:
    """Counted through where counters do not tell, so that the progress has an end."""
    counted = await count_tasks(connection, query)
    if counted.is_exact:
        return counted.n
    total, after = 0, None
    while True:
        found = await find(connection, query, after, is_forward=True, limit=COUNTED_AT_ONCE)
        total += len(found.spots)
        after = found.resume_at
        if after is None:
            return total
