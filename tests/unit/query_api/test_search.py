"""What a text in the search box can mean, and of which tasks it is true."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.operations.selection import Filtered, from_json, to_json
from query_api.repository.driver import By
from query_api.repository.meant import meant
from query_api.search.meanings import Search, is_true_of
from query_api.search.reading import end_of, read
from query_api.task_query import TaskQuery
from shared.envelope import State
from shared.tasks import TaskType
from tests.unit.query_api.facts import MOMENT, fact

TASK = UUID("01a1fd1e-7349-742a-af60-8b5c83b9f413")


def test_a_whole_id_means_one_task() -> None:
    assert read(str(TASK)).ids == (TASK, UUID(int=TASK.int + 1))
    assert read(str(TASK).upper().replace("-", "")).ids == (TASK, UUID(int=TASK.int + 1))


@pytest.mark.parametrize("beginning", ["01a1fd", "01A1FD1E", "01a1fd1e-7349", "01a1fd1e-7349-", "01a1fd1e73"])
def test_the_beginning_of_an_id_means_all_ids_that_begin_so(beginning: str) -> None:
    ids = read(beginning).ids
    assert ids is not None
    assert ids[0] <= TASK < ids[1]
    assert not ids[0] <= UUID(int=TASK.int + (1 << 110)) < ids[1]


@pytest.mark.parametrize("text", ["01a1f", "01a1fd1g", "-01a1fd1e", "01a1fd1e 7349", str(TASK) + "0"])
def test_other_texts_are_no_ids(text: str) -> None:
    assert read(text).ids is None


def test_order_numbers_are_meant_with_and_without_their_mark_and_in_upper_case() -> None:
    assert read(" #1042 ").order_numbers == ("1042", "#1042")
    assert set(read("sl-7").order_numbers) == {"sl-7", "#sl-7", "SL-7", "#SL-7"}


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("failed", {State.FAILED}),
        ("Fail", {State.FAILED}),
        ("error", {State.FAILED}),
        ("succ", {State.SUCCEEDED}),
        ("pending", {State.QUEUED, State.PROCESSING, State.RETRYING}),
        ("fa", set()),
        ("failing", set()),
    ],
)
def test_states_are_meant_by_their_names_and_by_those_people_use(text: str, states: set[State]) -> None:
    assert set(read(text).states) == states


def test_types_are_meant_by_their_names_and_beginnings() -> None:
    assert read("syncorder").types == (
        TaskType.SYNC_ORDER,
        TaskType.SYNC_ORDER_NOTIFICATION,
        TaskType.SYNC_ORDER_FULFILLMENT_NOTIFICATION,
    )
    assert read("sy").types == ()


@given(st.text(min_size=1, max_size=4), st.text(max_size=3))
def test_everything_that_begins_so_lies_between_the_text_and_its_end(beginning: str, rest: str) -> None:
    end = end_of(beginning)
    assert end is None or beginning <= beginning + rest < end


@given(st.text(min_size=1, max_size=3), st.text(min_size=1, max_size=3))
def test_what_begins_otherwise_lies_outside(beginning: str, other: str) -> None:
    end = end_of(beginning)
    if end is not None and not other.startswith(beginning):
        assert not beginning <= other < end


MEANINGS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"ids": (TASK, UUID(int=TASK.int + 1))}, {"task_id": TASK}),
    ({"states": (State.FAILED,)}, {"state": State.FAILED}),
    ({"types": (TaskType.SYNC_ORDER,)}, {"type": TaskType.SYNC_ORDER}),
    ({"names": (("source_id", ("9",)),)}, {"source_id": "9"}),
    ({"beginnings": (("order_number", ("10", "#10")),)}, {"order_number": "#1042"}),
    ({"account_ids": (3,)}, {"account_id": 3}),
    ({"task_ids": frozenset([TASK])}, {"task_id": TASK}),
    ({"worded": frozenset([TASK])}, {"task_id": TASK, "error_kind": "connection"}),
]


@pytest.mark.parametrize(("means", "facts"), MEANINGS, ids=lambda value: next(iter(value)))
def test_one_true_meaning_is_enough(means: dict[str, Any], facts: dict[str, Any]) -> None:
    search = Search("x", **means)
    assert is_true_of(search, fact(**facts))
    assert not is_true_of(search, fact())
    assert not is_true_of(Search("x"), fact(**facts))


def test_words_of_an_error_that_was_not_there_yet_are_not_found() -> None:
    assert not is_true_of(Search("x", worded=frozenset([TASK])), fact(task_id=TASK, error_kind=None))


def test_each_meaning_is_walked_by_an_index_of_its_own() -> None:
    search = replace(read("01a1fd1e"), names=(("source_id", ("9",)),), leads=frozenset([TASK]))
    driver = meant(TaskQuery(search=search), search)
    assert driver is not None
    assert [part.by for part in driver.values] == [By.IDS, By.RANGE, By.SOURCE_ID]


def test_meanings_that_the_filters_exclude_are_not_walked() -> None:
    search = read("failed")
    for query in (TaskQuery(states=(State.SUCCEEDED,)), TaskQuery(states=(State.QUEUED,))):
        driver = meant(query, search)
        assert driver is not None
        assert driver.values == ()


def test_only_looking_at_each_task_tells_what_has_too_many_names_or_a_state_of_the_past() -> None:
    assert meant(TaskQuery(), Search("1", leads=None)) is None
    past = TaskQuery(as_of=fact().started_at)
    assert meant(past, read("pending")) is None
    assert meant(past, read("failed")) is not None


def test_what_a_text_led_to_makes_no_other_question_of_it() -> None:
    search = read("1042")
    found = replace(search, leads=frozenset([TASK]), account_ids=(1,))
    assert TaskQuery(search=search).mark == TaskQuery(search=found).mark
    assert TaskQuery(search=search).mark != TaskQuery(search=read("1043")).mark


@pytest.mark.parametrize("text", ["1042", "01a1fd1e-7349", "failed", "SyncOrder"])
def test_a_search_that_was_written_down_is_the_same_one(text: str) -> None:
    asked = Filtered(TaskQuery(search=read(text)), {}, MOMENT)
    assert from_json(json.loads(json.dumps(to_json(asked)))) == asked
