"""`/operations/{id}/file`: what an export made."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from query_api.auth import Reader
from query_api.backend import ApiReader, Backend, BackendOf
from query_api.export.columns import chosen_columns
from query_api.export.files import FileFacts, content_of
from query_api.operations import store
from query_api.operations.exporting import file_of, is_own_export
from query_api.operations.port import Kind, Operation
from query_api.problems import Problem, documented, forbidden, not_found
from query_api.routes.downloads import FILE, Download
from shared.envelope import utc_now

router = APIRouter(prefix="/operations", tags=["operations"])


@router.get(
    "/{operation_id}/file",
    summary="The file of an export",
    response_class=StreamingResponse,
    responses={**documented(401, 403, 404, 409, 410, 503), **FILE},
)
async def get_file(operation_id: UUID, reader: ApiReader, backend: BackendOf) -> Download:
    """For the token, or the person, that asked for it, as long as they may see what is in it, until
    `expires_at`."""
    made = await downloadable(backend, operation_id, reader)
    content = content_of(backend.pool, backend.vault, operation_id, made.parts)
    answer = Download(content, media_type=made.media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    answer.headers["Content-Length"] = str(made.size)
    return answer


async def downloadable(backend: Backend, operation_id: UUID, reader: Reader) -> FileFacts:
    """Raises Problem."""
    row = await store.find_operation(backend.pool, operation_id)
    if row is None or not reader.may_see_shops(row.shop_ids):
        raise not_found("There is no such operation that this token may see.")
    if row.kind is not Kind.EXPORT:
        raise Problem(409, "conflict", f"It is no export: {row.kind} makes no file.")
    if not await is_own_export(backend.pool, row, reader):
        raise forbidden("A file is for the one who asked for it. Begin an export of your own.")
    if not reader.may_see_payloads and _holds_data(row):
        raise forbidden("The file may hold data of persons, which this token may not see any more.")
    return _made(row)


def _made(row: Operation) -> FileFacts:
    made = file_of(row)
    if made is None or row.expires_at is None:
        raise Problem(409, "conflict", f"There is no file: the export is {row.state}.")
    if row.expires_at <= utc_now():
        raise Problem(
            410, "expired", f"The file was kept until {row.expires_at:%Y-%m-%d %H:%M} UTC. Begin anew."
        )
    return made


def _holds_data(row: Operation) -> bool:
    return any(column.is_private for column in chosen_columns(row.options["columns"]))
