"""`/failures…`."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path
from starlette.responses import Response

from query_api.backend import operator
from query_api.console.entered import checked
from query_api.console.frame import Frame, FrameOf
from query_api.console.notices import done, refused
from query_api.failures.groups import FailureState
from query_api.problems import Problem
from query_api.routes import failures as api
from query_api.routes.failure_parameters import FailuresParameters, Fingerprint, ShopsParameter
from query_api.schemas.failures import FailureOut
from shared.envelope import State
from shared.tasks import Group

router = APIRouter()
DEEDS = {
    "resolve": (api.resolve_failure, "It counts as mended. Should it happen again, you are warned anew."),
    "reopen": (api.reopen_failure, "It counts as not mended."),
}


@router.get("/failures")
async def show_failures(frame: FrameOf) -> Response:
    asked = _asked(frame)
    answer = await api.list_failures(asked, frame.reader, frame.backend, Response())
    return await frame.show_alone(
        "failures/list.html",
        failures=[(one, tasks_of(one)) for one in answer.failures],
        asked=asked,
        states=list(FailureState),
        groups=list(Group),
        searched_since=answer.searched_since,
        previous=answer.previous and _address(asked, answer.previous),
        next=answer.next and _address(asked, answer.next),
    )


@router.get("/failures/{fingerprint}")
async def show_failure(fingerprint: Fingerprint, frame: FrameOf) -> Response:
    answer = await api.get_failure(fingerprint, frame.reader, frame.backend, Response())
    return await frame.show_alone(
        "failures/one.html",
        failure=answer.failure,
        tasks=tasks_of(answer.failure),
        retry=_retry_of(answer.failure),
    )


@router.post("/failures/{fingerprint}/{deed}")
async def change(fingerprint: Fingerprint, deed: Annotated[str, Path()], frame: FrameOf) -> Response:
    address = f"/failures/{quote(fingerprint, safe='')}"
    if deed not in DEEDS:
        return refused(address, Problem(404, "not-found", "There is nothing of this kind to be done."))
    act, said = DEEDS[deed]
    try:
        await act(fingerprint, ShopsParameter(), await operator(frame.reader), frame.request, Response())
    except Problem as problem:
        return refused(address, problem)
    return done(address, said)


def tasks_of(failure: FailureOut) -> str:
    """The board of the tasks that failed so."""
    return "/?" + urlencode(_filter_of(failure))


def _retry_of(failure: FailureOut) -> str:
    """What would happen if all of them were retried."""
    values = {"kind": "retry", "all": "1", "filter": urlencode(_filter_of(failure))}
    return "/operations/plan?" + urlencode(values)


def _filter_of(failure: FailureOut) -> Mapping[str, str]:
    return {"fingerprint": failure.fingerprint, "state": State.FAILED.value}


def _asked(frame: Frame) -> FailuresParameters:
    """Empty fields of the form are no filters; unknown ones are left out. Raises ValidationError."""
    given: dict[str, list[str]] = {}
    for name, value in frame.request.query_params.multi_items():
        if value.strip() and name in FailuresParameters.model_fields:
            given.setdefault(name, []).append(value.strip())
    lists = ("state", "type", "group", "shop", "account")
    return checked(
        FailuresParameters, {name: found if name in lists else found[-1] for name, found in given.items()}
    )


def _address(asked: FailuresParameters, cursor: str) -> str:
    values = asked.model_dump(mode="json", exclude_defaults=True) | {"cursor": cursor}
    return "/failures?" + urlencode(values, doseq=True)
