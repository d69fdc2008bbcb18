"""The board's address says what it shows."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.console.tasks.filters import Filters, parse_filters, quick_ranges
from query_api.console.visitors import local_address
from query_api.exact import exact
from query_api.problems import Problem
from shared.envelope import State
from shared.tasks import TaskType

NOW = datetime(2026, 11, 21, 8, 30, 15, 250_000, tzinfo=UTC)
moments = st.none() | st.integers(0, 4_000_000_000_000).map(
    lambda milliseconds: datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
)
all_filters = st.builds(
    Filters,
    states=st.lists(st.sampled_from(State), unique=True).map(
        lambda states: tuple(s for s in State if s in states)
    ),
    types=st.lists(st.sampled_from(TaskType), unique=True).map(tuple),
    shop=st.sampled_from(["", "demo.example"]),
    created_from=moments,
    created_to=moments,
    newest_first=st.booleans(),
    as_of=moments,
)


def _parsed(address: str) -> Filters:
    return parse_filters(parse_qsl(urlsplit(address).query))


@given(all_filters)
def test_filters_stand_in_the_address(filters: Filters) -> None:
    assert _parsed(filters.address()) == filters
    assert _parsed(filters.address("c")) == filters
    assert "cursor=c" in filters.address("c")
    assert "cursor" not in filters.address()


def test_empty_values_of_a_form_are_no_filters() -> None:
    assert parse_filters([("created_from", ""), ("shop", ""), ("state", ""), ("unknown", "x")]) == Filters()
    assert Filters().address() == "/"


def test_ranges_are_read_as_utc() -> None:
    filters = parse_filters(
        [("created_from", "2026-11-21T08:00"), ("created_to", "2026-11-21T10:00:00+01:00")]
    )
    assert filters.created_from == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert filters.created_to == datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "pair", [("state", "x"), ("type", "x"), ("created_from", "x"), ("as_of", "2026-99-01")]
)
def test_values_without_sense_are_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(Problem, match="'"):
        parse_filters([pair])


def test_quick_ranges_are_addresses_to_the_minute() -> None:
    name, address = quick_ranges(Filters(states=(State.FAILED,)), NOW)[0]
    assert (name, address) == ("Last hour", "/?state=failed&created_from=2026-11-21T07%3A30")


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/tasks/1?x=%2F", "/tasks/1?x=%2F"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
    ],
)
def test_sign_in_leads_to_pages_of_ours_only(wanted: str, led_to: str) -> None:
    assert local_address(wanted) == led_to


def test_integers_that_floats_would_round_become_text() -> None:
    value = {"a": [2**53 - 1, 2**53, -(2**60)], "b": True, "c": {"d": 1.5, "e": None}}
    assert exact(value) == {
        "a": [2**53 - 1, str(2**53), str(-(2**60))],
        "b": True,
        "c": {"d": 1.5, "e": None},
    }
