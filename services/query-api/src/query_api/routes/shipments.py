"""`/shipments`: what shops and marketplaces are told of, page by page, one by one, and as a file."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from query_api import shipment_csv
from query_api.auth import Reader
from query_api.backend import ApiReader, Backend, BackendOf
from query_api.marking import NOWHERE
from query_api.places import InvalidCursor, Place, decode, encode
from query_api.problems import API_VERSION_1, documented, invalid, not_found
from query_api.repository.connections import snapshot
from query_api.repository.history import events_of
from query_api.repository.payloads import payloads_of
from query_api.repository.shipment_pages import Page, shipment_page
from query_api.repository.shipment_records import ShipmentRow, Shipper
from query_api.repository.shipments import TooManyFound, shipments_by_id, shippers
from query_api.repository.shipped_orders import find_order
from query_api.repository.tasks import tasks_by_id
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import zone_of
from query_api.routes.shipment_parameters import (
    ShipmentListParameters,
    SortedShipments,
    shipment_query,
)
from query_api.schemas.shipment_shaping import WriteBackRow, brief, shipment
from query_api.schemas.shipments import Shipment, ShipmentAnswer, ShipmentListAnswer
from query_api.shipment_query import ShipmentQuery
from query_api.write_backs import attempts_of

router = APIRouter(tags=["shipments"])

WRITE_BACKS_SHOWN = 10
EXPORT_PAGE = 500


class ExportParameters(SortedShipments):
    timezone: str = Field(default="UTC", description="Of the file's times", examples=["Europe/Stockholm"])


@router.get("/shipments", summary="Shipments", responses=documented(400, 401, 503))
async def list_shipments(
    parameters: Annotated[ShipmentListParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> ShipmentListAnswer:
    """A page of shipments, one for each package. Walking `next` shows every shipment that was there at the
    start and whose sorted column did not change exactly once, whatever is added meanwhile."""
    async with snapshot(backend.pool) as connection:
        query, among = await shipment_query(connection, parameters, reader, sort=parameters.sort)
        place = place_in(parameters.cursor, query.fingerprint)
        page = await page_of(connection, query, among, place, limit=parameters.limit)
        accounts = {shipper.id: shipper for shipper in among}
        return ShipmentListAnswer(
            as_of=await answered_as_of(connection, response),
            shipments=[brief(row, accounts[row.account_id]) for row in page.shipments],
            next=page.next and encode(page.next, query.fingerprint),
            previous=page.previous and encode(page.previous, query.fingerprint),
        )


@router.get(
    "/shipments.csv",
    summary="Shipments as a file",
    response_class=StreamingResponse,
    responses={**documented(400, 401, 503), 200: {"content": {"text/csv": {}}}},
)
async def export_shipments(
    parameters: Annotated[ExportParameters, Query()], reader: ApiReader, backend: BackendOf
) -> StreamingResponse:
    """All pages of the list with these filters, in its order, as they were at one moment: UTF-8, one line for
    each package. The columns of times name the time zone. A cell that a spreadsheet would take for a formula
    begins with an apostrophe."""
    zone = zone_of(parameters.timezone)
    headers = Response()
    async with snapshot(backend.pool) as connection:
        query, among = await shipment_query(connection, parameters, reader, sort=parameters.sort)
        await page_of(connection, query, among, None, limit=1)
        await answered_as_of(connection, headers)
    content = _exported(backend, query, among, zone)
    answer = StreamingResponse(content, media_type="text/csv; charset=utf-8; header=present")
    answer.headers["Content-Disposition"] = 'attachment; filename="shipments.csv"'
    if (as_of := headers.headers.get("As-Of")) is not None:
        answer.headers["As-Of"] = as_of
    return answer


@router.get("/shipments/{shipment_id}", summary="One shipment", responses=documented(400, 401, 404, 503))
async def get_shipment(
    shipment_id: UUID, reader: ApiReader, backend: BackendOf, response: Response
) -> ShipmentAnswer:
    """Carrier, tracking, items and error with its remedy; how its order stands; each attempt with what was
    sent and answered (for the roles operator and admin); and for a failed one how to report it by hand."""
    async with snapshot(backend.pool) as connection:
        found = await shown(connection, backend, shipment_id, reader)
        return ShipmentAnswer(as_of=await answered_as_of(connection, response), shipment=found)


async def shown(connection: Any, backend: Backend, shipment_id: UUID, reader: Reader) -> Shipment:
    """All that the reader may see of it. Raises 404 as `visible` does."""
    row, shipper = await visible(connection, shipment_id, reader)
    order = await find_order(connection, row.account_id, row.order_id)
    write_backs = await _write_backs(connection, backend, row, with_data=reader.may_see_payloads)
    return shipment(row, shipper, order=order, write_backs=write_backs)


async def visible(connection: Any, shipment_id: UUID, reader: Reader) -> tuple[ShipmentRow, Shipper]:
    """Raises 404 alike for shipments that do not exist and for those of shops the reader may not see."""
    rows = await shipments_by_id(connection, [shipment_id])
    if not rows or not reader.may_see_shop(rows[0].shop_id):
        raise not_found(NOWHERE)
    (shipper,) = await shippers(connection, [rows[0].shop_id], [rows[0].account_id])
    return rows[0], shipper


async def page_of(
    connection: Any, query: ShipmentQuery, among: Sequence[Shipper], place: Place | None, *, limit: int
) -> Page:
    """Raises Problem."""
    try:
        return await shipment_page(connection, query, among, place, limit=limit)
    except InvalidCursor as error:
        raise invalid("cursor", str(error)) from error
    except TooManyFound as error:
        raise invalid(error.field, str(error)) from error


def place_in(cursor: str | None, fingerprint: bytes) -> Place | None:
    """Raises Problem."""
    try:
        return None if cursor is None else decode(cursor, fingerprint)
    except InvalidCursor as error:
        raise invalid("cursor", str(error)) from error


async def _exported(
    backend: Backend, query: ShipmentQuery, among: Sequence[Shipper], zone: ZoneInfo
) -> AsyncIterator[str]:
    """A page at a time, all of one moment; few files at once, so that they leave connections for others."""
    accounts = {shipper.id: shipper for shipper in among}
    yield shipment_csv.header(zone)
    async with backend.exports, snapshot(backend.pool) as connection:
        place: Place | None = None
        while True:
            page = await shipment_page(connection, query, among, place, limit=EXPORT_PAGE)
            yield shipment_csv.lines(((row, accounts[row.account_id]) for row in page.shipments), zone)
            if (place := page.next) is None:
                return


async def _write_backs(
    connection: Any, backend: Backend, row: ShipmentRow, *, with_data: bool
) -> list[WriteBackRow]:
    newest = row.task_ids[::-1][:WRITE_BACKS_SHOWN]
    return [
        WriteBackRow(
            task=task,
            attempts=attempts_of(await events_of(connection, task.task_id)),
            exchanges=await payloads_of(connection, backend.vault, task.task_id, row.shop_id)
            if with_data
            else None,
            address=f"{API_VERSION_1}/tasks/{task.task_id}/payloads",
        )
        for task in await tasks_by_id(connection, newest)
    ]
