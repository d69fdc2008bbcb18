"""What can be cancelled, and what is said of the rest."""

import pytest

from query_api.operations.cancel_verdict import (
    BY_GROUP,
    CANCELLED,
    MOVED,
    OVER,
    RUNNING,
    attempt_of,
    refusal_of,
    verdict_of,
)
from query_api.operations.port import Verdict
from query_api.operations.retry_verdict import UNKNOWN_TYPE
from shared.envelope import State
from shared.tasks import CATALOGUE, Group, TaskType


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (State.QUEUED, None),
        (State.RETRYING, None),
        (State.PROCESSING, RUNNING),
        (State.SUCCEEDED, OVER),
        (State.FAILED, OVER),
        (State.CANCELLED, CANCELLED),
    ],
)
def test_only_what_waits_can_be_cancelled(state: State, verdict: Verdict | None) -> None:
    assert verdict_of(TaskType.SYNC_ORDER, state) is verdict


def test_what_belongs_to_something_greater_is_left_to_that() -> None:
    left = {spec.group for spec in CATALOGUE.values() if verdict_of(spec.type, State.QUEUED)}
    assert left == set(BY_GROUP) == {Group.DATA_IMPORT, Group.PRIVACY, Group.ALERTING}
    assert verdict_of("OfAnotherVersion", State.QUEUED) is UNKNOWN_TYPE


def test_it_is_cancelled_instead_of_the_attempt_it_waits_for() -> None:
    assert (attempt_of(State.QUEUED, 1), attempt_of(State.RETRYING, 2)) == (1, 3)
    assert attempt_of(State.CANCELLED, 3) == 3


def test_the_inbox_has_the_last_word() -> None:
    said = [refusal_of(word) for word in ("cancelled", "running", "over", "moved")]
    assert said == [None, RUNNING, OVER, MOVED]
