"""The console's addresses."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from query_api.backend import BackendOf
from query_api.console.board import board_view
from query_api.console.detail import detail_view
from query_api.console.filters import parse_filters
from query_api.console.forms import require_form_token, require_same_origin
from query_api.console.rendering import page
from query_api.console.visitors import FormToken, Visitor
from query_api.problems import forbidden
from query_api.repository.connections import snapshot
from query_api.routes.payloads import PLACE, raw_answer
from shared.envelope import utc_now

router = APIRouter(
    include_in_schema=False, dependencies=[Depends(require_same_origin), Depends(require_form_token)]
)


@router.get("/")
async def show_board(
    request: Request, reader: Visitor, backend: BackendOf, form_token: FormToken
) -> Response:
    filters = parse_filters(request.query_params.multi_items())
    async with snapshot(backend.pool) as connection:
        view = await board_view(
            connection, reader, filters, cursor=request.query_params.get("cursor"), now=utc_now()
        )
    failed = view.all_tasks.failed_24h
    return page("board.html", reader=reader, form_token=form_token, view=view, failed_24h=failed)


@router.get("/tasks/{task_id}")
async def show_task(task_id: UUID, reader: Visitor, backend: BackendOf, form_token: FormToken) -> Response:
    async with snapshot(backend.pool) as connection:
        view = await detail_view(connection, backend, reader, task_id)
    failed = view.failed_24h
    return page("detail.html", reader=reader, form_token=form_token, view=view, failed_24h=failed)


@router.get("/tasks/{task_id}/payloads/{place}")
async def download_payload(
    task_id: UUID, place: Annotated[str, Path(pattern=PLACE)], reader: Visitor, backend: BackendOf
) -> Response:
    if not reader.may_see_payloads:
        raise forbidden(
            "The data of tasks is for the roles operator and admin. Ask an administrator for such a token."
        )
    return await raw_answer(backend, reader, task_id, place)
