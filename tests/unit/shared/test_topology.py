"""The topology is derived from the catalogue; these tests keep the two from drifting apart."""

from fnmatch import fnmatchcase

import pytest
from msgspec.structs import replace

from shared.envelope import Detail, State
from shared.tasks import CATALOGUE, Lane, Side, TaskType
from shared.topology import (
    RECORDER,
    TASKS,
    WAIT_LADDER_MS,
    deferred_key,
    queues,
    routing_key,
    side_key,
    side_queue,
    wait_ms,
)
from tests.factories import transition


def _queues_for(exchange: str, key: str) -> set[str]:
    return {
        queue.name
        for queue in queues()
        for bound, pattern in queue.bindings
        if bound == exchange and _matches(pattern, key)
    }


def _matches(pattern: str, key: str) -> bool:
    words, wanted = key.split("."), pattern.split(".")
    if wanted[-1] == "#":
        return all(fnmatchcase(word, part) for word, part in zip(words, wanted[:-1], strict=False))
    return len(words) == len(wanted) and all(map(fnmatchcase, words, wanted))


@pytest.mark.parametrize("task_type", list(TaskType))
def test_a_queued_task_reaches_its_lane_and_the_recorder(task_type: TaskType) -> None:
    key = routing_key(transition(type=task_type, state=State.QUEUED))
    assert _queues_for(TASKS, key) == {CATALOGUE[task_type].lane.value, RECORDER}


def test_a_task_may_be_given_another_lane_than_its_types() -> None:
    for state in (State.QUEUED, State.RETRYING):
        moved = transition(type=TaskType.SYNC_CONTACT, lane=Lane.SYNC_BULK, state=state, detail=Detail())
        due = replace(moved, detail=Detail(delay_ms=1_500))
        assert _queues_for("tasks.due", routing_key(due)) == {Lane.SYNC_BULK.value}
        assert _queues_for("tasks.due", deferred_key(moved, 1_500)) == {Lane.SYNC_BULK.value}
    moved = transition(type=TaskType.SYNC_CONTACT, lane=Lane.SYNC_BULK)
    assert _queues_for(TASKS, routing_key(moved)) == {Lane.SYNC_BULK.value, RECORDER}
    for side in Side:
        assert _queues_for("tasks.wait", side_key(moved, side)) == {side_queue(Lane.SYNC_BULK, side)}


@pytest.mark.parametrize("delay_ms", WAIT_LADDER_MS)
def test_a_task_queued_for_later_waits_first_and_is_recorded_at_once(delay_ms: int) -> None:
    key = routing_key(transition(type=TaskType.SYNC_CONTACT, detail=Detail(delay_ms=delay_ms)))
    assert _queues_for(TASKS, key) == {f"wait.{delay_ms}", RECORDER}
    assert _queues_for("tasks.due", key) == {Lane.SYNC.value}


@pytest.mark.parametrize("delay_ms", WAIT_LADDER_MS)
def test_a_retrying_task_waits_in_the_queue_of_its_delay_and_comes_back_to_its_lane(
    delay_ms: int,
) -> None:
    key = routing_key(transition(state=State.RETRYING, detail=Detail(delay_ms=delay_ms)))
    assert _queues_for(TASKS, key) == {f"wait.{delay_ms}", RECORDER}
    assert _queues_for("tasks.due", key) == {Lane.SYNC.value}


@pytest.mark.parametrize("state", [State.PROCESSING, State.SUCCEEDED, State.FAILED])
def test_other_transitions_only_reach_the_recorder(state: State) -> None:
    assert _queues_for(TASKS, routing_key(transition(state=state))) == {RECORDER}


def test_a_message_put_back_is_not_recorded() -> None:
    key = deferred_key(transition(), 1_500)
    assert _queues_for("tasks.wait", key) == {"wait.1500"}
    assert _queues_for("tasks.due", key) == {Lane.SYNC.value}


def test_a_wanted_delay_is_rounded_up_to_a_step() -> None:
    assert [wait_ms(wanted) for wanted in (0, 1_500, 1_501, 14_000, 10**9)] == [
        1_500,
        1_500,
        3_000,
        15_000,
        3_600_000,
    ]


def test_every_queue_is_a_quorum_queue_that_loses_nothing() -> None:
    for queue in queues():
        assert queue.arguments["x-queue-type"] == "quorum"
        assert queue.arguments["x-dead-letter-strategy"] == "at-least-once"
