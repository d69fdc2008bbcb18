"""`/export`: the board's list as a file, at once or in the background."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, Query
from pydantic import ValidationError
from starlette.responses import Response

from query_api.console.frame import Frame, FrameOf
from query_api.console.notices import done, refused
from query_api.console.operations.asking import ids_of
from query_api.console.tasks.filters import parse_filters
from query_api.export.formats import Format
from query_api.problems import Problem
from query_api.routes.export_parameters import ExportIn, ExportParameters
from query_api.routes.parameters import SortedTasks
from query_api.routes.task_export import begin_export, export_tasks

router = APIRouter()


@router.get("/export")
async def download(frame: FrameOf, format: Annotated[Format, Query()] = Format.CSV) -> Response:  # noqa: A002
    """Exactly the list of the address, in its order and in the viewer's time zone."""
    asked = parse_filters(frame.request.query_params.multi_items(), frame.zone).asked
    parameters = ExportParameters(**asked.model_dump(exclude_unset=True), **_file(frame, format))
    return await export_tasks(parameters, frame.reader, frame.backend, frame.request)


@router.post("/export")
async def begin(
    frame: FrameOf,
    format: Annotated[Format, Form()],  # noqa: A002
    query: Annotated[str, Form(alias="filter")] = "",
    ids: Annotated[str, Form()] = "",
    is_all: Annotated[bool, Form(alias="all")] = False,
) -> Response:
    """Of the ticked tasks, or of all that match."""
    try:
        which = {"ids": ids_of(ids)} if ids and not is_all else {"filter": _filter_of(query, frame)}
        wanted = ExportIn.model_validate({**which, **_file(frame, format)})
        answer = await begin_export(wanted, frame.reader, frame.backend, frame.request, Response())
    except ValidationError as error:
        return refused("/", Problem(400, "invalid-parameter", error.errors()[0]["msg"]))
    except Problem as problem:
        return refused(f"/?{query}", problem)
    return done(f"/operations/{answer.operation.id}", "The file is being made.")


def _filter_of(query: str, frame: Frame) -> SortedTasks:
    return parse_filters(parse_qsl(query), frame.zone).asked


def _file(frame: Frame, format_: Format) -> dict[str, Any]:
    return {"format": format_, "timezone": str(frame.zone), "with_summary": format_ is Format.XLSX}
