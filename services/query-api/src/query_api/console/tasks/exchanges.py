"""The data of a task laid out for reading. Pure."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from query_api.json_view import Piece, pretty
from query_api.repository.payloads import Exchange

LARGEST_SHOWN = 200_000


@dataclass(frozen=True, slots=True)
class BodyView:
    """`pieces` None: the bytes are no text, or too many to show; `raw` leads to them."""

    size: int
    raw: str
    pieces: list[Piece] | None
    is_too_large: bool


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """Data received, or a request with its answer."""

    attempt: int
    position: int
    meta: dict[str, Any]
    sent: BodyView | None
    received: BodyView | None
    is_erased: bool

    @property
    def is_call(self) -> bool:
        return self.position > 0

    @property
    def tone(self) -> str:
        """The colour of a call's answer."""
        status = self.meta.get("status")
        if status is None:
            return "bad" if self.is_call else "calm"
        return "good" if status < 400 else "bad"


def exchange_view(exchange: Exchange, task_id: UUID) -> ExchangeView:
    place = f"/tasks/{task_id}/payloads/{exchange.attempt}.{exchange.position}"
    return ExchangeView(
        attempt=exchange.attempt,
        position=exchange.position,
        meta=exchange.meta,
        sent=_body(exchange.sent, f"{place}.sent"),
        received=_body(exchange.received, f"{place}.received"),
        is_erased=exchange.is_erased,
    )


def _body(content: bytes | None, raw: str) -> BodyView | None:
    if not content:
        return None
    is_too_large = len(content) > LARGEST_SHOWN
    return BodyView(len(content), raw, None if is_too_large else _pieces(content), is_too_large)


def _pieces(content: bytes) -> list[Piece] | None:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return pretty(text) or [Piece("plain", text)]
