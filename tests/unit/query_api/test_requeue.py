"""Which messages are worth publishing again, as far as the inbox knows."""

import pytest

from query_api.requeue.stuck import Standing, Trace, standing_of

ATTEMPT = 2


def trace(attempt: int = ATTEMPT, **changes: bool) -> Trace:
    values = {"is_over": False, "has_outcome": False, "is_at_work": False, "was_begun": False}
    return Trace(attempt, **(values | changes))


@pytest.mark.parametrize(
    ("found", "standing"),
    [
        pytest.param(None, Standing.LOST, id="nobody-took-it-up"),
        pytest.param(trace(1), Standing.LOST, id="the-attempt-before-ended-and-this-one-was-not-begun"),
        pytest.param(trace(was_begun=True), Standing.LOST, id="its-worker-died"),
        pytest.param(trace(has_outcome=True), Standing.LOST, id="it-ended-and-the-broker-did-not-confirm"),
        pytest.param(
            trace(has_outcome=True, is_over=True), Standing.LOST, id="it-ended-for-good-unconfirmed"
        ),
        pytest.param(trace(was_begun=True, is_at_work=True), Standing.AT_WORK, id="a-worker-is-alive"),
        pytest.param(trace(3, was_begun=True, is_at_work=True), Standing.AT_WORK, id="a-worker-is-further"),
        pytest.param(trace(is_over=True), Standing.ENDED, id="it-ended-and-only-the-broker-knew"),
        pytest.param(trace(1, is_over=True), Standing.ENDED, id="it-was-over-before"),
        pytest.param(trace(), Standing.AHEAD, id="it-is-to-be-tried-again-and-only-the-broker-knew"),
        pytest.param(trace(3, has_outcome=True), Standing.AHEAD, id="a-later-attempt-ended"),
    ],
)
def test_only_what_nobody_else_brings_further_is_lost(found: Trace | None, standing: Standing) -> None:
    assert standing_of(ATTEMPT, found) is standing
