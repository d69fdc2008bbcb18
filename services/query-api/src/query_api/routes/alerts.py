"""`/alerts`: what is not as it should be, and what people do about it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from query_api.alert_query import AlertQuery, AlertState
from query_api.auth import Reader
from query_api.backend import ApiReader, Backend, BackendOf, Operator, backend_of
from query_api.places import InvalidCursor, decode, encode
from query_api.problems import Problem, documented, invalid, not_found
from query_api.repository import alerts as store
from query_api.repository.alerts import AlertRow
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.routes.accounts import chosen_shops
from query_api.routes.alert_parameters import (
    AcknowledgeIn,
    AlertsParameters,
    MuteIn,
    alert_query,
    end_of,
)
from query_api.routes.freshness import answered_as_of
from query_api.schemas.alert_shaping import alert, alert_detail
from query_api.schemas.alerts import AlertAnswer, AlertCounts, AlertsAnswer
from shared.envelope import utc_now

router = APIRouter(prefix="/alerts", tags=["alerts"])


@router.get("", summary="Alerts", responses=documented(400, 401, 503))
async def list_alerts(
    parameters: Annotated[AlertsParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> AlertsAnswer:
    """A page of alerts, those noticed last first, and how many are open. What concerns the platform and no
    shop in particular is shown to tokens for all shops."""
    async with snapshot(backend.pool) as connection:
        query = alert_query(parameters, await chosen_shops(connection, parameters.shop, reader))
        page = await _page(connection, query, parameters)
        counts = await store.open_counts(connection, query.shop_ids)
        return AlertsAnswer(
            as_of=await answered_as_of(connection, response),
            evaluated_at=await store.evaluated_at(connection),
            counts=AlertCounts.model_validate(counts, from_attributes=True),
            alerts=[alert(row) for row in page.alerts],
            next=page.next and encode(page.next, query.fingerprint),
            previous=page.previous and encode(page.previous, query.fingerprint),
        )


@router.get("/{alert_id}", summary="One alert", responses=documented(400, 401, 404, 503))
async def get_alert(alert_id: UUID, reader: ApiReader, backend: BackendOf, response: Response) -> AlertAnswer:
    """What happened, since when, with the figures and what to do; all that became of it, who did what, and
    who was told (for the roles operator and admin with addresses)."""
    return await _answer(backend, reader, alert_id, response)


@router.post(
    "/{alert_id}/acknowledge",
    summary="Acknowledge an alert",
    responses=documented(400, 401, 403, 404, 409, 503),
)
async def acknowledge_alert(
    alert_id: UUID,
    reader: Operator,
    request: Request,
    response: Response,
    wanted: AcknowledgeIn | None = None,
) -> AlertAnswer:
    """Says that somebody cares: people are not reminded any more, only told when it is over. Once is enough:
    who was first stays. Needs the role operator or admin."""
    backend, note = backend_of(request), wanted.note if wanted else None
    async with backend.pool.acquire() as connection, connection.transaction():
        row = await visible(connection, alert_id, reader)
        done = await store.acknowledge(connection, alert_id, reader.name, note)
        if not done and row.state is AlertState.RESOLVED:
            raise Problem(409, "conflict", "This alert is over: there is nothing left to acknowledge.")
        if done:
            await audit(connection, reader, _deed("alert.acknowledge", row, request))
    return await _answer(backend, reader, alert_id, response)


@router.post("/{alert_id}/mute", summary="Mute an alert", responses=documented(400, 401, 403, 404, 503))
async def mute_alert(
    alert_id: UUID, wanted: MuteIn, reader: Operator, request: Request, response: Response
) -> AlertAnswer:
    """Nothing is told of this alert until then, nor of the next one of the same shop, rule and subject. It is
    evaluated and shown all the same. Needs the role operator or admin."""
    backend, until = backend_of(request), end_of(wanted, utc_now())
    async with backend.pool.acquire() as connection, connection.transaction():
        row = await visible(connection, alert_id, reader)
        await store.mute(connection, alert_id, until, actor=reader.name, note=wanted.note)
        await audit(connection, reader, _deed("alert.mute", row, request, until=until.isoformat()))
    return await _answer(backend, reader, alert_id, response)


@router.post("/{alert_id}/unmute", summary="Unmute an alert", responses=documented(400, 401, 403, 404, 503))
async def unmute_alert(alert_id: UUID, reader: Operator, request: Request, response: Response) -> AlertAnswer:
    """People are told again, if it is still so. Needs the role operator or admin."""
    backend = backend_of(request)
    async with backend.pool.acquire() as connection, connection.transaction():
        row = await visible(connection, alert_id, reader)
        if await store.unmute(connection, alert_id, reader.name):
            await audit(connection, reader, _deed("alert.unmute", row, request))
    return await _answer(backend, reader, alert_id, response)


async def visible(connection: Any, alert_id: UUID, reader: Reader) -> AlertRow:
    """Raises 404 alike for alerts that do not exist and for those the reader may not see."""
    rows = await store.alerts_by_id(connection, [alert_id])
    if not rows or not _may_see(reader, rows[0].shop_id):
        raise not_found("There is no such alert that this token may see.")
    return rows[0]


def _deed(action: str, row: AlertRow, request: Request, **detail: str) -> Deed:
    """Without the person's own words, which may name people."""
    address = request.client.host if request.client else None
    detail |= {"rule": row.rule, "subject": row.subject}
    return Deed(action, row.shop_id, detail, address=address, subject=str(row.id))


def _may_see(reader: Reader, shop_id: int | None) -> bool:
    """The platform's own are for those who see all shops."""
    return reader.shop_ids is None if shop_id is None else reader.may_see_shop(shop_id)


async def _answer(backend: Backend, reader: Reader, alert_id: UUID, response: Response) -> AlertAnswer:
    async with snapshot(backend.pool) as connection:
        row = await visible(connection, alert_id, reader)
        history = await store.history_of(connection, alert_id)
        told = await store.notifications_of(connection, row)
        as_of = await answered_as_of(connection, response)
    shown = alert_detail(row, history, told, with_addresses=reader.may_see_payloads)
    return AlertAnswer(as_of=as_of, alert=shown)


async def _page(connection: Any, query: AlertQuery, parameters: AlertsParameters) -> store.AlertPage:
    try:
        place = None if parameters.cursor is None else decode(parameters.cursor, query.fingerprint)
        return await store.alert_page(connection, query, place, limit=parameters.limit)
    except InvalidCursor as error:
        raise invalid("cursor", str(error)) from error
