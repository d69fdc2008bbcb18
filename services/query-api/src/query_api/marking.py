"""Marks a failed shipment as done by hand: nobody is told of it, and who said so is written down with it."""

from uuid import UUID

import structlog

from query_api.auth import Reader
from query_api.backend import Backend
from query_api.done_by_hand import is_marked_by, noted, why_not
from query_api.problems import Problem, not_found
from query_api.repository.audit import Deed, audit
from query_api.repository.shipment_records import ShipmentRow
from query_api.repository.syncing import hold_shipments, is_under_way, mark_done

ACTION = "shipment.done-by-hand"
NOWHERE = "There is no such shipment that this token may see."

log = structlog.get_logger()


async def marked(
    backend: Backend, reader: Reader, shipment_id: UUID, *, words: str | None, address: str | None
) -> ShipmentRow:
    """The shipment as it is then; as it was when this person has marked it before. Raises Problem."""
    async with backend.pool.acquire() as connection, connection.transaction():
        held = await hold_shipments(connection, [shipment_id])
        if not held:
            raise not_found(NOWHERE)
        row = held[0]
        if is_marked_by(row, reader.name):
            return row
        reason = why_not(row, is_under_way=await is_under_way(connection, row.task_ids))
        if reason is not None:
            raise Problem(409, "conflict", reason)
        done = await mark_done(connection, row, note=noted(reader.name, words))
        await audit(connection, reader, _deed(row, done, address))
    log.info(
        "shipment_done_by_hand",
        shipment=str(row.id),
        shop_id=row.shop_id,
        account_id=row.account_id,
        token_id=reader.token_id,
        state=done.state.value,
    )
    return done


def _deed(before: ShipmentRow, done: ShipmentRow, address: str | None) -> Deed:
    """Without the person's own words, which may name people."""
    detail = {
        "account_id": done.account_id,
        "order_id": done.order_id,
        "version": done.version,
        "state": done.state.value,
        "error_kind": before.error_kind,
        "task_id": str(before.task_id),
    }
    return Deed(ACTION, done.shop_id, subject=str(done.id), detail=detail, address=address)
