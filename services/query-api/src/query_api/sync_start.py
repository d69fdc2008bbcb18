"""Starts the write-backs of failed shipments anew, each at most once however often it is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from query_api.auth import Reader
from query_api.backend import Backend
from query_api.repository.audit import Deed, audit
from query_api.repository.shipment_records import ShipmentRow, Shipper
from query_api.repository.syncing import hold_shipments, mark_pending
from query_api.starting import SERVICE
from query_api.sync_plan import Reason, kind_of, refusal
from shared.envelope import Transition, utc_now
from shared.shipments.writing_back import payload_of, retry_policy_of
from shared.starting import Start, started
from shared.tasks import Lane, TaskType


@dataclass(frozen=True, slots=True)
class Begun:
    """Tasks by the shipment they tell of; of others why not, and the task they have."""

    tasks: dict[UUID, Transition]
    refused: dict[UUID, tuple[Reason, UUID]]


async def begin(
    backend: Backend,
    reader: Reader,
    ids: Sequence[UUID],
    accounts: Mapping[int, Shipper],
    *,
    lane: Lane | None,
) -> Begun:
    """The rows are committed once the broker has the tasks; a task whose row was not finds nothing to do, or
    does what the next one would. Raises Problem when the broker does not answer: then all is as before."""
    begun = Begun({}, {})
    async with backend.pool.acquire() as connection, connection.transaction():
        for row in await hold_shipments(connection, ids):
            shipper = accounts[row.account_id]
            reason = refusal(kind_of(row), shipper)
            if reason is None:
                begun.tasks[row.id] = _task(row, shipper, reader, lane)
            else:
                begun.refused[row.id] = (reason, row.task_id)
        await mark_pending(connection, {of: task.task.id for of, task in begun.tasks.items()})
        if begun.tasks:
            await audit(connection, reader, _deed(begun))
            await backend.starter.start_all(list(begun.tasks.values()))
    return begun


def _deed(begun: Begun) -> Deed:
    shops = {task.task.shop_id for task in begun.tasks.values()}
    only = next(iter(begun.tasks)) if len(begun.tasks) == 1 else None
    return Deed(
        "shipments.sync",
        shops.pop() if len(shops) == 1 else None,
        {"shipments": len(begun.tasks)},
        subject=None if only is None else str(only),
    )


def _task(row: ShipmentRow, shipper: Shipper, reader: Reader, lane: Lane | None) -> Transition:
    start = Start(
        type=TaskType.WRITEBACK_SHIPMENT,
        shop_id=row.shop_id,
        actor=reader.name,
        payload=payload_of(row.id),
        account_id=row.account_id,
        source_id=row.order_id,
        order_number=row.order_number,
        retry_of=row.task_id,
        retry_policy=retry_policy_of(shipper.settings),
        lane=lane,
    )
    return started(start, service=SERVICE, now=utc_now())
