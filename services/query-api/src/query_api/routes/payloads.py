"""`/tasks/{id}/payloads`: the exact data a task received, sent and got back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from query_api.auth import Reader
from query_api.backend import Backend, BackendOf, PayloadReader
from query_api.problems import API_VERSION_1, documented, not_found
from query_api.repository.connections import snapshot
from query_api.repository.payloads import find_payload, payloads_of
from query_api.repository.tasks import find_task
from query_api.routes.freshness import answered_as_of
from query_api.routes.tasks import visible
from query_api.schemas import shaping
from query_api.schemas.tasks import PayloadsAnswer

PLACE = r"^[1-9][0-9]{0,5}\.[0-9]{1,6}\.(sent|received)$"

router = APIRouter(prefix="/tasks/{task_id}/payloads", tags=["tasks"])


class PayloadParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    layout: shaping.Layout = Field(
        default="raw",
        description="`pretty`: JSON is indented for reading, every digit as it was; `raw`: as it travelled",
    )


@router.get("", summary="A task's data", responses=documented(400, 401, 403, 404, 503))
async def get_payloads(
    task_id: UUID,
    parameters: Annotated[PayloadParameters, Query()],
    reader: PayloadReader,
    backend: BackendOf,
    response: Response,
) -> PayloadsAnswer:
    """Position 0 of attempt 1 is the data the task works on; the others are the requests it made, each with
    its answer, in order; headers without credentials. Needs the role operator or admin."""
    address = f"{API_VERSION_1}/tasks/{task_id}/payloads"
    async with snapshot(backend.pool) as connection:
        row = visible(await find_task(connection, task_id), reader)
        exchanges = await payloads_of(connection, backend.vault, task_id, row.shop_id)
        return PayloadsAnswer(
            as_of=await answered_as_of(connection, response),
            task_id=task_id,
            payloads=[
                shaping.payload_entry(exchange, address, is_pretty=parameters.layout == "pretty")
                for exchange in exchanges
            ],
        )


@router.get(
    "/{place}",
    summary="The exact bytes",
    response_class=Response,
    responses={**documented(400, 401, 403, 404, 503), 200: {"content": {"application/octet-stream": {}}}},
)
async def get_raw_payload(
    task_id: UUID,
    place: Annotated[
        str,
        Path(pattern=PLACE, description="`<attempt>.<position>.<sent|received>`", examples=["1.0.received"]),
    ],
    reader: PayloadReader,
    backend: BackendOf,
) -> Response:
    """One body, byte for byte, as a download. Needs the role operator or admin."""
    return await raw_answer(backend, reader, task_id, place)


async def raw_answer(backend: Backend, reader: Reader, task_id: UUID, place: str) -> Response:
    """The bytes at a place that matches `PLACE`, headed so that no browser ever renders them."""
    attempt, position, side = place.split(".")
    async with snapshot(backend.pool) as connection:
        row = visible(await find_task(connection, task_id), reader)
        exchange = await find_payload(
            connection, backend.vault, task_id, shop_id=row.shop_id, place=(int(attempt), int(position))
        )
    content = exchange and (exchange.sent if side == "sent" else exchange.received)
    if content is None:
        raise not_found("Nothing was kept at this place, or it was destroyed.")
    return Response(
        content,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{task_id}.{place}.bin"'},
    )
