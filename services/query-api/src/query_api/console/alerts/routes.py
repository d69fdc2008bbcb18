"""`/alerts` and `/alerts/{id}`: what is not as it should be, and what people do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from query_api.backend import operator
from query_api.console.alerts import words
from query_api.console.alerts.detail import detail_view
from query_api.console.alerts.filters import parse_filters, with_offset
from query_api.console.alerts.listing import alerts_view
from query_api.console.alerts.settings_routes import router as settings
from query_api.console.entered import checked, faults_of
from query_api.console.frame import Frame, FrameOf
from query_api.console.notices import done, refused
from query_api.problems import Problem
from query_api.repository.connections import snapshot
from query_api.routes import alert_deeds as deeds
from query_api.routes.alert_parameters import AcknowledgeIn, MuteIn
from shared.envelope import utc_now

router = APIRouter()
router.include_router(settings)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What could not be used of a form, and what stood in it."""

    faults: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


@router.get("/alerts")
async def show_alerts(frame: FrameOf) -> Response:
    """A moment without an offset becomes absolute first, so that an address means the same to everybody."""
    given = frame.request.query_params.multi_items()
    filters = parse_filters(given, frame.zone)
    if {pair for pair in given if pair[0] == "since" and pair[1]} - set(filters.pairs):
        return RedirectResponse(filters.address(), 303)
    async with snapshot(frame.backend.pool) as connection:
        view = await alerts_view(connection, frame, filters, now=utc_now())
        return await frame.show(connection, "alerts/list.html", view=view, words=words)


@router.get("/alerts/{alert_id}")
async def show_alert(alert_id: UUID, frame: FrameOf) -> Response:
    return await _page(frame, alert_id, Refusal())


@router.post("/alerts/{alert_id}/acknowledge")
async def acknowledge(alert_id: UUID, frame: FrameOf) -> Response:
    reader, form = await operator(frame.reader), await frame.request.form()
    try:
        note = checked(AcknowledgeIn, _given(form, "note")).note
        await deeds.acknowledge(frame.request, reader, alert_id, note)
    except Problem as problem:
        return await _refused(frame, alert_id, problem, form)
    return done(
        _address(alert_id), "Acknowledged: nobody is reminded of it any more, only told when it is over."
    )


@router.post("/alerts/{alert_id}/mute")
async def mute(alert_id: UUID, frame: FrameOf) -> Response:
    """Until a moment, or, where none is given, for so many minutes."""
    reader, form = await operator(frame.reader), await frame.request.form()
    given = _given(form, "until", "minutes", "note")
    if "until" in given:
        given = given | {"until": with_offset(given["until"], frame.zone)}
        given.pop("minutes", None)
    try:
        await deeds.mute(frame.request, reader, alert_id, checked(MuteIn, given))
    except Problem as problem:
        return await _refused(frame, alert_id, problem, form)
    return done(_address(alert_id), "Muted: nothing is told of it until then.")


@router.post("/alerts/{alert_id}/unmute")
async def unmute(alert_id: UUID, frame: FrameOf) -> Response:
    await deeds.unmute(frame.request, await operator(frame.reader), alert_id)
    return done(_address(alert_id), "Unmuted: people are told again, if it is still so.")


async def _refused(frame: Frame, alert_id: UUID, problem: Problem, form: FormData) -> Response:
    """Beside the field, where the problem has one."""
    if problem.status == 404:
        raise problem
    if not problem.errors:
        return refused(_address(alert_id), problem)
    values = _given(form, "until", "minutes", "note")
    return await _page(frame, alert_id, Refusal(faults_of(problem), values), status=422)


async def _page(frame: Frame, alert_id: UUID, refusal: Refusal, *, status: int = 200) -> Response:
    async with snapshot(frame.backend.pool) as connection:
        view = await detail_view(connection, frame.reader, alert_id)
        return await frame.show(
            connection,
            "alerts/alert.html",
            status=status,
            view=view,
            alert=view.alert,
            refusal=refusal,
            words=words,
        )


def _given(form: FormData, *names: str) -> dict[str, str]:
    """What is not empty."""
    return {name: text for name in names if (text := str(form.get(name, "")).strip())}


def _address(alert_id: UUID) -> str:
    return f"/alerts/{alert_id}"
