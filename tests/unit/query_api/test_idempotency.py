"""What counts as the same request, and what is said to those who use a key twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.idempotency import (
    HEADER,
    Answer,
    another_request,
    checked,
    packed,
    request_hash,
    unanswered,
    unpacked,
)
from query_api.problems import Problem


@given(st.binary(), st.integers(200, 299))
def test_an_answer_is_given_again_as_it_was(body: bytes, status: int) -> None:
    headers = [(b"content-type", b"application/json"), (b"location", b"/api/v1/operations/1")]
    answer = Answer(status, [*headers, (b"content-length", b"9"), (b"x-other", b"1")], body)
    assert unpacked(packed(answer)) == Answer(status, headers, body)


def test_requests_differ_by_method_address_and_body() -> None:
    asked = ("POST", "/api/v1/tokens?", b"{}")
    others = [("PUT", *asked[1:]), ("POST", "/api/v1/tokens?a=1", b"{}"), (*asked[:2], b"{ }")]
    assert request_hash(*asked) == request_hash(*asked)
    assert request_hash(*asked) not in {request_hash(*other) for other in others}


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 256, "a\tb", "a\n"])
def test_a_key_is_visible_ascii(key: str) -> None:
    with pytest.raises(Problem) as found:
        checked(key)
    assert [(error.field, found.value.status) for error in found.value.errors] == [(HEADER, 400)]


def test_what_was_refused_may_be_asked_again() -> None:
    assert [status for status in (200, 204, 303, 404, 409, 503) if Answer(status, [], b"").is_done] == [
        200,
        204,
    ]


def test_who_asks_meanwhile_waits_and_who_asks_much_later_has_to_look() -> None:
    assert unanswered(1.0).headers == {"Retry-After": "1"}
    assert "nobody knows" in unanswered(61.0).detail
    assert another_request().status == 409
