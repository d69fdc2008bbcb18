"""HTTP answers: what was accepted, or RFC 9457 problem details with what to do."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from ingest.refusals import Reason, Refusal

PROBLEM_TYPE = "application/problem+json"
LINGER_S = 2.0
LINGER_BYTES = 64 * 1024 * 1024

_ADVICE = {
    HTTPStatus.NOT_FOUND: (
        "Nothing is here; send to /webhooks/shopify, /webhooks/{sender}/{shop} or /shipments/{shop}."
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: "Send webhooks and shipments with POST.",
}


class ClosingProblem(JSONResponse):
    """Answers while the body may still be on its way, lets some of it pass, then closes the connection.

    Closing at once would reset the connection, and a sender still writing would never see the answer.
    """

    media_type = PROBLEM_TYPE

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        self.headers["connection"] = "close"
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        try:
            async with asyncio.timeout(LINGER_S):
                await _discard(receive)
        except TimeoutError:
            pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def refusal_answer(refusal: Refusal) -> Response:
    reason = refusal.reason
    body: dict[str, Any] = problem(reason.status, refusal.advice, name=reason.public_name)
    if refusal.errors:
        body["errors"] = refusal.errors
    headers = {"Retry-After": str(refusal.retry_after_s)} if refusal.retry_after_s is not None else None
    if reason in (Reason.TOO_LARGE, Reason.TOO_SLOW):
        return ClosingProblem(body, reason.status, headers)
    return JSONResponse(body, reason.status, headers, PROBLEM_TYPE)


def http_error_answer(_: Request, error: Exception) -> Response:
    """Answers Starlette's own errors, such as an unknown path or a wrong method."""
    status = (
        HTTPStatus(error.status_code)
        if isinstance(error, HTTPException)
        else HTTPStatus.INTERNAL_SERVER_ERROR
    )
    headers: Mapping[str, str] | None = error.headers if isinstance(error, HTTPException) else None
    advice = _ADVICE.get(status, "This is a fault of the receiver and was logged; send it again later.")
    return JSONResponse(problem(status, advice), status, headers, PROBLEM_TYPE)


def problem(status: HTTPStatus, detail: str, *, name: str | None = None) -> dict[str, str | int]:
    kind = f"urn:syncledger:problem:{name}" if name else "about:blank"
    return {"type": kind, "title": status.phrase, "status": status.value, "detail": detail}


async def _discard(receive: Receive) -> None:
    passed = 0
    while passed < LINGER_BYTES:
        message: Message = await receive()
        passed += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return
