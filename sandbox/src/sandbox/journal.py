"""What an outside system was asked and what it answered: the last requests, bounded."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

KEPT_REQUESTS = 5_000
KEPT_BODY_BYTES = 64 * 1024
SECRET_HEADERS = frozenset(
    {
        "apikey",
        "authorization",
        "x-shopify-access-token",
        "x-amz-access-token",
        "x-ebay-api-iaf-token",
        "x-api-key",
        "x-api-token",
    }
)


@dataclass(frozen=True)
class Exchange:
    """One request and its outcome; `status` is None when the connection was reset."""

    at: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any
    status: int | None
    fault: str | None
    duration_ms: float


@dataclass
class Journal:
    exchanges: deque[Exchange] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))
    statuses: Counter[str] = field(default_factory=Counter)
    total: int = 0

    def note(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        self.statuses[str(exchange.status or "reset")] += 1
        self.total += 1

    def last(self, limit: int) -> list[dict[str, Any]]:
        """The newest `limit` exchanges, newest first."""
        newest = list(self.exchanges)[-limit:] if limit > 0 else []
        return [asdict(exchange) for exchange in reversed(newest)]

    def clear(self) -> None:
        self.exchanges.clear()
        self.statuses.clear()
        self.total = 0


def shown_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers without the secret ones, names in lower case."""
    named = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers)
    return {name: value for name, value in named if name not in SECRET_HEADERS}


def shown_body(body: bytes) -> Any:
    """The body as JSON where it is JSON, else as text; long ones are cut."""
    if not body:
        return None
    if len(body) <= KEPT_BODY_BYTES:
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            pass
    return body[:KEPT_BODY_BYTES].decode("utf-8", "replace")
