"""`/tasks/export`: the list of tasks as a file."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from query_api.auth import Reader
from query_api.backend import ApiReader, Backend, BackendOf, client_address
from query_api.export.files import kept_by
from query_api.export.writing import Export, pieces
from query_api.operations import store
from query_api.operations.exporting import options_of, selection_of
from query_api.operations.port import Kind, Operation
from query_api.operations.store import NewOperation
from query_api.problems import API_VERSION_1, Problem, documented
from query_api.repository.audit import Deed, audit, only_shop
from query_api.repository.connections import snapshot
from query_api.repository.pages import list_page
from query_api.routes.downloads import FILE, Download
from query_api.routes.export_parameters import ExportIn, ExportParameters, export_of
from query_api.routes.freshness import answered_as_of
from query_api.schemas import operation_shaping as shaping
from query_api.schemas.operations import OperationAnswer
from shared.envelope import utc_now
from shared.identity import new_task_id

router = APIRouter(prefix="/tasks/export", tags=["tasks"])

MOST_KEPT = 10


@router.get(
    "",
    summary="Tasks as a file",
    response_class=StreamingResponse,
    responses={**documented(400, 401, 403, 503), **FILE},
)
async def export_tasks(
    parameters: Annotated[ExportParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    request: Request,
) -> Download:
    """Exactly the list with these filters, in its order, as it is at one moment: all pages of it. The columns
    of times name the time zone. A cell of a CSV file that a spreadsheet would take for a formula begins with
    an apostrophe. Files of very many tasks are better made in the background: POST does that."""
    headers = Response()
    async with snapshot(backend.pool) as connection:
        export = await export_of(connection, parameters, reader)
        await list_page(connection, export.query, None, limit=1)
        await answered_as_of(connection, headers, export.query.as_of)
    await audit(backend.pool, reader, _deed("tasks.export", export, client_address(request)))
    answer = Download(_content(backend, export), media_type=export.kind.media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{export.kind.file_name(utc_now())}"'
    if (as_of := headers.headers.get("As-Of")) is not None:
        answer.headers["As-Of"] = as_of
    return answer


@router.post(
    "",
    status_code=202,
    summary="Tasks as a file, made in the background",
    responses=documented(400, 401, 403, 409, 503),
)
async def begin_export(
    wanted: ExportIn, reader: ApiReader, backend: BackendOf, request: Request, response: Response
) -> OperationAnswer:
    """Begins an operation that makes the file. Once it has succeeded, `file` says where the file is, for the
    token that asked for it and for 24 hours."""
    async with snapshot(backend.pool) as connection:
        export = await export_of(connection, wanted, reader)
        await list_page(connection, export.query, None, limit=1)
        as_of = await answered_as_of(connection, response)
    operation = await _begun(backend, export, reader, client_address(request))
    response.headers["Location"] = f"{API_VERSION_1}/operations/{operation.id}"
    return OperationAnswer(as_of=as_of, operation=shaping.operation(operation))


async def _begun(backend: Backend, export: Export, reader: Reader, address: str | None) -> Operation:
    new = NewOperation(
        id=new_task_id(),
        kind=Kind.EXPORT,
        shop_ids=export.query.shop_ids,
        selection=selection_of(export),
        options=options_of(export),
        total=None,
        token_id=reader.token_id,
        requested_by=reader.name,
    )
    async with backend.pool.acquire() as connection, connection.transaction():
        if await kept_by(connection, reader.token_id) >= MOST_KEPT:
            raise Problem(
                409,
                "conflict",
                f"This token has {MOST_KEPT} exports under way or kept already. Wait until one expires, or "
                "abort one that is under way.",
            )
        await store.insert_operation(connection, new)
        await audit(connection, reader, _deed("operation.export", export, address, str(new.id)))
        begun = await store.find_operation(connection, new.id)
    assert begun is not None
    backend.operations.runner.wake()
    return begun


async def _content(backend: Backend, export: Export) -> AsyncIterator[bytes]:
    """All of one moment; few files at once, so that they leave connections for others."""
    async with backend.exports, snapshot(backend.pool) as connection:
        async for piece in pieces(connection, export):
            if piece.content:
                yield piece.content


def _deed(action: str, export: Export, address: str | None, subject: str | None = None) -> Deed:
    """Who took which data out of here."""
    columns = export.kind.layout.names
    detail = {"filter": dict(export.asked), "columns": columns, "format": export.kind.format.value}
    return Deed(action, only_shop(export.query.shop_ids), detail, address=address, subject=subject)
