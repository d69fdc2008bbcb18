"""What Engage asks of every call: the key, a User-Agent, a content type on writes, and a moderate rate."""

from collections import deque
from collections.abc import Callable
from hmac import compare_digest

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.engage.refusals import Refusal

CALLS_PER_SECOND = 200


class RateWindow:
    """Counts the calls of one key in the last second."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._calls: deque[float] = deque()

    def admit(self) -> None:
        """Count one call; raises Refusal 429 when there were already 200 within a second."""
        now = self._clock()
        while self._calls and now - self._calls[0] >= 1:
            self._calls.popleft()
        if len(self._calls) >= CALLS_PER_SECOND:
            raise Refusal(429, "TooManyRequests", f"more than {CALLS_PER_SECOND} requests per second")
        self._calls.append(now)

    def clear(self) -> None:
        self._calls.clear()


class Door:
    """ASGI middleware that refuses calls before they reach the CRM."""

    def __init__(self, app: ASGIApp, *, api_key: str, window: RateWindow) -> None:
        self._app = app
        self._api_key = api_key
        self._window = window

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            check_headers(scope["method"], Headers(scope=scope), api_key=self._api_key)
            self._window.admit()
        except Refusal as refusal:
            await refusal.answer()(scope, receive, send)
            return
        await self._app(scope, receive, send)


def check_headers(method: str, headers: Headers, *, api_key: str) -> None:
    """Raises the Refusal the headers deserve."""
    if not compare_digest(headers.get("apikey", "").encode(), api_key.encode()):
        raise Refusal(401, "Unauthorized", "apikey is missing or wrong")
    if not headers.get("user-agent", "").strip():
        raise Refusal(403, "UserAgentRequired", "User-Agent must name the application and its version")
    written_as = headers.get("content-type", "").partition(";")[0].strip().lower()
    if method in ("POST", "PUT", "PATCH") and written_as != "application/json":
        raise Refusal(500, "InternalServerError", "An error has occurred")
