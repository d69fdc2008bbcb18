"""Bodies as Shopify sends them, from two to a hundred kilobytes. Pure: the same seed makes the same ones."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson

from sandbox.shopify.delivery import Sender
from sandbox.shopify.generator import Shop

DIFFERENT = 60
_LARGE_EVERY = 12
_LARGE_BYTES = 95_000
_SMALLEST_BYTES = 2_000


class Content(NamedTuple):
    topic: str
    body: bytes


def contents(sender: Sender, *, seed: str) -> Sequence[Content]:
    """Each twelfth is an order of as many lines as it takes to be large."""
    shop = Shop(sender, seed=seed, topics={"orders/create", "orders/updated", "customers/update"})
    found: list[Content] = []
    now = datetime.now(UTC)
    while len(found) < DIFFERENT:
        for delivery in shop.take(DIFFERENT, start=now, step=timedelta(seconds=5)):
            found += _as_wanted(Content(delivery.topic, delivery.body), len(found))
    return found[:DIFFERENT]


def _as_wanted(content: Content, place: int) -> list[Content]:
    if place % _LARGE_EVERY == 0:
        return [content._replace(body=_enlarged(orjson.loads(content.body)))] if _is_order(content) else []
    return [content] if len(content.body) >= _SMALLEST_BYTES else []


def _is_order(content: Content) -> bool:
    return content.topic.startswith("orders/")


def _enlarged(order: dict[str, Any]) -> bytes:
    lines = order["line_items"]
    each = len(orjson.dumps(lines[0]))
    number = (_LARGE_BYTES - len(orjson.dumps(order))) // each
    order["line_items"] += [lines[0] | {"id": lines[0]["id"] + 1 + n} for n in range(number)]
    return orjson.dumps(order)
