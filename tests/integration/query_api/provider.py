"""An OpenID provider on a real port: its people are let in as they are told to be."""

import base64
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.sandbox.running import served

CLIENT_ID, SECRET = "console", "it's secret"
ACCESS_TOKEN = "access"


@dataclass
class Provider:
    """`claims` are of the person who signs in next; `lies` replace claims of the ID token."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    tells_groups_when_asked: bool = False
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048))
    _asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def let_in(self, address: str) -> str:
        """What the browser comes back with, once its owner has signed in at `address`."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert (asked["client_id"], asked["response_type"]) == (CLIENT_ID, "code")
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self._asked)}"
        self._asked[code] = asked
        return urlencode({"code": code, "state": asked["state"], "iss": self.issuer})

    def turn_keys(self) -> None:
        self.key = RSAKey.generate_key(2048)

    async def describe(self, _: Request) -> Response:
        places = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "keys",
            "userinfo_endpoint": "me",
        }
        return JSONResponse(
            {"issuer": self.issuer} | {name: f"{self.issuer}/{place}" for name, place in places.items()}
        )

    async def keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False) | {"use": "sig", "alg": "RS256"}]})

    async def redeem(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        asked = self._asked.pop(form["code"], None)
        if asked is None or not _is_console(request) or not _is_proof(asked, form["code_verifier"]):
            return JSONResponse({"error": "invalid_grant"}, 400)
        assert form["redirect_uri"] == asked["redirect_uri"]
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        told = {name: value for name, value in self.claims.items() if self._tells(name)}
        id_token = jwt.encode({"alg": "RS256"}, claims | told | self.lies, self.key)
        return JSONResponse({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": id_token})

    async def tell(self, request: Request) -> Response:
        assert request.headers["authorization"] == f"Bearer {ACCESS_TOKEN}"
        return JSONResponse(self.claims)

    def _tells(self, claim: str) -> bool:
        return claim != "groups" or not self.tells_groups_when_asked


@asynccontextmanager
async def running_provider() -> AsyncIterator[Provider]:
    provider = Provider()
    routes = [
        Route("/.well-known/openid-configuration", provider.describe),
        Route("/keys", provider.keys),
        Route("/token", provider.redeem, methods=["POST"]),
        Route("/me", provider.tell),
    ]
    async with served(Starlette(routes=routes)) as address:
        provider.issuer = address
        yield provider


def _is_console(request: Request) -> bool:
    expected = base64.b64encode(b"console:it%27s%20secret").decode()
    return request.headers.get("authorization") == f"Basic {expected}"


def _is_proof(asked: dict[str, str], verifier: str) -> bool:
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return asked["code_challenge"] == digest.decode()
