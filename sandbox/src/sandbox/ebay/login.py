"""eBay's OAuth desk: access tokens for refresh tokens."""

import base64
import binascii
from collections.abc import Callable, Iterable
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer
from sandbox.ebay.seller import Seller

_REQUIRED, _OPTIONAL = {"grant_type", "refresh_token"}, {"scope"}
Sellers = Callable[[], Iterable[Seller]]


class NoToken(Exception):
    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status = status
        self.content = {"error": error, "error_description": description}


async def give_token(request: Request) -> Response:
    """200 with a fresh access token; 400 and 401 as OAuth has them."""
    try:
        client_id, secret = _application(request)
        form = _form(request, await request.body())
        seller = _seller(request.app.state.sellers(), client_id, secret, form["refresh_token"])
        _check_scope(seller, form.get("scope"))
    except NoToken as refusal:
        return json_answer(refusal.content, status=refusal.status)
    content = {
        "access_token": seller.give_token(),
        "token_type": "User Access Token",
        "expires_in": int(seller.terms.token_s) or seller.terms.token_s,
    }
    return json_answer(content)


def told(code: str) -> dict[str, Any]:
    """An injected failure in OAuth's words."""
    return {"error": code, "error_description": "injected by the sandbox"}


def _application(request: Request) -> tuple[str, str]:
    """Client id and secret of the Basic authorisation."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(text, validate=True).decode() if scheme == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        pair = ""
    client_id, colon, secret = pair.partition(":")
    if not colon:
        raise NoToken(401, "invalid_client", "client authentication failed")
    return client_id, secret


def _form(request: Request, body: bytes) -> dict[str, str]:
    written_as = request.headers.get("content-type", "").partition(";")[0].strip()
    fields = parse_qsl(body.decode("utf-8", "replace"))
    form = dict(fields)
    if written_as != "application/x-www-form-urlencoded" or len(form) != len(fields):
        raise NoToken(400, "invalid_request", "the request is no form")
    if not form.keys() >= _REQUIRED or form.keys() - _REQUIRED - _OPTIONAL:
        raise NoToken(400, "invalid_request", f"the request needs {sorted(_REQUIRED)} and may have a scope")
    if form["grant_type"] != "refresh_token":
        raise NoToken(400, "unsupported_grant_type", "grant type in request is not supported")
    return form


def _seller(sellers: Iterable[Seller], client_id: str, secret: str, refresh_token: str) -> Seller:
    mine = [
        one for one in sellers if one.terms.client_id == client_id and _same(one.terms.client_secret, secret)
    ]
    if not mine:
        raise NoToken(401, "invalid_client", "client authentication failed")
    for seller in mine:
        if _same(seller.terms.refresh_token, refresh_token) and not seller.terms.is_revoked:
            return seller
    for seller in mine:
        seller.counts["tokens_refused"] += 1
    raise NoToken(
        400,
        "invalid_grant",
        "the provided authorization refresh token is invalid or was issued to another client",
    )


def _check_scope(seller: Seller, scope: str | None) -> None:
    if set((scope or "").split()) - set(seller.terms.scopes):
        raise NoToken(400, "invalid_scope", "the requested scope exceeds the scope granted to the client")


def _same(known: str, given: str) -> bool:
    return compare_digest(known.encode(), given.encode())


def build_login(sellers: Sellers) -> Starlette:
    """`sellers`: all there are, when asked."""
    app = Starlette(routes=[Route("/v1/oauth2/token", give_token, methods=["POST"])])
    app.state.sellers = sellers
    return app
