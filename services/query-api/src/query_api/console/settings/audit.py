"""`/settings/audit`: who did what, when, and from where."""

from fastapi import APIRouter
from starlette.responses import Response

from query_api.backend import administrator
from query_api.console.frame import FrameOf
from query_api.console.settings.deeds import parse_filters, rows_of
from query_api.console.settings.tabs import show_tab
from query_api.repository.connections import snapshot
from query_api.routes.audit import list_deeds

router = APIRouter()


@router.get("/settings/audit")
async def show_audit(frame: FrameOf) -> Response:
    reader = await administrator(frame.reader)
    filters = parse_filters(frame.request.query_params.multi_items(), frame.zone)
    answer = await list_deeds(filters.asked, reader, frame.backend, Response())
    async with snapshot(frame.backend.pool) as connection:
        shops = await frame.shops(connection)
    values = {"deeds": rows_of(answer.deeds), "next": answer.next, "filters": filters, "shops": shops}
    return await show_tab(frame, "audit", values)
