"""`/shipments/…/sync`: shipments are synchronised again, one, some, or all that match."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from query_api.auth import Reader
from query_api.backend import BackendOf, Operator
from query_api.places import InvalidCursor, encode
from query_api.problems import Problem, documented, invalid, not_found
from query_api.repository.connections import snapshot
from query_api.repository.shipments import TooManyFound
from query_api.routes.freshness import answered_as_of
from query_api.routes.shipment_parameters import SyncIn, selected, shipment_query
from query_api.routes.shipments import place_in, visible
from query_api.schemas.syncing import (
    MOST_AT_ONCE,
    AccountPart,
    NotStarted,
    StartedSync,
    SyncAnswer,
    SyncOneAnswer,
)
from query_api.sync_plan import MESSAGES, AccountShare, Reason, start_message
from query_api.sync_selection import Selection, select, walk_of
from query_api.sync_start import Begun, begin
from shared.envelope import Transition, utc_now
from shared.tasks import Lane

router = APIRouter(prefix="/shipments", tags=["shipments"])


@router.post(
    "/sync",
    status_code=202,
    summary="Synchronize my shipments",
    responses=documented(400, 401, 403, 503),
)
async def sync_shipments(
    wanted: SyncIn, reader: Operator, backend: BackendOf, response: Response
) -> SyncAnswer:
    """Starts failed shipments anew, oldest first, at most 500 in one request: while `next` is there, the same
    request with it as `cursor` goes on, and meets no shipment twice. They run beside the live ones, not
    before them. What is synchronised or under way is left alone, so that a second click starts nothing.
    Needs the role operator or admin."""
    async with snapshot(backend.pool) as connection:
        chosen, cursor = await _selection(connection, wanted, reader)
        as_of = await answered_as_of(connection, response)
    begun = Begun({}, {})
    if chosen.batch and not wanted.dry_run:
        begun = await begin(backend, reader, chosen.batch, chosen.accounts, lane=Lane.WRITEBACK_BULK)
    now = utc_now()
    return SyncAnswer(
        as_of=as_of,
        dry_run=wanted.dry_run,
        matching=chosen.plan.matching,
        to_start=chosen.plan.to_start.total(),
        is_exact=chosen.is_exact,
        seconds=max((share.seconds_until_done(now) for share in chosen.shares), default=0),
        accounts=[_part(share, now) for share in chosen.shares],
        not_started=_not_started(chosen),
        started=[_started(shipment_id, task) for shipment_id, task in begun.tasks.items()],
        next=None if wanted.dry_run else cursor,
    )


@router.post(
    "/{shipment_id}/sync",
    status_code=202,
    summary="Synchronize a shipment",
    responses=documented(400, 401, 403, 404, 409, 503),
)
async def sync_shipment(
    shipment_id: UUID, reader: Operator, backend: BackendOf, response: Response
) -> SyncOneAnswer:
    """Starts a failed shipment anew, before those that are started by the hundred. One that is synchronised
    or under way is left alone, with the task it has. Needs the role operator or admin."""
    async with snapshot(backend.pool) as connection:
        row, shipper = await visible(connection, shipment_id, reader)
        as_of = await answered_as_of(connection, response)
    begun = await begin(backend, reader, [row.id], {shipper.id: shipper}, lane=None)
    if (task := begun.tasks.get(shipment_id)) is not None:
        return SyncOneAnswer(
            as_of=as_of,
            shipment=shipment_id,
            started=True,
            task_id=task.task.id,
            message=start_message(shipper),
        )
    if shipment_id not in begun.refused:
        raise not_found(MESSAGES[Reason.NOT_FOUND])
    reason, task_id = begun.refused[shipment_id]
    if not reason.is_settled:
        raise Problem(409, "conflict", MESSAGES[reason])
    return SyncOneAnswer(
        as_of=as_of,
        shipment=shipment_id,
        started=False,
        task_id=task_id,
        reason=reason,
        message=MESSAGES[reason],
    )


async def _selection(connection: Any, wanted: SyncIn, reader: Reader) -> tuple[Selection, str | None]:
    """What is meant, and where a further request goes on. Raises Problem."""
    if wanted.filter is not None:
        query, among = await shipment_query(connection, wanted.filter, reader)
    else:
        query, among = await selected(connection, wanted.ids or [], reader)
    fingerprint = walk_of(query).fingerprint
    place = place_in(wanted.cursor, fingerprint)
    try:
        chosen = await select(connection, query, among, place, limit=MOST_AT_ONCE)
    except InvalidCursor as error:
        raise invalid("cursor", str(error)) from error
    except TooManyFound as error:
        raise invalid(error.field, str(error)) from error
    return chosen, None if chosen.next is None else encode(chosen.next, fingerprint)


def _part(share: AccountShare, now: datetime) -> AccountPart:
    shipper = share.shipper
    return AccountPart(
        account_id=str(shipper.id),
        account=shipper.name,
        to_start=share.to_start,
        per_second=share.per_second,
        seconds=share.seconds_until_done(now),
        paused_until=shipper.paused_until,
        problem=shipper.problem,
    )


def _not_started(chosen: Selection) -> list[NotStarted]:
    return [
        NotStarted(
            reason=reason, message=MESSAGES[reason], count=number, shipments=chosen.named.get(reason, [])
        )
        for reason, number in chosen.plan.refused.items()
        if number
    ]


def _started(shipment_id: UUID, transition: Transition) -> StartedSync:
    task = transition.task
    assert task.retry_of is not None
    return StartedSync(
        shipment=shipment_id,
        task_id=task.id,
        account_id=str(task.account_id),
        order_number=task.order_number,
        retry_of=task.retry_of,
    )
