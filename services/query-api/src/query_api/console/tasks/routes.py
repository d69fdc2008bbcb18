"""`/` and `/tasks/…`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Header, Path, Query
from starlette.responses import RedirectResponse, Response

from query_api.backend import BackendOf, administrator, operator
from query_api.console.frame import FrameOf
from query_api.console.notices import done, refused
from query_api.console.tasks.board import board_view
from query_api.console.tasks.detail import detail_view
from query_api.console.tasks.filters import MOMENTS, parse_filters
from query_api.console.tasks.travelling import REACHES, moved_by
from query_api.console.visitors import Visitor
from query_api.problems import Problem, forbidden
from query_api.repository.connections import snapshot
from query_api.routes.events import NEEDS_OTHERS, EventParameters, get_events
from query_api.routes.parameters import Moment, past
from query_api.routes.payloads import PLACE, raw_answer
from query_api.routes.task_cancel import cancel_task
from query_api.routes.task_delete import delete_task
from query_api.routes.task_retry import retry_task
from query_api.schemas.operations import RetryIn
from shared.envelope import utc_now

router = APIRouter()


@router.get("/")
async def show_board(frame: FrameOf) -> Response:
    """Moments without an offset, and so many minutes ago, become absolute first, so that an address means
    the same to everybody."""
    given = frame.request.query_params.multi_items()
    filters = parse_filters(given, frame.zone)
    if minutes := frame.parameter("minutes"):
        return RedirectResponse(moved_by(filters, minutes, utc_now()), 303)
    if {pair for pair in given if pair[0] in MOMENTS and pair[1]} - set(filters.pairs):
        return RedirectResponse(filters.address(), 303)
    async with snapshot(frame.backend.pool) as connection:
        view = await board_view(connection, frame, filters, now=utc_now())
        return await frame.show(connection, "tasks/board.html", view=view, reaches=REACHES)


@router.get("/live")
async def follow(
    frame: FrameOf,
    seconds: Annotated[int | None, Query(ge=0, le=86_400)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """What happens to the tasks of a board, as it happens. `seconds`: for so long."""
    asked = parse_filters(frame.request.query_params.multi_items(), frame.zone).asked
    filters = asked.model_dump(exclude={"sort", *NEEDS_OTHERS})
    parameters = EventParameters(**filters, seconds=seconds)
    return await get_events(parameters, frame.reader, frame.backend, frame.request, last_event_id)


@router.get("/tasks/{task_id}")
async def show_task(
    task_id: UUID, frame: FrameOf, as_of: Annotated[Moment | None, Query()] = None
) -> Response:
    as_of = past(as_of, utc_now())
    async with snapshot(frame.backend.pool) as connection:
        view = await detail_view(connection, frame.backend, frame.reader, task_id, as_of)
        return await frame.show(connection, "tasks/detail.html", view=view)


@router.get("/tasks/{task_id}/payloads/{place}")
async def download_payload(
    task_id: UUID, place: Annotated[str, Path(pattern=PLACE)], reader: Visitor, backend: BackendOf
) -> Response:
    if not reader.may_see_payloads:
        raise forbidden(
            "The data of tasks is for the roles operator and admin. Ask an administrator for such a token."
        )
    return await raw_answer(backend, reader, task_id, place)


@router.post("/tasks/{task_id}/retry")
async def retry(
    task_id: UUID, frame: FrameOf, may_repeat_effects: Annotated[bool, Form()] = False
) -> Response:
    """Leads to the new task, or back with the reason why there is none."""
    reader = await operator(frame.reader)
    wanted = RetryIn(may_repeat_effects=may_repeat_effects)
    try:
        answer = await retry_task(task_id, wanted, reader, frame.request, Response())
    except Problem as problem:
        return refused(f"/tasks/{task_id}", problem)
    return done(f"/tasks/{task_id}", answer.message)


@router.post("/tasks/{task_id}/cancel")
async def cancel(task_id: UUID, frame: FrameOf) -> Response:
    address = f"/tasks/{task_id}"
    try:
        reader = await operator(frame.reader)
        answer = await cancel_task(task_id, reader, frame.request, Response())
    except Problem as problem:
        return refused(address, problem)
    return done(address, answer.message)


@router.post("/tasks/{task_id}/delete")
async def delete(task_id: UUID, frame: FrameOf) -> Response:
    try:
        reader = await administrator(frame.reader)
        answer = await delete_task(task_id, reader, frame.request, Response())
    except Problem as problem:
        return refused(f"/tasks/{task_id}", problem)
    return done("/", answer.message)
