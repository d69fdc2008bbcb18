"""`/views`: boards kept under a name."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form
from starlette.responses import Response

from query_api.console.frame import FrameOf
from query_api.console.notices import done, refused
from query_api.console.tasks.filters import parse_filters
from query_api.problems import Problem, invalid, not_found
from query_api.repository.saved_views import MOST_KEPT, forget_view, keep_view
from query_api.routes.parameters import Name, RowNumber

router = APIRouter()


@router.post("/views")
async def keep(
    frame: FrameOf,
    name: Annotated[Name, Form()],
    query: Annotated[str, Form(alias="filter", max_length=4_000)] = "",
) -> Response:
    """Leads back to the board that is kept."""
    filters = parse_filters(parse_qsl(query), frame.zone)
    if not await keep_view(frame.backend.pool, frame.reader.token_id, name, filters.query):
        return refused(filters.address(), _too_many())
    return done(filters.address(), f"Kept as “{name}”.")


@router.post("/views/{view_id}/delete")
async def forget(view_id: RowNumber, frame: FrameOf) -> Response:
    if not await forget_view(frame.backend.pool, frame.reader.token_id, view_id):
        return refused("/", not_found("There is no such view of yours."))
    return done("/", "The view is no longer kept.")


def _too_many() -> Problem:
    return invalid("name", f"You keep {MOST_KEPT} views already. Take one away first.")
