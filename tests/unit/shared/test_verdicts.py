"""What happens after an error, as a table."""

from datetime import timedelta

import pytest

from shared.errors import (
    Answer,
    Misconfigured,
    Obsolete,
    RateLimited,
    Rejected,
    Retryable,
    TaskError,
    Unavailable,
    UnknownOutcome,
)
from shared.remedies import kinds
from shared.tasks import TaskType
from shared.verdicts import Fail, Finish, Retry, decide
from tests.factories import header

TASK = header(max_attempts=6)
ERRORS: list[type[TaskError]] = [
    Retryable,
    Unavailable,
    RateLimited,
    UnknownOutcome,
    Rejected,
    Misconfigured,
    Obsolete,
]


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_has_a_remedy_of_its_own(error: type[TaskError]) -> None:
    assert error.kind in kinds()


@pytest.mark.parametrize(
    ("attempt", "delay_ms"), [(1, 1_500), (2, 3_000), (3, 15_000), (4, 60_000), (5, 300_000)]
)
def test_the_policys_delays_grow(attempt: int, delay_ms: int) -> None:
    step = decide(Unavailable("down"), TASK, attempt, was_calling=True)
    assert isinstance(step, Retry)
    assert (step.delay_ms, step.max_attempts, step.is_uncertain) == (delay_ms, 6, False)


def test_the_last_attempt_fails() -> None:
    assert isinstance(decide(Unavailable("down"), TASK, 6, was_calling=False), Fail)


def test_a_wish_for_later_is_honoured_and_rounded_up_but_not_without_end() -> None:
    for seconds, delay_ms in ((2, 3_000), (20, 30_000), (10**6, 3_600_000)):
        step = decide(Retryable("later", after=timedelta(seconds=seconds)), TASK, 1, was_calling=False)
        assert isinstance(step, Retry)
        assert step.delay_ms == delay_ms


def test_a_rate_limit_never_fails_and_uses_up_no_attempt() -> None:
    step = decide(RateLimited("429", after=timedelta(seconds=4)), TASK, 6, was_calling=True)
    assert isinstance(step, Retry)
    assert (step.max_attempts, step.pause, step.is_uncertain) == (7, timedelta(seconds=4), False)


def test_our_own_outage_uses_up_no_attempt_and_is_uncertain_if_a_call_was_made() -> None:
    for was_calling in (True, False):
        step = decide(ConnectionError(), TASK, 6, was_calling=was_calling, infrastructure=True)
        assert isinstance(step, Retry)
        assert (step.max_attempts, step.is_uncertain) == (7, was_calling)
        assert step.failure.kind == "temporary"
        assert step.failure.message == "Our own database was away (ConnectionError)"


def test_what_cannot_be_helped_fails_at_once_and_refused_credentials_mark_the_account() -> None:
    rejected = decide(Rejected("email: missing"), TASK, 1, was_calling=True)
    refused = decide(Misconfigured("key refused"), TASK, 1, was_calling=True)
    assert rejected == Fail(rejected.failure) if isinstance(rejected, Fail) else False
    assert isinstance(refused, Fail)
    assert refused.account_problem == "key refused"


def test_a_task_that_waits_for_its_account_looks_again_soon_while_the_account_is_held() -> None:
    task = header(type=TaskType.WRITEBACK_SHIPMENT, account_id=7)
    step = decide(Misconfigured("key refused"), task, 5, was_calling=True)
    assert isinstance(step, Retry)
    assert (step.delay_ms, step.max_attempts, step.account_problem) == (30_000, 6, "key refused")
    assert step.pause == timedelta(minutes=15)


def test_what_is_gone_is_done() -> None:
    assert decide(Obsolete("deleted"), TASK, 1, was_calling=True) == Finish(note="deleted")


def test_an_unforeseen_error_after_a_call_is_uncertain_and_keeps_its_text_to_itself() -> None:
    step = decide(ValueError("kim@example.com"), TASK, 1, was_calling=True)
    assert isinstance(step, Retry)
    assert step.is_uncertain
    assert "kim" not in str(step.failure)


def test_equal_failures_share_a_fingerprint_whatever_ids_they_name() -> None:
    def fingerprint(message: str, status: int = 422) -> str:
        step = decide(Rejected(message, answer=Answer(status)), TASK, 1, was_calling=True)
        assert isinstance(step, Fail)
        return step.failure.fingerprint

    assert fingerprint("order 17: no e-mail 'a@b.c'") == fingerprint("order 4711: no e-mail 'x@y.z'")
    assert fingerprint("order 17: no e-mail") != fingerprint("order 17: no phone")
    assert fingerprint("order 17", 422) != fingerprint("order 17", 400)
