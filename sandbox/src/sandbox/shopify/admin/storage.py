"""Where bulk results lie: anyone with the address may read them, whole or in parts."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from sandbox.faults import Call, Fault, FaultBoard, FaultRule
from sandbox.gateway import pause, refusal
from sandbox.journal import Exchange, Journal, shown_headers
from sandbox.server import hang_up
from sandbox.shopify.shops import Shops

SYSTEM = "shopify-storage"


class HungUp(Exception):
    """The download ends here, without the rest."""


class Storage:
    """ASGI application; `reset_after_effect` breaks off in the middle of what was asked for."""

    def __init__(self, shops: Shops, faults: FaultBoard, journal: Journal) -> None:
        self._shops = shops
        self._faults = faults
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        rule = self._faults.strike(Call(SYSTEM, scope["method"], path))
        self._note(request, path, rule)
        if rule is not None:
            await pause(rule)
        if rule is not None and rule.fault is Fault.RESET_BEFORE:
            await hang_up(scope, receive)
            return
        response = self._response(path.lstrip("/"), rule)
        try:
            await response(scope, receive, _broken_off(send) if _breaks_off(rule) else send)
        except HungUp:
            await hang_up(scope, receive)

    def _response(self, name: str, rule: FaultRule | None) -> Response:
        if rule is not None and rule.fault in (Fault.RATE_LIMITED, Fault.UNAVAILABLE, Fault.SERVER_ERROR):
            return refusal(rule)
        if rule is not None and rule.fault is Fault.UNAUTHORISED:
            return PlainTextResponse("expired", 403)
        if rule is not None and rule.fault is Fault.MALFORMED:
            return PlainTextResponse("<html>busy</html>")
        file = self._file(name)
        if file is None:
            return PlainTextResponse("NoSuchKey", 404)
        return FileResponse(file, media_type="application/jsonl")

    def _file(self, name: str) -> Path | None:
        found: Iterable[Path | None] = (
            shop.bulk_desk.file_of(name) for shop in self._shops.by_domain.values()
        )
        return next((file for file in found if file is not None and file.exists()), None)

    def _note(self, request: Request, path: str, rule: FaultRule | None) -> None:
        self._journal.note(
            Exchange(
                at=datetime.now(UTC).isoformat(),
                method=request.method,
                path=path,
                query=request.url.query,
                headers=shown_headers(request.scope["headers"]),
                body=None,
                status=200 if rule is None else None,
                fault=rule.fault if rule else None,
                duration_ms=0,
            )
        )


def _breaks_off(rule: FaultRule | None) -> bool:
    return rule is not None and rule.fault is Fault.RESET_AFTER_EFFECT


def _broken_off(send: Send) -> Send:
    """Sends the first half of what the answer's length promises, then hangs up."""
    left = 0

    async def half(message: Message) -> None:
        nonlocal left
        if message["type"] == "http.response.start":
            lengths = [int(value) for name, value in message["headers"] if name == b"content-length"]
            left = (lengths[0] if lengths else 0) // 2
            await send(message)
            return
        body = message.get("body", b"")[:left]
        left -= len(body)
        await send({"type": "http.response.body", "body": body, "more_body": True})
        if left <= 0:
            raise HungUp

    return half
