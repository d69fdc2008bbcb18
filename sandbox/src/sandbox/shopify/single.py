"""One delivery made by hand: any topic, any body, any headers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
from pydantic import BaseModel, ConfigDict, Field

from sandbox.answers import InvalidInput
from sandbox.shopify.delivery import WEBHOOK_PATH, HeaderStyle, Sender, Stamp, wire_headers


class SingleOrder(BaseModel):
    """`body` is sent as compact JSON, `raw` as it is; without either the shop makes up a body for the topic.

    `headers` replaces headers by name in any case; null leaves one out. `times` sends the same bytes again.
    """

    model_config = ConfigDict(extra="forbid")

    topic: str
    body: Any = None
    raw: str | None = None
    headers: dict[str, str | None] = Field(default_factory=dict)
    times: int = Field(default=1, ge=1, le=1_000)
    style: HeaderStyle = HeaderStyle.CLASSIC


@dataclass(frozen=True)
class Letter:
    """A signed request, ready to be posted any number of times."""

    topic: str
    webhook_id: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    subject: str = ""
    path: str = WEBHOOK_PATH

    def headers_at(self, now: datetime) -> tuple[tuple[str, str], ...]:  # noqa: ARG002
        return self.headers


def write_letter(order: SingleOrder, *, sender: Sender, made_up: Callable[[str], bytes | None]) -> Letter:
    """Sign what was ordered; raises InvalidInput when there is no body and the shop cannot make one up."""
    body = _body(order, made_up)
    stamp = Stamp(order.topic, str(uuid4()), str(uuid4()), datetime.now(UTC))
    headers = _replaced(wire_headers(sender, body, stamp=stamp, style=order.style), order.headers)
    return Letter(order.topic, stamp.webhook_id, headers, body)


def _body(order: SingleOrder, made_up: Callable[[str], bytes | None]) -> bytes:
    if order.raw is not None:
        return order.raw.encode()
    if "body" in order.model_fields_set:
        return orjson.dumps(order.body)
    body = made_up(order.topic)
    if body is None:
        raise InvalidInput(f"give a body: a shop has no topic {order.topic!r}")
    return body


def _replaced(
    headers: tuple[tuple[str, str], ...], changes: dict[str, str | None]
) -> tuple[tuple[str, str], ...]:
    changed = {name.lower() for name in changes}
    kept = [(name, value) for name, value in headers if name.lower() not in changed]
    return (*kept, *((name, value) for name, value in changes.items() if value is not None))
