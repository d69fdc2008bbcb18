"""Login with Amazon: access tokens for refresh tokens."""

from collections.abc import Iterable
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.amazon.seller import Seller
from sandbox.answers import json_answer

_FIELDS = {"grant_type", "refresh_token", "client_id", "client_secret"}


class NoToken(Exception):
    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status = status
        self.content = {"error": error, "error_description": description}


async def give_token(request: Request) -> Response:
    """200 with a fresh access token; 400 and 401 as OAuth has them."""
    try:
        form = _form(request, await request.body())
        seller = _seller(request.app.state.sellers(), form)
    except NoToken as refusal:
        return json_answer(refusal.content, status=refusal.status)
    content = {
        "access_token": seller.give_token(),
        "refresh_token": seller.terms.refresh_token,
        "token_type": "bearer",
        "expires_in": int(seller.terms.token_s) or seller.terms.token_s,
    }
    return json_answer(content)


def told(code: str) -> dict[str, Any]:
    """An injected failure in OAuth's words."""
    return {"error": code, "error_description": "injected by the sandbox"}


def _form(request: Request, body: bytes) -> dict[str, str]:
    written_as = request.headers.get("content-type", "").partition(";")[0].strip()
    form = parse_qsl(body.decode("utf-8", "replace"))
    if written_as != "application/x-www-form-urlencoded":
        raise NoToken(400, "invalid_request", "The body must be a form.")
    if {name for name, _ in form} != _FIELDS or len(form) != len(_FIELDS):
        raise NoToken(400, "invalid_request", f"The request needs exactly {sorted(_FIELDS)}.")
    return dict(form)


def _seller(sellers: Iterable[Seller], form: dict[str, str]) -> Seller:
    if form["grant_type"] != "refresh_token":
        raise NoToken(400, "unsupported_grant_type", "The authorization grant type is not supported.")
    mine = [seller for seller in sellers if seller.terms.client_id == form["client_id"]]
    allowed = [one for one in mine if _same(one.terms.client_secret, form["client_secret"])]
    if not allowed:
        raise NoToken(401, "invalid_client", "Client authentication failed.")
    for seller in allowed:
        if _same(seller.terms.refresh_token, form["refresh_token"]) and not seller.terms.is_revoked:
            return seller
    for seller in allowed:
        seller.counts["tokens_refused"] += 1
    raise NoToken(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token.")


def _same(known: str, given: str) -> bool:
    return compare_digest(known.encode(), given.encode())


def build_login(sellers: Any) -> Starlette:
    """`sellers`: all there are, when asked."""
    app = Starlette(routes=[Route("/auth/o2/token", give_token, methods=["POST"])])
    app.state.sellers = sellers
    return app
