"""What readers of the API hand over: filters and cursors."""

from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from hypothesis import strategies as st
from pydantic import ValidationError

from query_api import places
from query_api.live import position
from query_api.problems import Problem
from query_api.routes.parameters import TaskListParameters, task_query
from query_api.task_query import TaskQuery
from tests.fuzz.target import Target, spliced
from tests.unit.mutations import TEXTS

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FINGERPRINT = b"8 bytes."
SEVERAL = frozenset({"state", "type", "group", "shop", "account"})


def try_filters(data: bytes) -> None:
    """A query that Postgres can be asked, or a refusal that names the parameter."""
    given: dict[str, str | list[str]] = {}
    for name, value in parse_qsl(data.decode("latin-1"), keep_blank_values=True, errors="replace"):
        if name in SEVERAL:
            given[name] = [*given.get(name, []), value]
        else:
            given[name] = value
    try:
        query = task_query(TaskListParameters.model_validate(given), None, NOW)
    except (ValidationError, Problem):
        return
    _can_be_asked(query)


def _can_be_asked(query: TaskQuery) -> None:
    texts = [getattr(query, one.name) for one in fields(query)]
    words = [text for text in (*texts, *query.order_numbers) if isinstance(text, str)]
    assert not any("\x00" in word for word in words)
    for moment in (query.created.since, query.completed.until, query.as_of):
        assert moment is None or moment.astimezone(UTC) == moment


def try_cursor(data: bytes) -> None:
    """A place that is told the same way again, or a refusal."""
    text = data.decode("latin-1")
    try:
        place = places.decode(text, FINGERPRINT)
    except places.InvalidCursor:
        return
    assert places.decode(places.encode(place, FINGERPRINT), FINGERPRINT) == place
    with suppress(places.InvalidCursor):
        places.id_of(place)
    for key in place.keys:
        with suppress(places.InvalidCursor):
            places.moment_of(str(key))


def try_position(data: bytes) -> None:
    """The id of an event that is told the same way again, or a refusal."""
    try:
        found = position.decode(data.decode("latin-1"))
    except position.InvalidPosition:
        pass
    else:
        assert position.decode(position.encode(found)) == found


_QUERY = {
    "q": "#1042",
    "state": "failed",
    "type": "SyncOrder",
    "group": "order sync",
    "account": "7",
    "order_number": "1042",
    "parent_id": str(UUID(int=7)),
    "has_retry": "true",
    "attempts_min": "2",
    "created_from": "2026-11-20T08:00:00Z",
    "completed_to": "2026-11-21T08:00:00+01:00",
    "as_of": "2026-11-20T09:00:00Z",
    "sort": "-created",
    "limit": "50",
}
_ASKED = urlencode(_QUERY).encode()
_CURSORS = [
    places.encode(places.Place((2.5, "2026-11-20T08:00:00+00:00", str(UUID(int=7))), True), FINGERPRINT),
    places.encode(places.of_id(UUID(int=7), is_forward=False), FINGERPRINT),
]
_EVENTS = [position.encode(position.Position(NOW, UUID(int=7), 1, "succeeded")).encode()]
_PLACES = [one.encode() for one in _CURSORS]


@st.composite
def _almost_filters(draw: st.DrawFn) -> bytes:
    names = draw(st.lists(st.sampled_from(sorted(_QUERY)), min_size=1, max_size=5, unique=True))
    odd = st.one_of(TEXTS.map(lambda text: text.encode("utf-8", "replace").decode()), st.text(max_size=20))
    values = {name: draw(st.one_of(st.just(_QUERY[name]), odd)) for name in names}
    return urlencode(values, errors="replace").encode()


@st.composite
def _almost_places(draw: st.DrawFn) -> bytes:
    """Anything JSON can say, where keys are expected."""
    simple = st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False), st.text(max_size=20))
    keys = draw(st.lists(st.one_of(simple, st.lists(simple, max_size=2)), max_size=3))
    place = places.Place(tuple(keys), draw(st.booleans()))
    return places.encode(place, FINGERPRINT).encode()


TARGETS = (
    Target("filters of a list", try_filters, st.one_of(_almost_filters(), spliced([_ASKED])), [_ASKED]),
    Target("cursor", try_cursor, st.one_of(_almost_places(), spliced(_PLACES)), _PLACES),
    Target("id of an event", try_position, spliced(_EVENTS), _EVENTS),
)
