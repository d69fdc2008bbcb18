"""An OpenID provider: where to send people, and who they are when they come back.

OpenID Connect Core 1.0 (code flow) and Discovery 1.0; PKCE: RFC 7636; `iss` of the answer: RFC 9207.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from query_api.oidc_access import Departure, Person, SignInRefused, person_of

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
KEPT_S = 3600
TIMEOUT_S = 5.0
CLOCKS_APART_S = 60
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Registration:
    """How this console is known to the provider. `secret` empty: a public client."""

    issuer: str
    client_id: str
    secret: str
    scopes: str
    groups_claim: str
    redirect_uri: str


Requests = httpx.AsyncClient


def requests() -> Requests:
    """One for the process; to be closed with it."""
    return Requests(timeout=TIMEOUT_S, follow_redirects=False)


class Provider:
    """Asks nothing before the first person signs in; what the provider says of itself is kept for an hour."""

    def __init__(self, registration: Registration, client: Requests) -> None:
        self._our = registration
        self._client = client
        self._metadata: Mapping[str, Any] = {}
        self._keys: KeySet | None = None
        self._known_at = float("-inf")

    async def address(self, departure: Departure) -> str:
        """Where the browser is to go. Raises SignInRefused."""
        metadata = await self._known()
        return str(
            prepare_grant_uri(
                metadata["authorization_endpoint"],
                client_id=self._our.client_id,
                response_type="code",
                redirect_uri=self._our.redirect_uri,
                scope=self._our.scopes,
                state=departure.state,
                nonce=departure.nonce,
                code_challenge=create_s256_code_challenge(departure.verifier),
                code_challenge_method="S256",
            )
        )

    async def person(self, departure: Departure, code: str, issuer: str | None) -> Person:
        """Who came back. `issuer`: what the answer said of where it comes from. Raises SignInRefused."""
        if issuer is not None and issuer != self._our.issuer:
            raise SignInRefused("The answer came from another sign-in service. Begin again.")
        if not code:
            raise SignInRefused("The sign-in service did not let you in.")
        tokens = await self._redeemed(code, departure.verifier)
        claims = await self._checked(tokens, departure.nonce)
        if self._our.groups_claim not in claims:
            claims |= await self._more(tokens, str(claims["sub"]))
        return person_of(self._our.issuer, claims, self._our.groups_claim)

    async def _redeemed(self, code: str, verifier: str) -> dict[str, Any]:
        metadata = await self._known()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._our.redirect_uri,
            "code_verifier": verifier,
        }
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if self._our.secret and "client_secret_basic" in methods:
            auth = httpx.BasicAuth(quote(self._our.client_id, safe=""), quote(self._our.secret, safe=""))
            return await self._asked("POST", metadata["token_endpoint"], data=form, auth=auth)
        form["client_id"] = self._our.client_id
        if self._our.secret:
            form["client_secret"] = self._our.secret
        return await self._asked("POST", metadata["token_endpoint"], data=form)

    async def _checked(self, tokens: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of the ID token, signed by the provider, meant for us and for this sign-in."""
        try:
            token = await self._opened(str(tokens.get("id_token", "")))
            options = {
                "iss": {"essential": True, "value": self._our.issuer},
                "aud": {"essential": True, "value": self._our.client_id},
                "sub": {"essential": True},
            }
            asked = {
                "nonce": nonce,
                "client_id": self._our.client_id,
                "access_token": tokens.get("access_token"),
            }
            claims = CodeIDToken(token.claims, token.header, options, asked)
            claims.validate(leeway=CLOCKS_APART_S)
        except (JoseError, ValueError) as error:
            raise SignInRefused("The sign-in service sent something that can not be trusted.") from error
        return dict(claims)

    async def _opened(self, id_token: str) -> jwt.Token:
        """With keys read again where none fits: the provider may have changed them."""
        try:
            return jwt.decode(id_token, await self._key_set(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            self._keys = None
            return jwt.decode(id_token, await self._key_set(), algorithms=ALGORITHMS)

    async def _key_set(self) -> KeySet:
        if self._keys is None:
            document = await self._asked("GET", (await self._known())["jwks_uri"])
            self._keys = KeySet.import_key_set(document)  # type: ignore[arg-type]
        return self._keys

    async def _more(self, tokens: Mapping[str, Any], subject: str) -> dict[str, Any]:
        """Some providers tell groups only where they are asked for them."""
        endpoint = (await self._known()).get("userinfo_endpoint")
        if not endpoint or not tokens.get("access_token"):
            return {}
        claims = await self._asked(
            "GET", endpoint, headers={"Authorization": f"Bearer {tokens['access_token']}"}
        )
        return claims if claims.get("sub") == subject else {}

    async def _known(self) -> Mapping[str, Any]:
        if time.monotonic() - self._known_at > KEPT_S:
            found = await self._asked("GET", get_well_known_url(self._our.issuer, external=True))
            if found.get("issuer") != self._our.issuer:
                raise SignInRefused("The sign-in service calls itself by another name than OIDC_ISSUER.")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _require_safe(str(found.get(name, "")))
            self._metadata, self._keys, self._known_at = found, None, time.monotonic()
        return self._metadata

    async def _asked(self, method: str, address: str, **request: Any) -> dict[str, Any]:
        try:
            answer = await self._client.request(method, address, **request)
            document = answer.raise_for_status().json()
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            raise SignInRefused(f"The sign-in service refused with status {status}. Begin again.") from error
        except (httpx.HTTPError, ValueError) as error:
            raise SignInRefused("The sign-in service does not answer. Try again in a moment.") from error
        if not isinstance(document, dict):
            raise SignInRefused("The sign-in service answered what nobody understands.")
        return document


def _require_safe(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise SignInRefused("The sign-in service wants to be spoken to without encryption.")
