"""A filtered list of tasks as the bytes of a file, a page at a time."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

from query_api.export.formats import FileKind, FileWriter
from query_api.export.summing import About, Summary
from query_api.places import Place
from query_api.repository.freshness import log_state
from query_api.repository.pages import list_page
from query_api.repository.records import Names, TaskRow
from query_api.repository.shops import names_for
from query_api.task_query import TaskQuery

PAGE = 500


@dataclass(frozen=True, slots=True)
class Export:
    """A file that somebody wants. `asked` and `sort`: filters and order in the words they were asked in."""

    query: TaskQuery
    kind: FileKind
    asked: Mapping[str, Any]
    sort: str


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
    place: Place | None = None
    while True:
        page = await list_page(connection, export.query, place, limit=PAGE)
        names = await names_for(connection, page.tasks)
        content = await asyncio.to_thread(_written, writer, export.kind, page.tasks, names)
        summary.add(page.tasks)
        yield Piece(content, len(page.tasks))
        if (place := page.next) is None:
            break
    yield Piece(writer.ended(summary if export.kind.has_summary else None), 0)


def _written(writer: FileWriter, kind: FileKind, tasks: list[TaskRow], names: Names) -> bytes:
    return writer.rows([kind.layout.values(task, names) for task in tasks])
