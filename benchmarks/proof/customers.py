"""Deliveries of new customers, each another one, signed and ready to be sent."""

from collections.abc import Iterable
from datetime import UTC, datetime

import orjson

from benchmarks.proof.ingest.bodies import Content
from benchmarks.proof.ingest.sending import request_of
from sandbox.shopify.delivery import Sender

_TOPIC = "customers/create"


def arrivals(sender: Sender, numbers: Iterable[int]) -> list[tuple[bytes, bytes]]:
    """Head and body of one delivery for each number, which is the customer's id."""
    return [request_of(sender, Content(_TOPIC, _body(number))) for number in numbers]


def _body(number: int) -> bytes:
    now = datetime.now(UTC).isoformat()
    return orjson.dumps(
        {
            "id": number,
            "admin_graphql_api_id": f"gid://shopify/Customer/{number}",
            "email": f"kim.{number}@example.com",
            "phone": None,
            "first_name": "Kim",
            "last_name": "Åberg",
            "state": "enabled",
            "note": None,
            "verified_email": True,
            "tax_exempt": False,
            "currency": "SEK",
            "created_at": now,
            "updated_at": now,
            "addresses": [],
            "tax_exemptions": [],
            "default_address": None,
        }
    )
