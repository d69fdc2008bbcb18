"""`/shipments/{id}/done-by-hand`: a person has told the shop or marketplace, and says so."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from query_api.backend import Operator, backend_of
from query_api.marking import marked
from query_api.problems import documented
from query_api.repository.connections import snapshot
from query_api.routes.freshness import answered_as_of
from query_api.routes.shipments import visible
from query_api.schemas.done_by_hand import DoneByHandAnswer, DoneByHandIn
from query_api.shipment_words import WORDS

router = APIRouter(prefix="/shipments", tags=["shipments"])


@router.post(
    "/{shipment_id}/done-by-hand",
    summary="Mark a shipment as done by hand",
    responses=documented(400, 401, 403, 404, 409, 503),
)
async def mark_as_done_by_hand(
    shipment_id: UUID,
    reader: Operator,
    request: Request,
    response: Response,
    wanted: DoneByHandIn | None = None,
) -> DoneByHandAnswer:
    """For a failed shipment whose `manual_steps` were followed. Nothing is sent to its shop or marketplace:
    it counts as told of the shipment as it is now. The shipment's note says who marked it, and later changes
    are told as usual. The same person may ask again and is answered the same. Needs the role operator or
    admin."""
    backend = backend_of(request)
    async with snapshot(backend.pool) as connection:
        row, _ = await visible(connection, shipment_id, reader)
    words = wanted.note if wanted else None
    address = request.client.host if request.client else None
    done = await marked(backend, reader, row.id, words=words, address=address)
    async with snapshot(backend.pool) as connection:
        as_of = await answered_as_of(connection, response)
    return DoneByHandAnswer(
        as_of=as_of,
        shipment=done.id,
        state=done.state,
        status=WORDS[done.state],
        note=done.note or "",
        synced_at=done.synced_at,
    )
