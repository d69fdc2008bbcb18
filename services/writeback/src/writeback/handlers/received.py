"""Takes over what shipping software reports: each package that can be used becomes a row and a write-back."""

from collections.abc import Sequence
from typing import Any

import orjson

from shared.envelope import Payload
from shared.errors import Rejected, Retryable
from shared.handling import FollowUp, Outcome, Run
from shared.shipments.message import Message, read_message
from shared.shipments.parcels import Fault, Faulty, Void
from shared.shipments.writing_back import payload_of
from shared.tasks import TaskType
from writeback.shipments.finding import find_order
from writeback.shipments.intake import Intake, Shelf, decide
from writeback.shipments.orders import KnownOrder
from writeback.shipments.receiving import Kept, Place, keep, lock_packages

PATIENCE_MS = 3_000
_MOST_TOLD = 10
_MOST_LISTED = 100


async def receive_shipment(run: Run) -> Outcome:
    """What is invalid is refused by name, and the rest goes on."""
    message = _message(run)
    order = await find_order(run.pool, run.task.shop_id, message.order)
    if order is None:
        raise Retryable(f"The order {message.order} is not known here yet", kind="awaited")
    connection = await run.begin()
    known = await lock_packages(connection, order)
    intake = decide(message, Shelf(order, known, run.task.queued_at))
    if not intake.decisions:
        raise _nothing_of_it(intake)
    place = Place(run.task.shop_id, order, message.shipment_id, run.task.queued_at)
    kept = await keep(connection, place, known, intake.decisions)
    return _outcome(message, order, intake, kept)


def _message(run: Run) -> Message:
    try:
        return read_message(run.payload.body, received_at=run.task.queued_at)
    except Faulty as faulty:
        raise Rejected(_refusal(faulty.faults)) from None


def _nothing_of_it(intake: Intake) -> Rejected | Retryable:
    if not intake.awaited:
        return Rejected(_refusal(intake.faults))
    names = ", ".join(f"'{void.id}'" for void in intake.awaited[:_MOST_TOLD])
    text = f"Packages to be taken back were never reported: {names}"
    refused = f". {_refusal(intake.faults)}" if intake.faults else ""
    return Retryable(text + refused, kind="awaited")


def _refusal(faults: Sequence[Fault]) -> str:
    told = "; ".join(str(fault) for fault in faults[:_MOST_TOLD])
    more = f"; and {len(faults) - _MOST_TOLD} more" if len(faults) > _MOST_TOLD else ""
    return f"Refused: {told}{more}"


def _outcome(message: Message, order: KnownOrder, intake: Intake, kept: Sequence[Kept]) -> Outcome:
    refused = len({fault.package for fault in intake.faults})
    follow_ups = [_write_back(order, one) for one in kept if one.task_id is not None]
    if intake.awaited:
        follow_ups.append(_later(message, order, intake.awaited))
    return Outcome(
        note=_note(kept, refused),
        source_id=message.shipment_id,
        order_number=order.number,
        summary=_summary(message, order, intake, kept),
        items_processed=len(kept),
        items_failed=refused,
        items_total=len(kept) + refused + len(intake.awaited),
        follow_ups=tuple(follow_ups),
    )


def _note(kept: Sequence[Kept], refused: int) -> str | None:
    if refused:
        return f"{refused} of the packages were refused: the summary names them"
    return None if any(one.task_id for one in kept) else "All of this was reported before; nothing was done"


def _summary(message: Message, order: KnownOrder, intake: Intake, kept: Sequence[Kept]) -> dict[str, Any]:
    packages = [
        {
            "package": one.decision.package.id,
            "change": one.decision.change.value,
            "shipment": str(one.row_id),
        }
        for one in kept[:_MOST_LISTED]
    ]
    refused = [
        {"package": fault.package, "field": fault.field, "problem": fault.problem}
        for fault in intake.faults[:_MOST_LISTED]
    ]
    return {
        "shipment_id": message.shipment_id,
        "order_id": order.id,
        "account": order.account.name,
        "packages": packages,
        "refused": refused,
        "awaited": [void.id for void in intake.awaited[:_MOST_LISTED]],
    }


def _write_back(order: KnownOrder, kept: Kept) -> FollowUp:
    return FollowUp(
        TaskType.WRITEBACK_SHIPMENT,
        payload_of(kept.row_id),
        source_id=order.id,
        order_number=order.number,
        account_id=order.account.id,
        retry_policy=order.account.retry_policy,
        id=kept.task_id,
    )


def _later(message: Message, order: KnownOrder, voids: Sequence[Void]) -> FollowUp:
    """What is taken back may have been reported by a message that still waits."""
    body = {
        "order": {"id": order.id, "account": order.account.name},
        "shipment_id": message.shipment_id,
        "packages": [{"id": void.id, "void": True} for void in voids],
    }
    return FollowUp(
        TaskType.SHIPMENT_RECEIVED,
        Payload(body=orjson.dumps(body)),
        source_id=message.shipment_id,
        order_number=order.number,
        delay_ms=PATIENCE_MS,
    )
