"""`/settings/sessions`: browsers that are signed in to the console."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from query_api.backend import administrator
from query_api.console.frame import Frame, FrameOf
from query_api.console.notices import done, refused
from query_api.console.settings.tabs import show_tab
from query_api.problems import Problem
from query_api.repository.connections import snapshot
from query_api.repository.sessions import sessions_of
from query_api.routes import tokens as api
from query_api.routes.me import get_me
from query_api.routes.parameters import RowNumber
from query_api.schemas.tokens import TokensAnswer
from query_api.sessions import COOKIE

router = APIRouter()
ADDRESS = "/settings/sessions"


@router.get("/settings/sessions")
async def show_sessions(frame: FrameOf, before: Annotated[RowNumber | None, Query()] = None) -> Response:
    """One's own; administrators see who else is signed in."""
    backend = frame.backend
    async with snapshot(backend.pool) as connection:
        own_key = backend.sessions.key(frame.request.cookies.get(COOKIE))
        own = await sessions_of(connection, frame.reader.token_id, own_key=own_key)
    others = await _signed_in(frame, before) if frame.may_administer else None
    values = {
        "me": await get_me(frame.reader, backend, Response()),
        "own": own,
        "others": others,
        "is_first": before is None,
    }
    return await show_tab(frame, "sessions", values)


@router.post("/settings/sessions/{token_id}/end")
async def end(token_id: RowNumber, frame: FrameOf) -> Response:
    """All browsers of one token or person; the token itself stays good."""
    try:
        reader = await administrator(frame.reader)
        answer = await api.sign_out_token(token_id, reader, frame.request, Response())
    except Problem as problem:
        return refused(ADDRESS, problem)
    return done(
        ADDRESS, f"{answer.ended} {'browser is' if answer.ended == 1 else 'browsers are'} signed out."
    )


async def _signed_in(frame: Frame, before: int | None) -> TokensAnswer:
    asked = api.TokensParameters(signed_in=True, **({"before": before} if before else {}))
    return await api.list_tokens(asked, frame.reader, frame.backend, Response())
