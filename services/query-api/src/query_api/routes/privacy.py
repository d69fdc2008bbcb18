"""`/privacy-requests`: what shops asked for in the name of their customers. For administrators."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from query_api.backend import Administrator, BackendOf
from query_api.problems import documented, not_found
from query_api.repository.audit import Deed, audit
from query_api.repository.connections import snapshot
from query_api.repository.privacy import RequestRow, find_document, newest_requests
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import RowNumber
from query_api.schemas.privacy import PrivacyRequestOut, PrivacyRequestsAnswer

router = APIRouter(prefix="/privacy-requests", tags=["privacy"])


class RequestsParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=500)


@router.get("", summary="Privacy requests", responses=documented(400, 401, 403, 503))
async def list_requests(
    parameters: Annotated[RequestsParameters, Query()],
    reader: Administrator,
    backend: BackendOf,
    response: Response,
) -> PrivacyRequestsAnswer:
    """The newest first. Needs the role admin."""
    async with snapshot(backend.pool) as connection:
        rows = await newest_requests(connection, reader.shop_ids, limit=parameters.limit)
        return PrivacyRequestsAnswer(
            as_of=await answered_as_of(connection, response), requests=[_shown(row) for row in rows]
        )


@router.get(
    "/{request_id}/export",
    summary="What is held of a person",
    response_class=Response,
    responses={**documented(400, 401, 403, 404, 503), 200: {"content": {"application/json": {}}}},
)
async def get_export(request_id: RowNumber, reader: Administrator, backend: BackendOf) -> Response:
    """The document of a data request, as a download; it is removed after 30 days. Needs the role admin."""
    async with snapshot(backend.pool) as connection:
        found = await find_document(connection, backend.vault, request_id)
    may_see = found is not None and found.shop_id is not None and reader.may_see_shop(found.shop_id)
    if found is None or not may_see or found.content is None:
        raise not_found("There is no such document, or it was removed: they are kept for 30 days.")
    deed = Deed("privacy.export", found.shop_id, {}, subject=str(request_id))
    await audit(backend.pool, reader, deed)
    headers = {"Content-Disposition": f'attachment; filename="data-request-{request_id}.json"'}
    return Response(found.content, media_type="application/json", headers=headers)


def _shown(row: RequestRow) -> PrivacyRequestOut:
    return PrivacyRequestOut(
        id=row.id,
        shop=row.shop_domain,
        kind=row.kind,
        task_id=row.task_id,
        state="under_way" if row.done_at is None else "done",
        summary=dict(row.summary),
        has_export=row.has_export,
        requested_at=row.requested_at,
        due_at=row.due_at,
        done_at=row.done_at,
    )
