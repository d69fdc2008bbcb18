"""What the command line makes of words, figures and streams."""

from datetime import UTC, datetime

import pytest

from query_api.routes.parameters import TaskFilters
from query_api.task_query import STATE_ALIASES
from shared.envelope import State
from syncledger.clients.events import Event, read
from syncledger.completing import STATES, states
from syncledger.errors import Mistake
from syncledger.filters import OPTIONS
from syncledger.moments import moment
from syncledger.printing import duration, percent, span

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_every_filter_of_the_list_has_its_option() -> None:
    assert set(OPTIONS) == set(TaskFilters.model_fields)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2h", "2026-11-21T06:00:00+00:00"),
        ("30m", "2026-11-21T07:30:00+00:00"),
        ("7d", "2026-11-14T08:00:00+00:00"),
        ("2026-11-21T08:00:00+01:00", "2026-11-21T08:00:00+01:00"),
    ],
)
def test_moments_are_read_as_people_write_them(text: str, meant: str) -> None:
    assert moment(text, NOW) == meant


def test_a_moment_without_an_offset_is_of_this_machine() -> None:
    found = datetime.fromisoformat(moment("2026-11-21", NOW))
    assert found == datetime.fromisoformat("2026-11-21").astimezone()


@pytest.mark.parametrize("text", ["yesterday", "2x", "", "-3h"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(Mistake, match="no moment"):
        moment(text, NOW)


def test_figures_are_readable() -> None:
    assert [duration(None), duration(12.3), duration(2_500)] == ["–", "12 ms", "2.5 s"]
    assert [span(0), span(59), span(61), span(7_260)] == ["0 s", "59 s", "1 min 1 s", "2 h 1 min"]
    assert [percent(None), percent(0.125)] == ["–", "12.5%"]


def test_states_complete() -> None:
    assert set(STATES) == {*State, *STATE_ALIASES}
    assert states("S") == ["succeeded", "success"]


def test_a_stream_is_read_event_by_event() -> None:
    lines = [
        "retry: 3000",
        "",
        "id: 7",
        "event: alive",
        'data: {"as_of":null}',
        "",
        ": hm",
        "",
        "data: 1",
        "",
    ]
    assert list(read(iter(lines))) == [
        Event("alive", {"as_of": None}, '{"as_of":null}', "7"),
        Event("message", 1, "1", None),
    ]
