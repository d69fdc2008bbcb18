"""One delivery made by hand: any topic, any body, any headers."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
from pydantic import BaseModel, ConfigDict, Field

from sandbox.answers import InvalidInput
from sandbox.shopify.delivery import HeaderStyle, Sender, Stamp, wire_headers
from sandbox.shopify.generator import Shop


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


class Letter(BaseModel):
    """A signed request, ready to be posted any number of times."""

    webhook_id: str
    headers: list[tuple[str, str]]
    body: bytes


def write_letter(order: SingleOrder, *, sender: Sender, shop: Shop) -> Letter:
    """Sign what was ordered; raises InvalidInput when there is no body and the shop cannot make one up."""
    now = datetime.now(UTC)
    body = _body(order, shop, now)
    stamp = Stamp(order.topic, str(uuid4()), str(uuid4()), now)
    headers = _replaced(wire_headers(sender, body, stamp=stamp, style=order.style), order.headers)
    return Letter(webhook_id=stamp.webhook_id, headers=headers, body=body)


def _body(order: SingleOrder, shop: Shop, now: datetime) -> bytes:
    if order.raw is not None:
        return order.raw.encode()
    if "body" in order.model_fields_set:
        return orjson.dumps(order.body)
    example = shop.example(order.topic, now)
    if example is None:
        raise InvalidInput(f"give a body: this shop never sends {order.topic!r} by itself")
    return example.body


def _replaced(headers: tuple[tuple[str, str], ...], changes: dict[str, str | None]) -> list[tuple[str, str]]:
    changed = {name.lower() for name in changes}
    kept = [(name, value) for name, value in headers if name.lower() not in changed]
    return kept + [(name, value) for name, value in changes.items() if value is not None]
