"""`/settings/tokens`: who may use the API and the console."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, tzinfo
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.datastructures import FormData
from starlette.responses import Response

from query_api.auth import Role
from query_api.backend import administrator
from query_api.console.entered import checked, faults_of
from query_api.console.frame import Frame, FrameOf
from query_api.console.notices import done, refused
from query_api.console.settings.tabs import show_tab
from query_api.problems import Problem, invalid
from query_api.repository.connections import snapshot
from query_api.routes import tokens as api
from query_api.routes.parameters import RowNumber
from query_api.schemas.tokens import NewTokenAnswer, TokenIn

router = APIRouter()
ADDRESS = "/settings/tokens"
ROLES: Mapping[Role, str] = {
    Role.VIEWER: "Viewer: sees properties of tasks, no data",
    Role.OPERATOR: "Operator: sees data too, and acts",
    Role.ADMIN: "Administrator: also changes settings",
}


@dataclass(frozen=True, slots=True)
class Entered:
    """The form as it was sent; `expires`: a day, or empty. `problem`: why it can not be used."""

    name: str = ""
    role: str = Role.VIEWER.value
    expires: str = ""
    shops: Sequence[str] = ()
    problem: Problem | None = None

    def wanted(self, zone: tzinfo) -> TokenIn:
        """Raises Problem."""
        values = {"name": self.name, "role": self.role, "shops": self.shops or None}
        return checked(TokenIn, {**values, "expires_at": _end_of(self.expires, zone)})


@router.get("/settings/tokens")
async def show_tokens(frame: FrameOf, before: Annotated[RowNumber | None, Query()] = None) -> Response:
    await administrator(frame.reader)
    return await _show(frame, Entered(), before=before)


@router.post("/settings/tokens")
async def make_token(frame: FrameOf) -> Response:
    """The page that follows shows the token, this once; or the form again with what is wrong."""
    reader = await administrator(frame.reader)
    entered = _entered(await frame.request.form())
    try:
        made = await api.create_token(entered.wanted(frame.zone), reader, frame.request, Response())
    except Problem as problem:
        return await _show(frame, replace(entered, problem=problem))
    return await _show(frame, Entered(), made=made)


@router.post("/settings/tokens/{token_id}/revoke")
async def revoke(token_id: RowNumber, frame: FrameOf) -> Response:
    try:
        answer = await api.revoke_token(
            token_id, await administrator(frame.reader), frame.request, Response()
        )
    except Problem as problem:
        return refused(ADDRESS, problem)
    return done(ADDRESS, f"{answer.token.name} is revoked, and whoever was signed in with it is out.")


async def _show(
    frame: Frame, entered: Entered, *, before: int | None = None, made: NewTokenAnswer | None = None
) -> Response:
    asked = api.TokensParameters(**({"before": before} if before else {}))
    answer = await api.list_tokens(asked, frame.reader, frame.backend, Response())
    async with snapshot(frame.backend.pool) as connection:
        shops = await frame.shops(connection)
    problem = entered.problem
    values = {
        "tokens": answer.tokens,
        "next": answer.next,
        "is_first": before is None,
        "shops": shops,
        "roles": ROLES,
        "made": made,
        "entered": entered,
        "problem": problem,
        "faults": faults_of(problem) if problem else {},
    }
    return await show_tab(frame, "tokens", values, status=problem.status if problem else 200)


def _entered(form: FormData) -> Entered:
    name, role, expires = (str(form.get(field, "")) for field in ("name", "role", "expires"))
    return Entered(name, role, expires, [str(shop) for shop in form.getlist("shop") if shop])


def _end_of(text: str, zone: tzinfo) -> datetime | None:
    """The end of a day where the viewer is. Raises Problem."""
    if not text:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), time.max, zone)
    except (ValueError, OverflowError):
        raise invalid("expires_at", f"{text!r} is no date, e.g. 2027-11-21.") from None
