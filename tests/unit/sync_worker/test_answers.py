"""What the CRM's answers, and their absence, mean for a task."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from shared.clients.answers import error_of, excerpt, read_json, retry_after, said
from shared.clients.http import Reply, transport_error
from shared.errors import (
    Misconfigured,
    RateLimited,
    Rejected,
    Retryable,
    TaskError,
    Unavailable,
    UnknownOutcome,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def error(status: int, *, repeatable: bool = True, body: bytes = b"", **headers: str) -> TaskError:
    reply = Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)
    return error_of(reply, api="Engage", repeatable=repeatable, now=NOW)


@pytest.mark.parametrize(
    ("status", "kind", "word"),
    [
        (301, Misconfigured, "configuration"),
        (400, Rejected, "validation"),
        (401, Misconfigured, "authentication"),
        (403, Misconfigured, "authentication"),
        (404, Rejected, "validation"),
        (408, Unavailable, "connection"),
        (422, Rejected, "validation"),
        (429, RateLimited, "rate_limit"),
        (500, Unavailable, "connection"),
        (502, Unavailable, "connection"),
        (503, Unavailable, "connection"),
        (504, Unavailable, "connection"),
    ],
)
def test_each_status_says_what_happens_next(status: int, kind: type[TaskError], word: str) -> None:
    caught = error(status)
    assert (type(caught), caught.kind, caught.answer.http_status) == (kind, word, status)


@pytest.mark.parametrize("status", [408, 500, 502, 504])
def test_a_broken_answer_to_what_must_not_be_repeated_is_an_unknown_outcome(status: int) -> None:
    assert type(error(status, repeatable=False)) is UnknownOutcome


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 429, 503])
def test_a_refusal_is_definite_also_for_what_must_not_be_repeated(status: int) -> None:
    assert not isinstance(error(status, repeatable=False), UnknownOutcome)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2", 2),
        ("2.5", 2.5),
        ("Fri, 20 Nov 2026 12:00:07 GMT", 7),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("nan", None),
        ("1e99", None),
        ("9" * 12, None),
    ],
)
def test_retry_after_is_read_in_every_form(text: str, seconds: float | None) -> None:
    wanted = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(Reply(429, {"retry-after": text}, b""), NOW) == wanted
    for status in (429, 503):
        caught = error(status, retry_after=text)
        assert isinstance(caught, Retryable)
        assert caught.after == wanted


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"errorCode":"InvalidEmail","message":"that is no address"}', "that is no address"),
        (b'{"errorCode":"InvalidEmail"}', "InvalidEmail"),
        (b'"plain words"', "plain words"),
        (b'{"message":"\'kim@example.com\' and +46700000000 are wrong"}', "'…@…' and +… are wrong"),
        (b"<html>", "it gave no reason"),
        (b"", "it gave no reason"),
        (b"[1]", "it gave no reason"),
    ],
)
def test_the_crms_own_words_are_kept_without_personal_data(body: bytes, words: str) -> None:
    assert said(body) == words


def test_an_excerpt_is_short_readable_and_without_personal_data() -> None:
    assert excerpt(b"") is None
    assert excerpt(b"\xff\x00 for <kim@example.com>") == "\ufffd for <…@…>"
    assert len(excerpt(b"x" * 10_000) or "") == 300


def test_an_answer_that_is_not_json_is_retried_as_malformed() -> None:
    with pytest.raises(Retryable) as caught:
        read_json(Reply(200, {}, b'{"id": "6f1c<html>'), api="Engage")
    assert (caught.value.kind, caught.value.answer.http_status) == ("malformed_answer", 200)


REQUEST = httpx.Request("POST", "http://127.0.0.1/")


@pytest.mark.parametrize("repeatable", [True, False])
@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_what_was_never_sent_is_unavailable(kind: type[httpx.TransportError], *, repeatable: bool) -> None:
    caught = transport_error(kind("x", request=REQUEST), api="Engage", repeatable=repeatable)
    assert (type(caught), caught.kind) == (Unavailable, "connection")


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (httpx.ReadTimeout, "timeout"),
        (httpx.WriteTimeout, "timeout"),
        (httpx.ReadError, "connection"),
        (httpx.WriteError, "connection"),
        (httpx.RemoteProtocolError, "connection"),
        (httpx.DecodingError, "malformed_answer"),
    ],
)
def test_a_lost_answer_is_retried_only_if_the_request_may_be_repeated(
    kind: type[httpx.RequestError], word: str
) -> None:
    lost = kind("x", request=REQUEST)
    again = transport_error(lost, api="Engage", repeatable=True)
    assert isinstance(again, Retryable)
    assert not isinstance(again, UnknownOutcome)
    assert again.kind == word
    assert type(transport_error(lost, api="Engage", repeatable=False)) is UnknownOutcome


def test_an_address_nobody_can_call_is_a_setting_to_correct() -> None:
    caught = transport_error(httpx.UnsupportedProtocol("x", request=REQUEST), api="Engage", repeatable=True)
    assert (type(caught), caught.kind) == (Misconfigured, "configuration")
