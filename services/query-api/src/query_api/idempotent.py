"""Requests with an Idempotency-Key are done once: whoever repeats one gets the first answer again.

Around the routes of the API, so that each of them has it. The key is taken before a route sees the request.
An answer is kept sealed, because it may show a new token.
"""

from dataclasses import dataclass

import structlog
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from query_api.auth import Refused, Token, reader_of
from query_api.backend import Backend, admitted
from query_api.idempotency import (
    HEADER,
    METHODS,
    REPLAYED,
    Answer,
    another_request,
    checked,
    packed,
    request_hash,
    unanswered,
    unpacked,
)
from query_api.problems import API_VERSION_1, DATABASE_AWAY, problem_of, render
from query_api.repository.idempotency import Key, Known, keep, release, reserve
from query_api.repository.tokens import find_token
from shared.envelope import utc_now

log = structlog.get_logger()

_BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A request with a key, from somebody whose token is good."""

    backend: Backend
    token: Token
    key: Key
    body: bytes


class Idempotent:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_keyed(scope):
            await self._app(scope, receive, send)
            return
        try:
            asked = await _asked(scope, receive)
        except Refused:
            await self._app(scope, receive, send)
            return
        except Exception as error:  # noqa: BLE001 - told as the routes' own handlers tell it
            await render(problem_of(error))(scope, receive, send)
            return
        answer = await self._answer(scope, receive, asked)
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, asked: _Keyed) -> Response:
        try:
            before = await reserve(asked.backend.pool, asked.key)
            if before is not None:
                return await _given_again(asked, before)
        except Exception as error:  # noqa: BLE001 - told as the routes' own handlers tell it
            return render(problem_of(error))
        return await self._done(scope, receive, asked)

    async def _done(self, scope: Scope, receive: Receive, asked: _Keyed) -> Response:
        """The first answer, kept before it is given."""
        gathered = _Gathered()
        try:
            await self._app(scope, _replaying(asked.body, receive), gathered.take)
        except Exception:
            await release(asked.backend.pool, asked.key)
            raise
        answer = gathered.answer
        try:
            if answer.is_done:
                sealed = asked.backend.vault.seal(packed(answer))
                await keep(asked.backend.pool, asked.key, status=answer.status, answer=sealed)
            else:
                await release(asked.backend.pool, asked.key)
        except DATABASE_AWAY as error:
            log.warning("idempotency_key_stays_taken", reason=repr(error)[:200])
        return _response(answer)


def _is_keyed(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] in METHODS
        and scope["path"].startswith(API_VERSION_1)
        and HEADER in Headers(scope=scope)
    )


async def _asked(scope: Scope, receive: Receive) -> _Keyed:
    """Raises Refused, before anything was read, for who has no good token: the route tells them so."""
    backend: Backend = scope["app"].state.backend
    headers = Headers(scope=scope)
    text = headers.get("authorization", "")
    is_bearer = text[: len(_BEARER)].lower() == _BEARER
    token = await find_token(backend.pool, text[len(_BEARER) :].strip()) if is_bearer else None
    reader_of(token, utc_now())
    assert token is not None
    key, body = checked(headers[HEADER]), await _body(receive)
    address = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
    return _Keyed(backend, token, Key(token.id, key, request_hash(scope["method"], address, body)), body)


async def _given_again(asked: _Keyed, before: Known) -> Response:
    """Raises Problem. It counts as a request of the token's."""
    await admitted(asked.backend, asked.token)
    if before.request != asked.key.request:
        raise another_request()
    if before.answer is None:
        raise unanswered(before.age_s)
    response = _response(unpacked(asked.backend.vault.open(before.answer)))
    response.headers[REPLAYED] = "true"
    return response


async def _body(receive: Receive) -> bytes:
    parts, goes_on = [], True
    while goes_on:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        goes_on = message.get("more_body", False)
    return b"".join(parts)


def _replaying(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


class _Gathered:
    """The messages of an answer, in one."""

    def __init__(self) -> None:
        self._status = 500
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self._parts.append(message.get("body", b""))

    @property
    def answer(self) -> Answer:
        return Answer(self._status, self._headers, b"".join(self._parts))


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status)
    own = [(name, value) for name, value in answer.headers if name.lower() != b"content-length"]
    response.raw_headers = [*own, (b"content-length", str(len(answer.body)).encode())]
    return response
