"""`/alerts`: what is not as it should be, and what people do about it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from query_api.alert_query import AlertQuery
from query_api.auth import Reader
from query_api.backend import ApiReader, Backend, BackendOf, Operator, backend_of
from query_api.places import InvalidCursor, decode, encode
from query_api.problems import documented, invalid
from query_api.repository import alerts as store
from query_api.repository.connections import snapshot
from query_api.routes import alert_deeds as deeds
from query_api.routes.accounts import chosen_shops
from query_api.routes.alert_parameters import (
    AcknowledgeIn,
    AlertsParameters,
    MuteIn,
    alert_query,
)
from query_api.routes.freshness import answered_as_of
from query_api.schemas.alert_shaping import alert, alert_detail
from query_api.schemas.alerts import AlertAnswer, AlertCounts, AlertsAnswer

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
        page = await page_of(connection, query, parameters)
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
    await deeds.acknowledge(request, reader, alert_id, wanted.note if wanted else None)
    return await _answer(backend_of(request), reader, alert_id, response)


@router.post("/{alert_id}/mute", summary="Mute an alert", responses=documented(400, 401, 403, 404, 503))
async def mute_alert(
    alert_id: UUID, wanted: MuteIn, reader: Operator, request: Request, response: Response
) -> AlertAnswer:
    """Nothing is told of this alert until then, nor of the next one of the same shop, rule and subject. It is
    evaluated and shown all the same. Needs the role operator or admin."""
    await deeds.mute(request, reader, alert_id, wanted)
    return await _answer(backend_of(request), reader, alert_id, response)


@router.post("/{alert_id}/unmute", summary="Unmute an alert", responses=documented(400, 401, 403, 404, 503))
async def unmute_alert(alert_id: UUID, reader: Operator, request: Request, response: Response) -> AlertAnswer:
    """People are told again, if it is still so. Needs the role operator or admin."""
    await deeds.unmute(request, reader, alert_id)
    return await _answer(backend_of(request), reader, alert_id, response)


async def _answer(backend: Backend, reader: Reader, alert_id: UUID, response: Response) -> AlertAnswer:
    async with snapshot(backend.pool) as connection:
        row = await deeds.visible(connection, alert_id, reader)
        history = await store.history_of(connection, alert_id)
        told = await store.notifications_of(connection, row)
        as_of = await answered_as_of(connection, response)
    shown = alert_detail(row, history, told, with_addresses=reader.may_see_payloads)
    return AlertAnswer(as_of=as_of, alert=shown)


async def page_of(connection: Any, query: AlertQuery, parameters: AlertsParameters) -> store.AlertPage:
    """Raises Problem for a cursor that belongs to another query."""
    try:
        place = None if parameters.cursor is None else decode(parameters.cursor, query.fingerprint)
        return await store.alert_page(connection, query, place, limit=parameters.limit)
    except InvalidCursor as error:
        raise invalid("cursor", str(error)) from error
