"""Which failed tasks can be retried, which retry may repeat an effect and why, and how fast that goes."""

from typing import Any

import pytest

from query_api.operations.pace import batch_size, rest_s, seconds_for
from query_api.operations.retry_rate import rate_of
from query_api.operations.retry_verdict import DOUBTFUL, Ended, bulk_lane, verdict_of
from shared.envelope import State
from shared.tasks import CATALOGUE, Lane, TaskType

TOLD_ONCE = TaskType.SYNC_ORDER_NOTIFICATION
DEFINITE = ("validation", "authentication", "connection", "rate_limit", "not_found", "configuration")


def failed(task_type: str = TaskType.SYNC_ORDER, **facts: Any) -> Ended:
    values: dict[str, Any] = {"state": State.FAILED, "error_kind": "validation"}
    return Ended(task_type, **(values | facts))


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (failed(state=State.SUCCEEDED), "not_failed"),
        (failed(state=State.RETRYING), "not_failed"),
        (failed(is_retried=True), "already_retried"),
        (failed(has_payload=False), "payload_gone"),
        (failed(is_account_active=False), "account_off"),
        (failed(is_shop_active=False), "shop_off"),
        (failed("TypeOfLongAgo"), "unknown_type"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_can_not_be_retried_says_why(task: Ended, reason: str) -> None:
    verdict = verdict_of(task)
    assert verdict is not None
    assert (verdict.reason, verdict.is_risk) == (reason, False)
    assert verdict.message.endswith(".")


@pytest.mark.parametrize("task_type", [spec.type for spec in CATALOGUE.values() if spec.repeatable])
@pytest.mark.parametrize("kind", [*DOUBTFUL, *DEFINITE])
def test_what_is_read_back_or_recognised_is_safe_whatever_happened(task_type: TaskType, kind: str) -> None:
    assert verdict_of(failed(task_type, error_kind=kind, was_uncertain=True)) is None


@pytest.mark.parametrize("kind", [*DOUBTFUL, None])
def test_what_can_not_be_undone_is_at_risk_when_nobody_knows_whether_it_happened(kind: str | None) -> None:
    verdict = verdict_of(failed(TOLD_ONCE, error_kind=kind))
    assert verdict is not None
    assert (verdict.reason, verdict.is_risk) == ("may_repeat_effect", True)
    assert "to the CRM, which may mail the customer" in verdict.message


@pytest.mark.parametrize("kind", [*DOUBTFUL, "", None])
def test_what_was_cancelled_is_at_risk_only_if_an_attempt_was_made_that_is_in_doubt(kind: str | None) -> None:
    verdict = verdict_of(failed(TOLD_ONCE, state=State.CANCELLED, error_kind=kind))
    assert (verdict is not None and verdict.is_risk) == (kind in DOUBTFUL)
    uncertain = verdict_of(failed(TOLD_ONCE, state=State.CANCELLED, error_kind=kind, was_uncertain=True))
    assert uncertain is not None


@pytest.mark.parametrize("kind", DEFINITE)
def test_what_was_refused_for_certain_is_safe_unless_an_attempt_before_was_not(kind: str) -> None:
    assert verdict_of(failed(TOLD_ONCE, error_kind=kind)) is None
    verdict = verdict_of(failed(TOLD_ONCE, error_kind=kind, was_uncertain=True))
    assert verdict is not None
    assert verdict.is_risk


def test_what_is_owed_to_customers_is_retried_for_a_shop_that_left() -> None:
    assert verdict_of(failed(TaskType.SHOP_REDACT, is_shop_active=False, is_account_active=False)) is None


def test_many_run_beside_live_tasks() -> None:
    assert {lane: bulk_lane(lane) for lane in Lane} == {
        Lane.SYNC: Lane.SYNC_BULK,
        Lane.SYNC_BULK: Lane.SYNC_BULK,
        Lane.WRITEBACK: Lane.WRITEBACK_BULK,
        Lane.WRITEBACK_BULK: Lane.WRITEBACK_BULK,
        Lane.ALERTS: Lane.ALERTS,
    }


def test_an_account_takes_what_its_budget_its_setting_or_its_kind_says() -> None:
    assert rate_of("shopify", {}, {"graphql": 50.0}) == 2.0
    assert rate_of("supplier", {"requests_per_second": 3}, {}) == 1.0
    assert rate_of("supplier", {"requests_per_second": 3}, {"requests at 6/s": 6.0}) == 2.0
    assert rate_of("engage", {}, {}) > 1
    assert rate_of("something", {}, {"calls": 0.0}) > 0


def test_a_batch_is_about_a_second_of_work() -> None:
    assert [batch_size(rate) for rate in (0.1, 1, 20, 10_000)] == [1, 1, 20, 200]
    assert rest_s(20, 20.0, 0.25) == 0.75
    assert rest_s(20, 20.0, 3.0) == 0.0
    assert seconds_for(21, 20.0) == 2
