"""`/imports`: begun, watched and stopped."""

from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response

from query_api.backend import operator
from query_api.console.entered import checked, faults_of
from query_api.console.frame import Frame, FrameOf
from query_api.console.imports import words
from query_api.console.imports.views import detail_view, list_view
from query_api.console.notices import done, refused
from query_api.problems import API_VERSION_1, Problem
from query_api.repository.connections import snapshot
from query_api.routes.imports import begun, stopped
from query_api.schemas.imports import ImportIn
from shared.envelope import utc_now

router = APIRouter(prefix="/imports")


@router.get("")
async def show_imports(frame: FrameOf) -> Response:
    async with snapshot(frame.backend.pool) as connection:
        view = await list_view(connection, frame, frame.parameter("shop"), now=utc_now())
        return await frame.show(connection, "imports/list.html", view=view, words=words)


@router.get("/{import_id}")
async def show_import(import_id: UUID, frame: FrameOf) -> Response:
    async with snapshot(frame.backend.pool) as connection:
        view = await detail_view(connection, frame, import_id, now=utc_now())
        return await frame.show(connection, "imports/import.html", view=view, words=words)


@router.post("")
async def begin(frame: FrameOf) -> Response:
    reader, form = await operator(frame.reader), await frame.request.form()
    try:
        import_id = await begun(frame.backend, reader, checked(ImportIn, _values(form)))
    except Problem as problem:
        return await _refused(frame, form, problem)
    return done(f"/imports/{import_id}", "The import begins. It goes on by itself; this page may be closed.")


@router.post("/{import_id}/stop")
async def stop(import_id: UUID, frame: FrameOf) -> Response:
    try:
        await stopped(frame.backend, await operator(frame.reader), import_id)
    except Problem as problem:
        if problem.status != 409:
            raise
        return refused(f"/imports/{import_id}", problem)
    text = "Stopped. What is stored stays; what the CRM was not told is told by the shop's next import."
    return done(f"/imports/{import_id}", text)


async def _refused(frame: Frame, form: FormData, problem: Problem) -> Response:
    """To the import that is under way already, if that is why; else the form again."""
    under_way = problem.headers.get("Location")
    if under_way:
        told = Problem(
            409, problem.word, "This import of the shop is still under way: wait for its end, or stop it."
        )
        return refused(under_way.removeprefix(API_VERSION_1), told)
    if not problem.errors:
        return refused("/imports", problem)
    async with snapshot(frame.backend.pool) as connection:
        view = await list_view(connection, frame, "", now=utc_now())
        shown = replace(view, faults=faults_of(problem), values=_values(form))
        return await frame.show(connection, "imports/list.html", status=422, view=shown, words=words)


def _values(form: FormData) -> dict[str, object]:
    return {"shop": str(form.get("shop", "")).strip(), "kinds": [str(kind) for kind in form.getlist("kinds")]}
