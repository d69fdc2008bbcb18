"""Who looks at the console: signed in with a token, remembered by a signed cookie."""

from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request

from query_api.auth import Reader, Refused
from query_api.backend import BackendOf, admitted
from query_api.problems import forbidden
from query_api.repository.tokens import token_by_id
from query_api.sessions import COOKIE


class SignInNeeded(Exception):
    """`address`: the sign-in page, which leads back to where the visitor wanted to go."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.address = "/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='')}"


async def visitor(request: Request, backend: BackendOf) -> Reader:
    """Raises SignInNeeded unless the cookie names a token that is still good."""
    token_id = backend.sessions.token_id(request.cookies.get(COOKIE))
    if token_id is None:
        raise SignInNeeded(request)
    try:
        return await admitted(backend, await token_by_id(backend.pool, token_id))
    except Refused as refusal:
        raise SignInNeeded(request) from refusal


Visitor = Annotated[Reader, Depends(visitor)]


def require_same_origin(request: Request) -> None:
    """Raises 403 for a form that another site made the browser send."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        is_ours = site in ("same-origin", "none")
    else:
        is_ours = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not is_ours:
        raise forbidden(
            "This form was not sent from this console. Open the console's own page and use it there."
        )


def local_address(wanted: str) -> str:
    """A page of ours to lead to; whatever points elsewhere becomes the board."""
    is_local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_local else "/"
