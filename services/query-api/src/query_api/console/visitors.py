"""Who looks at the console: signed in with a token, remembered by a signed cookie."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request

from query_api.auth import Reader, Refused
from query_api.backend import BackendOf, admitted, client_address
from query_api.repository.sessions import token_of_session
from query_api.sessions import COOKIE


class SignInNeeded(Exception):
    """`address`: the sign-in page, which leads back to where the visitor wanted to go."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if request.method != "GET":
            wanted = "/"
        self.address = "/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='')}"


async def visitor(request: Request, backend: BackendOf) -> Reader:
    """Raises SignInNeeded unless the cookie names a session whose token is still good."""
    key = backend.sessions.key(request.cookies.get(COOKIE))
    if key is None:
        raise SignInNeeded(request)
    try:
        reader = await admitted(backend, await token_of_session(backend.pool, key))
        return replace(reader, address=client_address(request))
    except Refused as refusal:
        raise SignInNeeded(request) from refusal


Visitor = Annotated[Reader, Depends(visitor)]


async def form_token(request: Request, backend: BackendOf) -> str:
    """For the forms of a page that somebody who is signed in looks at."""
    key = backend.sessions.key(request.cookies.get(COOKIE))
    return backend.sessions.form_token(key) if key else ""


FormToken = Annotated[str, Depends(form_token)]


def local_address(wanted: str) -> str:
    """A page of ours to lead to; whatever points elsewhere becomes the board."""
    is_local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_local else "/"
