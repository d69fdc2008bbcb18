"""What Amazon's answers mean for a write-back."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from shared.clients.http import Reply
from shared.errors import Misconfigured, RateLimited, Rejected, Retryable, Unavailable, UnknownOutcome
from writeback.clients.amazon_answers import PackageClosed, error_of, told_rate
from writeback.clients.amazon_login import grant_of

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def reply(status: int, *errors: dict[str, str], **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, orjson.dumps({"errors": list(errors)}) if errors else b"")


def refused(status: int, code: str = "InvalidInput", message: str = "No.") -> Reply:
    return reply(status, {"code": code, "message": message, "details": ""})


def test_an_empty_204_is_a_success() -> None:
    assert error_of(reply(204), repeatable=False, now=NOW) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, Misconfigured),
        (403, Misconfigured),
        (404, Rejected),
        (413, Rejected),
        (429, RateLimited),
        (500, UnknownOutcome),
        (503, Unavailable),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[Exception]) -> None:
    assert type(error_of(refused(status), repeatable=False, now=NOW)) is kind


def test_a_failure_while_reading_may_be_repeated() -> None:
    assert type(error_of(refused(500), repeatable=True, now=NOW)) is Unavailable


@pytest.mark.parametrize(
    "error",
    [
        {"code": "PackageToUpdateNotFound", "message": "order already fulfilled"},
        {"code": "Invalid Input", "message": "PackageToUpdateNotFound: order already fulfilled"},
        {"code": "Package To Update Not Found", "message": ""},
    ],
)
def test_a_package_that_may_not_be_changed_is_known_however_it_is_written(error: dict[str, str]) -> None:
    assert type(error_of(reply(400, error), repeatable=False, now=NOW)) is PackageClosed


def test_amazons_own_words_are_said_without_personal_data() -> None:
    words = {"code": "InvalidInput", "message": "Bad date.", "details": "ask kim@example.com"}
    error = error_of(reply(400, words), repeatable=False, now=NOW)
    assert error is not None
    assert error.message == "Amazon refused it (400): Bad date – ask …@…"
    assert error.answer.http_status == 400


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"errors": "no"}', b'{"errors": [1]}'])
def test_answers_without_words_are_refusals_too(body: bytes) -> None:
    error = error_of(Reply(400, {}, body), repeatable=False, now=NOW)
    assert error is not None
    assert "It gave no reason." in error.message


@pytest.mark.parametrize(
    ("text", "rate"), [("2.0", 2.0), ("0.0056", 0.0056), ("", None), ("x", None), ("0", None)]
)
def test_the_rate_is_known_when_amazon_tells_it(text: str, rate: float | None) -> None:
    assert told_rate(reply(204, **({"x_amzn_ratelimit_limit": text} if text else {}))) == rate


def login(status: int, **content: Any) -> Reply:
    return Reply(status, {}, orjson.dumps(content))


def test_a_token_comes_with_its_life() -> None:
    grant = grant_of(login(200, access_token="Atza|1", token_type="bearer", expires_in=3600))
    assert (grant.token, grant.expires_in_s) == ("Atza|1", 3600)


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (400, "invalid_grant", "authorise the application again"),
        (401, "invalid_client", "client id or client secret"),
        (400, "unauthorized_client", "Seller Central"),
        (400, "invalid_scope", "check client id"),
    ],
)
def test_refused_credentials_say_what_to_enter(status: int, code: str, advice: str) -> None:
    with pytest.raises(Misconfigured, match=code) as caught:
        grant_of(login(status, error=code, error_description="…"))
    assert advice in caught.value.message


def test_an_unreadable_token_is_never_shown() -> None:
    with pytest.raises(Retryable) as caught:
        grant_of(login(200, access_token=None, token="Atza|secret"))
    assert caught.value.answer.excerpt is None


def test_login_that_is_away_is_asked_again() -> None:
    with pytest.raises(Unavailable):
        grant_of(login(503))
