"""What eBay's answers mean, REST and token desk."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from shared.clients.http import Reply
from shared.errors import (
    Misconfigured,
    RateLimited,
    Rejected,
    TaskError,
    Unavailable,
    UnknownOutcome,
)
from writeback.clients import ebay_answers

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def reply(status: int, content: Any = None, **headers: str) -> Reply:
    return Reply(status, headers, b"" if content is None else orjson.dumps(content))


def errors(error_id: int, message: str = "Invalid", **facts: Any) -> dict[str, Any]:
    return {"errors": [{"errorId": error_id, "domain": "API_FULFILLMENT", "message": message, **facts}]}


def error(status: int, content: Any = None, *, repeatable: bool = False) -> TaskError:
    return ebay_answers.error_of(reply(status, content), repeatable=repeatable, now=NOW)


@pytest.mark.parametrize("error_id", [32200, 32210, 32300, 32500, 32600, 34100, 34200, 34300])
def test_what_is_wrong_with_a_shipment_is_final_and_said_in_ebays_words(error_id: int) -> None:
    parameters = [{"name": "trackingNumber", "value": "UA-1"}]
    found = error(400, errors(error_id, "Invalid shipment tracking number", parameters=parameters))
    assert type(found) is Rejected
    assert f"Invalid shipment tracking number (error {error_id}, trackingNumber)" in found.message


@pytest.mark.parametrize("found", [error(400, errors(32100)), error(404)])
def test_an_order_that_ebay_does_not_know_is_not_found(found: TaskError) -> None:
    assert (type(found), found.kind) == (Rejected, "not_found")


def test_a_suspended_seller_is_the_accounts_trouble() -> None:
    found = error(400, errors(32400, "User is suspended"))
    assert isinstance(found, Misconfigured)
    assert "suspended" in found.message


@pytest.mark.parametrize(("repeatable", "kind"), [(True, Unavailable), (False, UnknownOutcome)])
def test_after_a_system_error_a_shipment_may_have_been_made(repeatable: bool, kind: type) -> None:
    assert type(error(500, errors(30500, "System error"), repeatable=repeatable)) is kind


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Misconfigured), (403, Misconfigured), (404, Rejected), (503, Unavailable)]
)
def test_statuses_mean_what_they_mean_everywhere(status: int, kind: type) -> None:
    assert type(error(status, errors(1, "no"))) is kind


def test_a_limit_says_how_long() -> None:
    limited = reply(429, None, **{"retry-after": "30"})
    found = ebay_answers.error_of(limited, repeatable=False, now=NOW)
    assert isinstance(found, RateLimited)
    assert found.after == timedelta(seconds=30)


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b'{"errors": {}}', b'{"errors": [1]}', b'"x"'])
def test_answers_without_words_are_understood_by_their_status(body: bytes) -> None:
    found = ebay_answers.error_of(Reply(400, {}, body), repeatable=False, now=NOW)
    assert type(found) is Rejected
    assert "it gave no reason" in found.message or "x" in found.message


@pytest.mark.parametrize(
    ("status", "content", "is_known"),
    [
        (400, errors(34500), True),
        (409, None, True),
        (400, errors(32300), False),
        (201, {}, False),
        (500, errors(34500), False),
    ],
)
def test_that_ebay_knows_a_shipment_already_is_told_from_other_refusals(
    status: int, content: Any, is_known: bool
) -> None:
    assert ebay_answers.says_it_exists(reply(status, content)) is is_known


@pytest.mark.parametrize("word", ["invalid_grant", "invalid_client", "invalid_scope"])
def test_refused_consent_is_the_accounts_trouble(word: str) -> None:
    found = ebay_answers.token_error(reply(400, {"error": word, "error_description": "secret words"}), NOW)
    assert isinstance(found, Misconfigured)
    assert "secret words" not in found.message


@pytest.mark.parametrize(
    ("status", "kind"), [(429, RateLimited), (500, Unavailable), (503, Unavailable), (404, Misconfigured)]
)
def test_a_token_desk_in_trouble_is_not_the_accounts(status: int, kind: type) -> None:
    assert type(ebay_answers.token_error(reply(status), NOW)) is kind


@pytest.mark.parametrize(
    ("content", "token"),
    [
        ({"access_token": "v^1.1#x", "expires_in": 7200, "token_type": "User Access Token"}, "v^1.1#x"),
        ({"access_token": "", "expires_in": 7200}, None),
        ({"access_token": "a\r\nb", "expires_in": 7200}, None),
        ({"expires_in": 7200}, None),
        ([], None),
    ],
)
def test_a_token_is_taken_only_if_it_can_stand_in_a_header(content: Any, token: str | None) -> None:
    grant = ebay_answers.grant_of(reply(200, content))
    assert (grant.token if grant else None) == token
