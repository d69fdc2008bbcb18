"""The board's address says what it shows."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st

from query_api.console.tasks.filters import Filters, moment_text, parse_filters, quick_ranges
from query_api.console.visitors import local_address
from query_api.exact import exact
from query_api.task_query import SORTS
from shared.envelope import State
from shared.tasks import TaskType

NOW = datetime(2026, 11, 21, 8, 30, 15, 250_000, tzinfo=UTC)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
moments = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
pairs = st.one_of(
    st.tuples(st.just("state"), st.sampled_from(State).map(str)),
    st.tuples(st.just("type"), st.sampled_from(TaskType).map(str)),
    st.tuples(
        st.sampled_from(["shop", "q", "order_number", "source_id"]),
        st.text("a #&=ö", min_size=1).map(str.strip),
    ),
    st.tuples(st.sampled_from(["created_from", "created_to", "started_from", "as_of"]), moments),
    st.tuples(st.just("sort"), st.sampled_from(SORTS)),
)


def _parsed(address: str) -> Filters:
    return parse_filters(parse_qsl(urlsplit(address).query), STOCKHOLM)


@given(st.lists(pairs, max_size=8))
def test_filters_stand_in_the_address(given: list[tuple[str, str]]) -> None:
    filters = parse_filters(given)
    assert _parsed(filters.address()) == filters
    assert _parsed(filters.address("c")) == filters
    assert "cursor=c" in filters.address("c")
    assert _parsed(filters.cleared).count == 0


def test_empty_values_of_a_form_are_no_filters() -> None:
    filters = parse_filters([("created_from", ""), ("shop", ""), ("state", " "), ("unknown", "x")])
    assert (filters.pairs, filters.address(), filters.count) == ((), "/", 0)


def test_moments_without_an_offset_are_the_viewers_and_become_absolute() -> None:
    filters = parse_filters(
        [("created_from", "2026-11-21T08:00"), ("created_to", "2026-11-21T10:00:00Z")], STOCKHOLM
    )
    assert filters.asked.created_from == datetime(2026, 11, 21, 7, tzinfo=UTC)
    assert filters.asked.created_to == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert filters.value("created_from") == "2026-11-21T08:00:00+01:00"
    assert moment_text(datetime(2026, 11, 21, 7, tzinfo=UTC), STOCKHOLM) == "2026-11-21T08:00"


@pytest.mark.parametrize(
    "pair", [("created_from", "x"), ("as_of", "2026-99-01"), ("attempts_min", "x"), ("sort", "shop")]
)
def test_values_without_sense_are_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(RequestValidationError) as refused:
        parse_filters([pair])
    assert refused.value.errors()[0]["loc"] == ("query", pair[0])


def test_a_filter_can_be_taken_away_and_each_is_told_in_words() -> None:
    filters = parse_filters(
        [("q", "1042"), ("state", "failed"), ("account", "7"), ("created_from", "2026-11-21T07:00:00Z")]
    )
    chips = filters.chips(STOCKHOLM, {"7": "engage main"})
    assert [(chip.label, chip.value) for chip in chips] == [
        ("Search", "1042"),
        ("Account", "engage main"),
        ("Created from", "2026-11-21 08:00"),
    ]
    assert "q=" not in chips[0].address
    assert filters.count == 4


def test_a_second_click_on_a_heading_turns_the_list_round() -> None:
    by_duration = parse_filters(parse_qsl(urlsplit(parse_filters([]).sorted_by("duration")).query))
    assert by_duration.direction_of("duration") == "descending"
    assert by_duration.sorted_by("duration") == "/?sort=duration"
    assert parse_filters([]).direction_of("created") == "descending"
    assert by_duration.sorted_by("created") == "/", "the usual order needs no words"


def test_quick_ranges_are_addresses_to_the_minute() -> None:
    name, address = quick_ranges(
        parse_filters([("state", "failed"), ("created_to", "2026-11-21T07:00:00Z")]), NOW
    )[0]
    assert (name, address) == ("Last hour", "/?state=failed&created_from=2026-11-21T07%3A30%3A00%2B00%3A00")


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
