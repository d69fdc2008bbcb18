"""`/connections…`."""

from fastapi import APIRouter
from starlette.responses import Response

from query_api.backend import operator
from query_api.console.connections import words
from query_api.console.connections.view import PATH, SPANS, Wanted, connections_view
from query_api.console.frame import Frame, FrameOf
from query_api.console.notices import done, refused
from query_api.problems import Problem
from query_api.repository.connections import snapshot
from query_api.routes.connections import update_connection
from query_api.routes.parameters import RowNumber
from shared.envelope import utc_now

router = APIRouter()


@router.get(PATH)
async def show_connections(frame: FrameOf) -> Response:
    """With the account that needs somebody most."""
    return await _page(frame, None)


@router.get("/connections/{account_id}")
async def show_connection(account_id: RowNumber, frame: FrameOf) -> Response:
    return await _page(frame, str(account_id))


@router.post("/connections/{account_id}/update")
async def try_connection(account_id: RowNumber, frame: FrameOf) -> Response:
    """Asks each part of the account's system one harmless question, and tells what came of it."""
    reader = await operator(frame.reader)
    address = f"{PATH}/{account_id}"
    try:
        answer = await update_connection(account_id, reader, frame.backend, Response())
    except Problem as problem:
        if problem.status == 404:
            raise
        return refused(address, problem)
    match answer.state:
        case "pending":
            return done(address, "It is being tried. What comes of it shows here in a moment.")
        case "succeeded":
            return done(address, answer.message or "It answered.")
        case "failed":
            said = " ".join(part for part in (answer.message, answer.remedy) if part)
            return refused(address, Problem(502, "trial-failed", said or "It did not answer."))


async def _page(frame: Frame, account_id: str | None) -> Response:
    shops = tuple(shop for shop in frame.request.query_params.getlist("shop") if shop)
    wanted = Wanted(shops, account_id, _hours(frame.parameter("hours")))
    async with snapshot(frame.backend.pool) as connection:
        view = await connections_view(frame, connection, wanted, now=utc_now())
        return await frame.show(connection, "connections/page.html", view=view, words=words, spans=SPANS)


def _hours(text: str) -> int:
    return int(text) if text in map(str, SPANS) else min(SPANS)
