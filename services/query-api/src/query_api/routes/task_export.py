"""`/tasks/export`: the list of tasks as a file."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from query_api.auth import Reader
from query_api.backend import ApiReader, Backend, BackendOf, client_address
from query_api.export.formats import MEDIA_TYPES
from query_api.export.writing import Order, pieces
from query_api.problems import documented
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.repository.pages import list_page
from query_api.routes.downloads import Download
from query_api.routes.export_parameters import ExportParameters, order_of
from query_api.routes.freshness import answered_as_of
from shared.envelope import utc_now

router = APIRouter(prefix="/tasks/export", tags=["tasks"])

FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {media.split(";")[0]: {} for media in MEDIA_TYPES.values()}}
}


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
        order = await order_of(connection, parameters, reader)
        await list_page(connection, order.query, None, limit=1)
        await answered_as_of(connection, headers, order.query.as_of)
    await _note(backend, order, reader, client_address(request))
    answer = Download(_content(backend, order), media_type=order.kind.media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{order.kind.file_name(utc_now())}"'
    if (as_of := headers.headers.get("As-Of")) is not None:
        answer.headers["As-Of"] = as_of
    return answer


async def _content(backend: Backend, order: Order) -> AsyncIterator[bytes]:
    """All of one moment; few files at once, so that they leave connections for others."""
    async with backend.exports, snapshot(backend.pool) as connection:
        async for piece in pieces(connection, order):
            if piece.content:
                yield piece.content


async def _note(backend: Backend, order: Order, reader: Reader, address: str | None) -> None:
    """Who took which data out of here stands in the audit log."""
    shops = order.query.shop_ids
    detail = {
        "filter": dict(order.asked),
        "columns": order.kind.layout.names,
        "format": order.kind.format.value,
    }
    one_shop = shops[0] if shops is not None and len(shops) == 1 else None
    await audit(backend.pool, reader, Deed("tasks.export", one_shop, detail, address=address))
