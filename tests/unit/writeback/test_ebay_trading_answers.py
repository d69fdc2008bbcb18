"""HTTP 200 is no success at eBay's Trading API: what its Ack and its errors mean."""

from datetime import UTC, datetime

import pytest

from shared.call_outcomes import CallOutcome
from shared.clients.http import Reply
from shared.errors import (
    Misconfigured,
    RateLimited,
    Rejected,
    Retryable,
    Unavailable,
    UnknownOutcome,
)
from writeback.clients.ebay_trading_answers import Reading, outcome_of, read, refuses_token
from writeback.mapping.ebay_xml import element
from writeback.mapping.ebay_xml import request as document

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
REQUEST_ERROR = ("55", "Error", "RequestError", "The order id is not valid.")
SYSTEM_ERROR = ("10007", "Error", "SystemError", "Internal error to the application.")
WARNING = ("21917", "Warning", "RequestError", "Tracking was not validated.")
EXPIRED = ("21917053", "Error", "RequestError", "Expired IAF token.")
LIMIT = ("518", "Error", "RequestError", "Your application has exceeded usage limit on this call.")


def told(ack: str | None, *errors: tuple[str, str, str, str], status: int = 200) -> Reply:
    found = [
        element(
            "Errors",
            element("LongMessage", text),
            element("ErrorCode", code),
            element("SeverityCode", severity),
            element("ErrorClassification", classification),
        )
        for code, severity, classification, text in errors
    ]
    acks = [element("Ack", ack)] if ack else []
    body = document("CompleteSale", *acks, *found).replace(b"SaleRequest", b"SaleResponse")
    return Reply(status, {}, body)


def reading(reply: Reply, *, repeatable: bool = False) -> Reading:
    return read(reply, "CompleteSale", repeatable=repeatable, now=NOW)


def test_success_is_success() -> None:
    assert reading(told("Success")).remarks == ()


def test_a_warning_is_done_with_a_remark() -> None:
    assert reading(told("Warning", WARNING)).remarks == ("Tracking was not validated. (error 21917)",)


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ((REQUEST_ERROR,), Rejected),
        ((SYSTEM_ERROR,), Unavailable),
        ((SYSTEM_ERROR, REQUEST_ERROR), Rejected),
        ((WARNING, SYSTEM_ERROR), Unavailable),
        ((EXPIRED,), Misconfigured),
        ((LIMIT,), RateLimited),
        ((), Unavailable),
    ],
)
def test_a_failure_inside_http_200_is_what_its_errors_say(
    errors: tuple[tuple[str, str, str, str], ...], kind: type
) -> None:
    with pytest.raises(kind) as raised:
        reading(told("Failure", *errors))
    assert type(raised.value) is kind


def test_all_that_is_wrong_is_said() -> None:
    with pytest.raises(Rejected, match=r"The order id is not valid. \(error 55\); Internal error"):
        reading(told("Failure", REQUEST_ERROR, SYSTEM_ERROR))


def test_failing_in_the_middle_of_something_is_an_unknown_outcome() -> None:
    with pytest.raises(UnknownOutcome):
        reading(told("PartialFailure", SYSTEM_ERROR))
    with pytest.raises(Unavailable):
        reading(told("PartialFailure", SYSTEM_ERROR), repeatable=True)


@pytest.mark.parametrize("reply", [told(None), told("CustomCode"), Reply(200, {}, b"<html>")])
def test_an_answer_that_can_not_be_read_says_nothing_about_the_effect(reply: Reply) -> None:
    with pytest.raises(UnknownOutcome, match="can not be read"):
        reading(reply)
    with pytest.raises(Retryable) as raised:
        reading(reply, repeatable=True)
    assert type(raised.value) is Retryable


@pytest.mark.parametrize(("status", "kind"), [(500, UnknownOutcome), (503, Unavailable), (429, RateLimited)])
def test_other_statuses_mean_what_they_mean_everywhere(status: int, kind: type) -> None:
    with pytest.raises(kind):
        reading(told("Success", status=status))


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (told("Success"), CallOutcome.OK),
        (told("Warning", WARNING), CallOutcome.OK),
        (told("Failure", REQUEST_ERROR), CallOutcome.REJECTED),
        (told("Failure", SYSTEM_ERROR), CallOutcome.FAILED),
        (told("Failure", EXPIRED), CallOutcome.REFUSED),
        (told("Failure", LIMIT), CallOutcome.RATE_LIMITED),
        (Reply(200, {}, b"<html>"), CallOutcome.FAILED),
        (told("Success", status=503), None),
    ],
)
def test_the_connections_health_hears_of_failures_inside_http_200(
    reply: Reply, outcome: CallOutcome | None
) -> None:
    assert outcome_of(reply, "CompleteSale") is outcome


@pytest.mark.parametrize(
    ("reply", "is_refused"),
    [
        (told("Failure", EXPIRED), True),
        (told("Failure", REQUEST_ERROR), False),
        (told("Success"), False),
        (told("Success", status=401), True),
        (Reply(200, {}, b"<ErrorCode"), False),
    ],
)
def test_a_refused_token_is_told_from_other_failures(reply: Reply, is_refused: bool) -> None:
    assert refuses_token(reply, "CompleteSale") is is_refused
