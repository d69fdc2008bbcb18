"""The door of an outside system: reads the request, injects faults, writes the journal."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.faults import Call, Fault, FaultBoard, FaultRule, retry_after_header
from sandbox.journal import Exchange, Journal, shown_body, shown_headers
from sandbox.server import hang_up

SLOW_DEFAULT_MS = 10_000
_REFUSALS = {
    Fault.RATE_LIMITED: (429, "TooManyRequests"),
    Fault.UNAVAILABLE: (503, "ServiceUnavailable"),
    Fault.UNAUTHORISED: (401, "Unauthorized"),
    Fault.SERVER_ERROR: (500, "InternalServerError"),
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


Words = Callable[[str], dict[str, Any]]
Operations = Callable[[bytes], frozenset[str]]


def engage_words(code: str) -> dict[str, Any]:
    return {"errorCode": code, "message": "injected by the sandbox"}


def no_operations(_body: bytes) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True)
class Tongue:
    """How one system speaks: its words for a refusal, and the operations a request's body names."""

    told: Words = engage_words
    operations: Operations = no_operations


class Gateway:
    """ASGI application in front of one outside system; a rule's path is relative to where it is mounted."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        system: str,
        faults: FaultBoard,
        journal: Journal,
        tongue: Tongue = Tongue(),
    ) -> None:
        self._tongue = tongue
        self._app = app
        self._system = system
        self._faults = faults
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, at = time.perf_counter(), datetime.now(UTC)
        body = await _read(receive)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        call = Call(self._system, scope["method"], path, lambda: self._tongue.operations(body))
        rule = self._faults.strike(call)
        answer = await self._answer(rule, scope, body)
        self._journal.note(
            Exchange(
                at=at.isoformat(),
                method=scope["method"],
                path=path,
                query=scope["query_string"].decode("latin-1"),
                headers=shown_headers(scope["headers"]),
                body=shown_body(body),
                status=answer.status if answer else None,
                fault=rule.fault if rule else None,
                duration_ms=round((time.perf_counter() - started) * 1000, 3),
            )
        )
        if answer is None:
            await hang_up(scope, receive)
        else:
            await _send(answer, send)

    async def _answer(self, rule: FaultRule | None, scope: Scope, body: bytes) -> Answer | None:
        """What to answer; None means hang up."""
        if rule is None:
            return await _run(self._app, scope, body)
        if rule.fault is not Fault.SLOW:
            await pause(rule)
        match rule.fault:
            case Fault.RATE_LIMITED | Fault.UNAVAILABLE | Fault.UNAUTHORISED | Fault.SERVER_ERROR:
                response = refusal(rule, self._tongue.told)
                return Answer(response.status_code, response.raw_headers, bytes(response.body))
            case Fault.RESET_BEFORE:
                return None
            case Fault.RESET_AFTER_EFFECT:
                await _run(self._app, scope, body)
                return None
            case Fault.MALFORMED:
                return _garbled(await _run(self._app, scope, body))
            case Fault.SLOW:
                answer = await _run(self._app, scope, body)
                await pause(rule)
                return answer
            case _:
                assert_never(rule.fault)


async def pause(rule: FaultRule) -> None:
    """What the rule waits: by default ten seconds when it is about slowness, else nothing."""
    default = SLOW_DEFAULT_MS if rule.fault is Fault.SLOW else 0
    await asyncio.sleep((default if rule.delay_ms is None else rule.delay_ms) / 1000)


def refusal(rule: FaultRule, told: Words = engage_words) -> Response:
    """The refusal a rule asks for, in the system's own words."""
    status, code = _REFUSALS[rule.fault]
    retry_after = retry_after_header(rule.retry_after, now=datetime.now(UTC))
    response = Response(orjson.dumps(told(code)), status, media_type="application/json")
    if retry_after is not None:
        response.headers["Retry-After"] = retry_after
    return response


def _garbled(answer: Answer) -> Answer:
    status = 200 if answer.status == 204 else answer.status
    response = Response(b'{"id": "6f1c<html><body>', status, media_type="application/json")
    return Answer(status, response.raw_headers, bytes(response.body))


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return bytes(body)
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


async def _run(app: ASGIApp, scope: Scope, body: bytes) -> Answer:
    """Run the application on a body already read and collect what it answers."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Message] = []

    async def receive() -> Message:
        return pending.pop() if pending else {"type": "http.disconnect"}

    async def collect(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, collect)
    start, *parts = sent
    return Answer(start["status"], list(start["headers"]), b"".join(part.get("body", b"") for part in parts))


async def _send(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
