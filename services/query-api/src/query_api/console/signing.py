"""Signing in to the console and out of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from query_api.auth import Reader, Refused
from query_api.backend import Backend, BackendOf, admitted, client_address
from query_api.console.forms import require_form_token, require_same_origin
from query_api.console.rendering import page
from query_api.console.visitors import Visitor, local_address
from query_api.repository.audit import Deed, audit
from query_api.repository.sessions import NewSession, begin_session, end_session, end_sessions
from query_api.repository.tokens import find_token
from query_api.sessions import COOKIE, new_session_key
from shared.envelope import utc_now

router = APIRouter(include_in_schema=False, dependencies=[Depends(require_same_origin)])


@router.get("/sign-in")
async def show_sign_in(backend: BackendOf, wanted: Annotated[str, Query(alias="next")] = "/") -> Response:
    return sign_in_page(backend, local_address(wanted))


@router.post("/sign-in")
async def sign_in(
    request: Request,
    backend: BackendOf,
    token: Annotated[str, Form()] = "",
    wanted: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    address = local_address(wanted)
    try:
        reader = await admitted(backend, await find_token(backend.pool, token.strip()))
    except Refused as refusal:
        return sign_in_page(backend, address, refusal=str(refusal))
    return await signed_in(request, backend, reader, RedirectResponse(address, 303))


@router.post("/sign-out", dependencies=[Depends(require_form_token)])
async def sign_out(request: Request, backend: BackendOf) -> Response:
    """In this browser; a copy of its cookie is good for nothing afterwards."""
    key = backend.sessions.key(request.cookies.get(COOKIE))
    if key is not None:
        await end_session(backend.pool, key)
    return _forgotten()


@router.post("/sign-out-everywhere", dependencies=[Depends(require_form_token)])
async def sign_out_everywhere(request: Request, reader: Visitor, backend: BackendOf) -> Response:
    """In every browser where somebody signed in with the same token, or as the same person."""
    async with backend.pool.acquire() as connection, connection.transaction():
        ended = await end_sessions(connection, reader.token_id)
        deed = Deed("session.end-all", None, {"sessions": ended}, address=client_address(request))
        await audit(connection, reader, deed)
    return _forgotten()


def sign_in_page(backend: Backend, wanted: str, *, refusal: str | None = None) -> Response:
    """`refusal`: why an attempt failed."""
    return page(
        "sign_in.html",
        status=401 if refusal else 200,
        next=wanted,
        refusal=refusal,
        has_single_sign_on=backend.sign_on is not None,
    )


async def signed_in(request: Request, backend: Backend, reader: Reader, response: Response) -> Response:
    """The response, with which the browser is remembered."""
    key, lifetime = new_session_key(), backend.sessions.lifetime
    address = client_address(request)
    async with backend.pool.acquire() as connection, connection.transaction():
        session = NewSession(key, reader.token_id, address, utc_now() + lifetime)
        await begin_session(connection, session)
        await audit(connection, reader, Deed("session.begin", None, {}, address=address))
    response.set_cookie(
        COOKIE,
        backend.sessions.issue(key),
        max_age=int(lifetime.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


def _forgotten() -> Response:
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return response
