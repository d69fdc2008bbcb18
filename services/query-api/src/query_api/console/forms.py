"""Forms are taken from our own pages only."""

from urllib.parse import urlsplit

from fastapi import Request

from query_api.backend import BackendOf
from query_api.problems import Problem, forbidden
from query_api.sessions import COOKIE

FIELD = "form_token"
HEADER = "X-Form-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def require_same_origin(request: Request) -> None:
    """Raises 403 for a form that another site made the browser send."""
    if request.method in _SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        is_ours = site in ("same-origin", "none")
    else:
        is_ours = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not is_ours:
        raise _not_ours()


async def require_form_token(request: Request, backend: BackendOf) -> None:
    """Raises 403 unless a form of somebody signed in carries what only this session's pages know. Scripts
    may send it as a header."""
    key = backend.sessions.key(request.cookies.get(COOKIE))
    if key is None or request.method in _SAFE:
        return
    token = request.headers.get(HEADER) or (await request.form()).get(FIELD)
    if not isinstance(token, str) or not backend.sessions.is_form_token(token, key):
        raise _not_ours()


def _not_ours() -> Problem:
    return forbidden(
        "This form was not sent from this console. Open the console's own page and use it there."
    )
