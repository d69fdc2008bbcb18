"""What a write-back carries, and how often it is tried: the same for all who start one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from shared.envelope import Payload
from shared.errors import Rejected
from shared.retry import FIVE_ATTEMPTS, LINEAR_THREE

RETRY_POLICIES = (FIVE_ATTEMPTS.name, LINEAR_THREE.name)


def retry_policy_of(settings: Mapping[str, Any]) -> str | None:
    """The policy an account's settings want for its write-backs; None: the type's own."""
    wish = settings.get("retry_policy")
    return wish if wish in RETRY_POLICIES else None


def payload_of(shipment: UUID) -> Payload:
    """`shipment`: the id of a row of store.shipments."""
    return Payload(body=orjson.dumps({"shipment": str(shipment)}))


def shipment_of(payload: Payload) -> UUID:
    """Raises Rejected for a task that does not name a shipment."""
    try:
        return UUID(orjson.loads(payload.body)["shipment"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Rejected("The task does not name the shipment it is about") from error
