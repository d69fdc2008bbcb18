"""The console's addresses."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from query_api.auth import Refused
from query_api.backend import Backend, BackendOf, admitted
from query_api.console.board import board_view
from query_api.console.detail import detail_view
from query_api.console.filters import parse_filters
from query_api.console.rendering import page
from query_api.console.visitors import Visitor, local_address, require_same_origin
from query_api.problems import forbidden
from query_api.repository.connections import snapshot
from query_api.repository.tokens import find_token
from query_api.routes.payloads import PLACE, raw_answer
from query_api.sessions import COOKIE
from shared.envelope import utc_now

router = APIRouter(include_in_schema=False)


@router.get("/")
async def show_board(request: Request, reader: Visitor, backend: BackendOf) -> Response:
    filters = parse_filters(request.query_params.multi_items())
    async with snapshot(backend.pool) as connection:
        view = await board_view(
            connection, reader, filters, cursor=request.query_params.get("cursor"), now=utc_now()
        )
    return page("board.html", reader=reader, view=view, failed_24h=view.all_tasks.failed_24h)


@router.get("/tasks/{task_id}")
async def show_task(task_id: UUID, reader: Visitor, backend: BackendOf) -> Response:
    async with snapshot(backend.pool) as connection:
        view = await detail_view(connection, backend, reader, task_id)
    return page("detail.html", reader=reader, view=view, failed_24h=view.failed_24h)


@router.get("/tasks/{task_id}/payloads/{place}")
async def download_payload(
    task_id: UUID, place: Annotated[str, Path(pattern=PLACE)], reader: Visitor, backend: BackendOf
) -> Response:
    if not reader.may_see_payloads:
        raise forbidden(
            "The data of tasks is for the roles operator and admin. Ask an administrator for such a token."
        )
    return await raw_answer(backend, reader, task_id, place)


@router.get("/sign-in")
async def show_sign_in(wanted: Annotated[str, Query(alias="next")] = "/") -> Response:
    return page("sign_in.html", next=local_address(wanted), refusal=None)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    backend: BackendOf,
    token: Annotated[str, Form()] = "",
    wanted: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    require_same_origin(request)
    address = local_address(wanted)
    try:
        reader = await admitted(backend, await find_token(backend.pool, token.strip()))
    except Refused as refusal:
        return page("sign_in.html", status=401, next=address, refusal=str(refusal))
    response = RedirectResponse(address, 303)
    _remember(response, backend, reader.token_id, is_secure=request.url.scheme == "https")
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    require_same_origin(request)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return response


def _remember(response: Response, backend: Backend, token_id: int, *, is_secure: bool) -> None:
    sessions = backend.sessions
    response.set_cookie(
        COOKIE,
        sessions.issue(token_id),
        max_age=int(sessions.lifetime.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure,
    )
