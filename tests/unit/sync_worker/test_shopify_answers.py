"""What the Admin API's answers turn into, in the order in which they are read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from shared.call_outcomes import CallOutcome
from shared.clients.http import Reply
from shared.clients.shopify_answers import (
    TooExpensive,
    cost_of,
    graphql_error,
    http_error,
    outcome_of,
    search_error,
    throttle_wait,
    user_error,
)
from shared.errors import (
    Misconfigured,
    RateLimited,
    Rejected,
    TaskError,
    Unavailable,
    UnknownOutcome,
)

NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
THROTTLED = {
    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
    "extensions": {
        "cost": {
            "requestedQueryCost": 800,
            "actualQueryCost": None,
            "throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": 120, "restoreRate": 100.0},
        }
    },
}


def reply(content: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, headers, orjson.dumps(content))


def errors(code: str, message: str = "It failed.") -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def error(content: dict[str, Any], *, repeatable: bool = True) -> TaskError:
    found = graphql_error(content, reply(content), repeatable=repeatable)
    assert found is not None
    return found


def test_throttled_waits_exactly_what_the_bucket_lacks() -> None:
    found = error(THROTTLED)
    assert isinstance(found, RateLimited)
    assert found.after == timedelta(seconds=6.8)


def test_a_bucket_that_has_enough_by_now_needs_no_wait() -> None:
    content = orjson.loads(orjson.dumps(THROTTLED))
    content["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] = 900
    assert throttle_wait(cost_of(content)) == timedelta(0)


@pytest.mark.parametrize(
    "told", [{}, {"cost": {}}, {"cost": {"requestedQueryCost": 1, "throttleStatus": None}}]
)
def test_an_answer_without_cost_tells_nothing_of_the_bucket(told: dict[str, Any]) -> None:
    assert cost_of({"extensions": told}) is None
    assert throttle_wait(None) is None


@pytest.mark.parametrize(
    ("code", "repeatable", "kind"),
    [
        ("MAX_COST_EXCEEDED", True, TooExpensive),
        ("ACCESS_DENIED", True, Misconfigured),
        ("SHOP_INACTIVE", True, Misconfigured),
        ("INTERNAL_SERVER_ERROR", True, Unavailable),
        ("INTERNAL_SERVER_ERROR", False, UnknownOutcome),
        ("undefinedField", True, Rejected),
    ],
)
def test_each_code_has_its_error(code: str, repeatable: bool, kind: type[TaskError]) -> None:
    assert type(error(errors(code), repeatable=repeatable)) is kind


@pytest.mark.parametrize(
    "told", ["Not Found", {"query": "Required parameter missing"}, [{"message": "Oops"}]]
)
def test_errors_may_be_a_text_an_object_or_a_list(told: Any) -> None:
    assert type(error({"errors": told})) is Rejected


def test_the_gravest_of_several_errors_decides() -> None:
    both = {"errors": errors("undefinedField")["errors"] + errors("THROTTLED")["errors"]}
    assert isinstance(error(both), RateLimited)


def test_no_errors_are_no_error() -> None:
    assert graphql_error({"data": {}}, reply({}), repeatable=True) is None


@pytest.mark.parametrize(
    ("status", "repeatable", "kind"),
    [
        (401, True, Misconfigured),
        (402, True, Misconfigured),
        (403, True, Misconfigured),
        (404, True, Misconfigured),
        (423, True, Misconfigured),
        (400, True, Rejected),
        (429, True, RateLimited),
        (502, True, Unavailable),
        (502, False, UnknownOutcome),
        (503, False, Unavailable),
    ],
)
def test_the_status_is_read_before_anything_else(
    status: int, repeatable: bool, kind: type[TaskError]
) -> None:
    found = http_error(reply({"errors": "Unavailable Shop"}, status), repeatable=repeatable, now=NOW)
    assert type(found) is kind


def test_a_limit_of_http_tells_its_wait_in_decimal_seconds() -> None:
    limited = Reply(429, {"retry-after": "4.0"}, b'{"errors":"Exceeded 4 calls per second"}')
    found = http_error(limited, repeatable=True, now=NOW)
    assert isinstance(found, RateLimited)
    assert found.after == timedelta(seconds=4)


@pytest.mark.parametrize(
    ("field", "place"), [(["input", "customerId"], "input.customerId"), (None, "customerUpdate")]
)
def test_a_user_error_names_the_field_or_else_the_operation(field: list[str] | None, place: str) -> None:
    data = {"customerUpdate": {"userErrors": [{"field": field, "message": "kim@example.com is taken"}]}}
    found = user_error(data, reply(data))
    assert found is not None
    assert f"'{place}'" in found.message
    assert "kim@" not in found.message


def test_a_result_without_user_errors_is_fine() -> None:
    data: dict[str, Any] = {"orders": {"nodes": []}, "customerUpdate": {"userErrors": []}, "shop": None}
    assert user_error(data, reply(data)) is None


def test_a_search_that_was_not_understood_is_refused_as_it_may_have_found_everything() -> None:
    content = {
        "extensions": {
            "search": [
                {"path": ["orders"], "warnings": [{"field": "updated", "message": "Invalid search field."}]}
            ]
        }
    }
    found = search_error(content, reply(content))
    assert found is not None
    assert "Invalid search field" in found.message
    assert search_error({"data": {}}, reply({})) is None


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (reply(THROTTLED), CallOutcome.RATE_LIMITED),
        (reply(errors("ACCESS_DENIED")), CallOutcome.REFUSED),
        (reply(errors("INTERNAL_SERVER_ERROR")), CallOutcome.FAILED),
        (reply(errors("undefinedField")), CallOutcome.REJECTED),
        (reply({"errors": "Not Found"}, 404), CallOutcome.REFUSED),
        (reply({"data": {"shop": {"name": "errors"}}}), None),
        (reply({"data": {"orderUpdate": {"userErrors": []}}, "errors": []}), None),
        (reply({"errors": "busy"}, 503), None),
        (Reply(200, {}, b'"errors": <html>'), None),
    ],
)
def test_how_a_call_went_is_in_the_answer_where_the_status_does_not_tell(
    answer: Reply, outcome: CallOutcome | None
) -> None:
    assert outcome_of(answer) is outcome
