"""`/shipments…`."""

from typing import Annotated
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from query_api.backend import operator
from query_api.console.entered import checked, faults_of
from query_api.console.frame import Frame, FrameOf
from query_api.console.notices import done, refused
from query_api.console.shipments import words
from query_api.console.shipments.filters import MOMENTS, PATH, Filters, parse_filters
from query_api.console.shipments.listing import shipments_view
from query_api.console.shipments.syncing import Choice, begun, planned
from query_api.console.visitors import local_address
from query_api.manual_steps import DONE
from query_api.problems import Problem
from query_api.repository.connections import snapshot
from query_api.routes import shipments as api
from query_api.routes.shipment_done import mark_as_done_by_hand
from query_api.routes.shipment_parameters import SortedShipments
from query_api.routes.shipment_sync import sync_shipment
from query_api.schemas.done_by_hand import DoneByHandIn
from shared.envelope import utc_now

router = APIRouter()


@router.get(PATH)
async def show_shipments(frame: FrameOf) -> Response:
    """Moments without an offset become absolute first, so that an address means the same to everybody."""
    given = frame.request.query_params.multi_items()
    filters = _filters(frame)
    if {pair for pair in given if pair[0] in MOMENTS and pair[1]} - set(filters.pairs):
        return RedirectResponse(filters.address(), 303)
    async with snapshot(frame.backend.pool) as connection:
        view = await shipments_view(connection, frame, filters, now=utc_now())
        return await frame.show(connection, "shipments/list.html", view=view, words=words)


@router.get("/shipments.csv")
async def export_shipments(frame: FrameOf) -> Response:
    """All pages of the list, in its order."""
    given = _filters(frame).asked.model_dump(include=set(SortedShipments.model_fields), exclude_defaults=True)
    parameters = api.ExportParameters(**given, timezone=str(frame.zone))
    return await api.export_shipments(parameters, frame.reader, frame.backend)


@router.get("/shipments/sync")
async def plan_for_all(frame: FrameOf) -> Response:
    """What would happen to all that match. A cursor in the address goes on where an earlier request ended."""
    cursor = frame.parameter("cursor")
    pairs = [pair for pair in frame.request.query_params.multi_items() if pair[0] != "cursor"]
    filters = parse_filters(pairs, frame.zone)
    return await _plan(frame, Choice(which="matching", filter=filters.query, cursor=cursor), filters)


@router.post("/shipments/sync/plan")
async def plan_for_ticked(
    frame: FrameOf, ids: Annotated[str, Form()] = "", filter_: Annotated[str, Form(alias="filter")] = ""
) -> Response:
    """`filter_`: the list that they were ticked in."""
    choice = Choice(which="ticked", ids=ids, filter=filter_)
    return await _plan(frame, choice, _listed(choice))


@router.post("/shipments/sync")
async def synchronise(frame: FrameOf, choice: Annotated[Choice, Form()]) -> Response:
    reader = await operator(frame.reader)
    filters = _listed(choice)
    try:
        result = await begun(frame.backend, reader, choice)
    except Problem as problem:
        return refused(filters.address(), problem)
    if result.problem is not None:
        said = f"{result.words} {result.problem.detail}" if result.started else result.problem.detail
        return refused(filters.address(), Problem(result.problem.status, result.problem.word, said))
    if result.cursor is not None:
        return done(filters.address(result.cursor, path="/shipments/sync"), f"{result.words} There are more.")
    return done(filters.address(), result.words)


@router.get("/shipments/{shipment_id}")
async def show_shipment(shipment_id: UUID, frame: FrameOf) -> Response:
    return await _page(frame, shipment_id)


@router.post("/shipments/{shipment_id}/sync")
async def synchronise_one(shipment_id: UUID, frame: FrameOf, back: Annotated[str, Form()] = "") -> Response:
    reader = await operator(frame.reader)
    address = local_address(back or f"/shipments/{shipment_id}")
    try:
        answer = await sync_shipment(shipment_id, reader, frame.backend, Response())
    except Problem as problem:
        if problem.status == 404:
            raise
        return refused(address, problem)
    return done(address, answer.message)


@router.post("/shipments/{shipment_id}/done-by-hand")
async def done_by_hand(shipment_id: UUID, frame: FrameOf, note: Annotated[str, Form()] = "") -> Response:
    reader = await operator(frame.reader)
    try:
        wanted = checked(DoneByHandIn, {"note": note.strip() or None})
        answer = await mark_as_done_by_hand(shipment_id, reader, frame.request, Response(), wanted)
    except Problem as problem:
        if problem.errors:
            return await _page(frame, shipment_id, faults=faults_of(problem), note=note, status=422)
        if problem.status == 404:
            raise
        return refused(f"/shipments/{shipment_id}", problem)
    return done(f"/shipments/{shipment_id}", f"{answer.status}. {answer.note}")


async def _page(
    frame: Frame,
    shipment_id: UUID,
    *,
    faults: dict[str, str] | None = None,
    note: str = "",
    status: int = 200,
) -> Response:
    """`faults` and `note`: what could not be used, and what it was."""
    async with snapshot(frame.backend.pool) as connection:
        shipment = await api.shown(connection, frame.backend, shipment_id, frame.reader)
        values = {"shipment": shipment, "words": words, "faults": faults or {}, "note": note}
        steps = shipment.manual_steps.steps if shipment.manual_steps else []
        steps = [step for step in steps if step.text != DONE.text]
        return await frame.show(connection, "shipments/detail.html", status=status, steps=steps, **values)


async def _plan(frame: Frame, choice: Choice, filters: Filters) -> Response:
    reader = await operator(frame.reader)
    try:
        plan = await planned(frame.backend, reader, choice)
    except Problem as problem:
        return refused(filters.address(), problem)
    return await frame.show_alone("shipments/plan.html", plan=plan, choice=choice, filters=filters)


def _filters(frame: Frame) -> Filters:
    return parse_filters(frame.request.query_params.multi_items(), frame.zone)


def _listed(choice: Choice) -> Filters:
    """The list that a form was sent from. Raises Problem."""
    return parse_filters(parse_qsl(choice.filter))
