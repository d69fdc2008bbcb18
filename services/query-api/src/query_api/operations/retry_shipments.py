"""A retried write-back: its shipment is pending again, as after a person's Synchronize."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from query_api.repository.syncing import hold_shipments, mark_pending
from query_api.shipment_words import ShipmentState
from shared.envelope import Payload
from shared.errors import Rejected
from shared.shipments.writing_back import shipment_of
from shared.tasks import TaskType


@asynccontextmanager
async def pending_meanwhile(
    connection: Any, task_type: str, payload: Payload, retry_id: UUID
) -> AsyncIterator[None]:
    """Inside the caller's transaction: the row is held while the task is published, so that the worker finds
    it marked. Of other types nothing is done."""
    shipment_id = shipment_named(task_type, payload)
    rows = [] if shipment_id is None else await hold_shipments(connection, [shipment_id])
    yield
    failed = {row.id: retry_id for row in rows if row.state is ShipmentState.FAILED}
    if failed:
        await mark_pending(connection, failed)


def shipment_named(task_type: str, payload: Payload) -> UUID | None:
    """The shipment that a write-back is to tell of; None for other tasks."""
    if task_type != TaskType.WRITEBACK_SHIPMENT:
        return None
    try:
        return shipment_of(payload)
    except Rejected:
        return None
