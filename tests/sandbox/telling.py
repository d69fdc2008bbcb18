"""What the receiver has been told, by topic."""

from typing import Any

import orjson

from tests.sandbox.running import Receiver
from tests.waiting import eventually


def topics(receiver: Receiver) -> list[str]:
    return sorted(
        taken.headers.get("x-shopify-topic") or taken.headers["shopify-topic"] for taken in receiver.requests
    )


async def told(receiver: Receiver, *expected: str) -> dict[str, Any]:
    """Wait for exactly these topics; returns the bodies by topic."""
    await eventually(lambda: len(receiver.requests) >= len(expected), what=f"{expected} told")
    assert topics(receiver) == sorted(expected)
    return {
        taken.headers.get("x-shopify-topic") or taken.headers["shopify-topic"]: orjson.loads(taken.body)
        for taken in receiver.requests
    }
