"""A filtered list of tasks as the bytes of a file, a page at a time."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from query_api.export.formats import FileKind, FileWriter
from query_api.export.summing import About, Summary
from query_api.places import Place
from query_api.repository.freshness import log_state
from query_api.repository.pages import list_page
from query_api.repository.records import Names, TaskRow
from query_api.repository.shops import names_for
from query_api.repository.tasks import tasks_by_id
from query_api.task_query import TaskQuery

PAGE = 500


@dataclass(frozen=True, slots=True)
class Export:
    """A file that somebody wants. `asked` and `sort`: filters and order in the words they were asked in.
    `ids`: these tasks alone, as far as they are of the query's shops, the newest first."""

    query: TaskQuery
    kind: FileKind
    asked: Mapping[str, Any]
    sort: str
    ids: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Some more bytes of a file, and how many tasks went into it with them; they may come a little later."""

    content: bytes
    tasks: int


async def pieces(connection: Any, export: Export) -> AsyncGenerator[Piece, None]:
    """The whole list in its order, as it is in the connection's transaction."""
    known = (await log_state(connection)).as_of
    past = export.query.as_of
    as_of = min(past, known) if past and known else known
    writer = export.kind.writer()
    summary = Summary(About(export.asked, export.sort, export.kind.layout.zone.key, as_of))
    yield Piece(writer.begun(), 0)
    listed = _listed(connection, export.query) if export.ids is None else _named(connection, export)
    async for tasks in listed:
        names = await names_for(connection, tasks)
        content = await asyncio.to_thread(_written, writer, export.kind, tasks, names)
        summary.add(tasks)
        yield Piece(content, len(tasks))
    yield Piece(writer.ended(summary if export.kind.has_summary else None), 0)


async def _listed(connection: Any, query: TaskQuery) -> AsyncGenerator[list[TaskRow], None]:
    place: Place | None = None
    while True:
        page = await list_page(connection, query, place, limit=PAGE)
        yield page.tasks
        if (place := page.next) is None:
            return


async def _named(connection: Any, export: Export) -> AsyncGenerator[list[TaskRow], None]:
    ids, shop_ids = sorted(export.ids or (), reverse=True), export.query.shop_ids
    for start in range(0, len(ids), PAGE):
        found = await tasks_by_id(connection, ids[start : start + PAGE])
        yield [task for task in found if shop_ids is None or task.shop_id in shop_ids]


def _written(writer: FileWriter, kind: FileKind, tasks: list[TaskRow], names: Names) -> bytes:
    return writer.rows([kind.layout.values(task, names) for task in tasks])
