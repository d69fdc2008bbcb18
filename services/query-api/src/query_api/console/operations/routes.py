"""`/operations…`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from query_api.backend import operator
from query_api.console.frame import Frame, FrameOf
from query_api.console.notices import done, refused
from query_api.console.operations.asking import TITLES, Choice, Order, operation_in
from query_api.operations.exporting import is_own_export
from query_api.operations.store import find_operation
from query_api.problems import Problem
from query_api.routes import operations as api
from query_api.routes.operation_file import get_file
from query_api.routes.operation_parameters import OperationsParameters

router = APIRouter()
DEEDS = {"pause": api.pause, "resume": api.resume, "abort": api.abort}
SAID = {"pause": "It is paused.", "resume": "It goes on.", "abort": "It was ended."}


@router.get("/operations")
async def show_operations(frame: FrameOf, before: Annotated[UUID | None, Query()] = None) -> Response:
    asked = OperationsParameters(**({"before": before} if before else {}))
    answer = await api.list_operations(asked, frame.reader, frame.backend, Response())
    return await frame.show_alone(
        "operations/list.html", operations=answer.operations, next=answer.next, titles=TITLES
    )


@router.get("/operations/plan")
async def plan_for_all(frame: FrameOf, choice: Annotated[Choice, Query()]) -> Response:
    return await _plan(frame, choice)


@router.post("/operations/plan")
async def plan_for_some(frame: FrameOf, choice: Annotated[Choice, Form()]) -> Response:
    """Of ticked tasks, which may be too many for an address."""
    return await _plan(frame, choice)


@router.post("/operations")
async def begin(frame: FrameOf, order: Annotated[Order, Form()]) -> Response:
    try:
        reader = await operator(frame.reader)
        wanted = operation_in(order, dry_run=False)
        answer = await api.begin_operation(wanted, reader, frame.backend, frame.request, Response())
    except Problem as problem:
        return refused("/operations", problem)
    assert answer.operation is not None
    return done(f"/operations/{answer.operation.id}", "It was begun.")


@router.get("/operations/{operation_id}")
async def show_operation(operation_id: UUID, frame: FrameOf) -> Response:
    answer = await api.get_operation(operation_id, frame.reader, frame.backend, Response())
    row = await find_operation(frame.backend.pool, operation_id)
    is_own = row is not None and await is_own_export(frame.backend.pool, row, frame.reader)
    values = {"operation": answer.operation, "outcomes": answer.outcomes, "titles": TITLES}
    return await frame.show_alone("operations/one.html", **values, is_own=is_own)


@router.get("/operations/{operation_id}/file")
async def download(operation_id: UUID, frame: FrameOf) -> Response:
    return await get_file(operation_id, frame.reader, frame.backend)


@router.post("/operations/{operation_id}/{deed}")
async def change(operation_id: UUID, deed: str, frame: FrameOf) -> Response:
    address = f"/operations/{operation_id}"
    act = DEEDS.get(deed)
    if act is None:
        return refused(address, Problem(404, "not-found", "There is nothing of this kind to be done."))
    try:
        reader = frame.reader if deed == "abort" else await operator(frame.reader)
        await act(operation_id, reader, frame.backend, frame.request, Response())
    except Problem as problem:
        return refused(address, problem)
    return done(address, SAID[deed])


async def _plan(frame: Frame, choice: Choice) -> Response:
    reader = await operator(frame.reader)
    wanted = operation_in(choice, dry_run=True)
    answer = await api.begin_operation(wanted, reader, frame.backend, frame.request, Response())
    return await frame.show_alone(
        "operations/plan.html", plan=answer.plan, choice=choice, title=TITLES[choice.kind]
    )
