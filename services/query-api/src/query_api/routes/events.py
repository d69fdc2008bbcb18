"""`/events`: what happens, as it happens."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from pydantic import Field

from query_api.backend import ApiReader, Backend, BackendOf
from query_api.live.listener import Kind, Listener
from query_api.live.position import InvalidPosition, Position, decode
from query_api.live.stream import Stream
from query_api.live.streaming import EventStream
from query_api.live.streams import Streams
from query_api.problems import documented, invalid
from query_api.repository.connections import snapshot
from query_api.routes.parameters import CLOCK_TOLERANCE, TaskFilters, filter_query
from query_api.routes.tasks import chosen
from query_api.schemas.live import EVENT
from query_api.sessions import COOKIE, session_hash
from query_api.task_query import id_range
from shared.envelope import utc_now

router = APIRouter(tags=["live"])

REACH = timedelta(hours=24)
# Filters that more than the task itself decides.
NEEDS_OTHERS = frozenset({"as_of", "has_retry", "order_id", "q"})
_EXAMPLE = """id: 1795254818123456-01939b1c5f2a7d0e8a7b6c5d4e3f2a1b-1-succeeded
event: transition
data: {"attempt":1,"state":"succeeded","occurred_at":"…","recorded_at":"…","service":"sync-worker","task":{…}}

"""
_STREAM = {"schema": EVENT, "example": _EXAMPLE}


class EventParameters(TaskFilters):
    event: list[Kind] = Field(
        default=[],
        description="Which events to tell; all by default. May be repeated",
        examples=[["transition"]],
    )
    seconds: int | None = Field(
        default=None, ge=0, le=86_400, description="End the stream after so long; 0: after what was missed"
    )
    last_event_id: str | None = Field(
        default=None,
        max_length=100,
        description="As the header Last-Event-ID, for clients that can not set it",
    )


@router.get(
    "/events",
    status_code=200,
    summary="Events as they happen",
    response_class=EventStream,
    responses={**documented(400, 401, 429, 503), 200: {"content": {"text/event-stream": _STREAM}}},
)
async def get_events(
    parameters: Annotated[EventParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    request: Request,
    last_event_id: Annotated[str | None, Header(max_length=100, description="The last id heard of")] = None,
) -> EventStream:
    """Server-Sent Events, in the order of their recording. `transition`: a task's change of state, if what it
    says of the task passes the filters, those of the list of tasks but for `as_of`, `has_retry`, `order_id`
    and `q`.
    `progress`: how far work in these shops has come: imports, operations. `ready`: all that was missed has
    been told. `alive`: every 15 seconds in which nothing else happens. `end`: the last event, with `reason`
    and `detail`.

    Who comes back with the last id hears all that happened meanwhile, each transition once, for up to a
    day."""
    since = _since(last_event_id or parameters.last_event_id)
    for field in NEEDS_OTHERS:
        if getattr(parameters, field) is not None:
            raise invalid(field, "Events are judged one by one as they happen, which this can not be.")
    async with snapshot(backend.pool) as connection:
        query = filter_query(parameters, await chosen(connection, parameters, reader), utc_now())
    kinds, session = parameters.event or tuple(Kind), _session(backend, request)
    listener = Listener(reader, query, id_range(query), kinds, session=session)
    streams: Streams = request.app.state.streams
    streams.audience.admit(reader)
    return EventStream(Stream(streams, listener, since, parameters.seconds))


def _session(backend: Backend, request: Request) -> bytes | None:
    """Of a browser that is signed in to the console, which sends no token."""
    if "Authorization" in request.headers:
        return None
    key = backend.sessions.key(request.cookies.get(COOKIE))
    return None if key is None else session_hash(key)


def _since(text: str | None) -> Position | None:
    """Raises Problem for what is no place in the log, or one that lies too far back."""
    if not text:
        return None
    try:
        position = decode(text)
    except InvalidPosition as error:
        raise invalid("last_event_id", str(error)) from error
    now = utc_now()
    if position.recorded_at < now - REACH:
        detail = "This event is more than a day old. Read the list of tasks, and connect without an id."
        raise invalid("last_event_id", detail)
    if position.recorded_at > now + CLOCK_TOLERANCE:
        raise invalid("last_event_id", "This event has not happened yet.")
    return position
