"""What travels comes back as it was, in either version; anything else is refused by its place."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.envelope import (
    Call,
    Detail,
    Failure,
    Payload,
    State,
    Transition,
    Unreadable,
    decode,
    encode,
    plain,
    utc_now,
)
from tests.factories import transition

BODIES = st.lists(st.one_of(st.none(), st.binary(max_size=40)), min_size=1, max_size=5)


def _with(bodies: list[bytes | None]) -> list[Transition]:
    return [transition(payload=None if body is None else Payload(body=body)) for body in bodies]


@given(BODIES)
def test_bodies_of_any_bytes_come_back_to_their_transitions(bodies: list[bytes | None]) -> None:
    told = _with(bodies)
    assert decode(encode(told)) == told
    assert decode(plain(encode(told))) == told


def test_everything_a_transition_may_say_comes_back() -> None:
    failure = Failure(kind="k", message="m", place="p", remedy="r", fingerprint="f", http_status=429)
    call = Call(
        api="CRM",
        method="POST",
        url="https://crm.example",
        started_at=utc_now(),
        duration_ms=1.5,
        request_body=b"\x00\n",
        response_body=b"\xff",
        response_headers={"Retry-After": "2"},
    )
    detail = Detail(failure=failure, calls=[call], summary={"left": 1, "names": ["a"]}, due_at=utc_now())
    told = [transition(state=State.RETRYING, detail=detail, payload=Payload(body=b"{}\n{}", topic="t"))]
    assert decode(encode(told)) == told


def test_a_body_travels_as_it_is_after_one_line_of_json() -> None:
    body = b'{"name":"\xc3\x85sa"}\n' * 20
    head, _, rest = encode([transition(payload=Payload(body=body))]).partition(b"\n")
    assert rest == body
    assert orjson.loads(head)["sizes"] == [len(body)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"v": 3}, "v: "),
        ({"transitions": []}, "transitions: "),
        ({"transitions": [1]}, "transitions[0]: "),
        ({"sizes": [-1]}, "sizes[0]: "),
        ({"sizes": [2, 0]}, "sizes: "),
        ({"sizes": [1]}, "sizes: "),
        ({"sizes": []}, "sizes: "),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, object], reason: str) -> None:
    head, _, body = encode([transition(payload=Payload(body=b"{}"))]).partition(b"\n")
    with pytest.raises(Unreadable) as found:
        decode(orjson.dumps(orjson.loads(head) | change) + b"\n" + body)
    assert str(found.value).startswith(reason)


def test_bytes_of_a_transition_without_payload_are_refused() -> None:
    head = orjson.loads(encode(_with([None])))
    with pytest.raises(Unreadable, match="without payload"):
        decode(orjson.dumps(head | {"sizes": [2]}) + b"\n{}")


@given(st.binary(max_size=80))
def test_any_other_bytes_are_unreadable_and_stay_as_they_are(message: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(message)
    assert plain(message) == message


def test_what_a_later_version_adds_is_ignored() -> None:
    told = _with([None])
    message = orjson.loads(encode(told))
    message["transitions"][0] |= {"of_a_later_version": 1}
    assert decode(orjson.dumps(message)) == told
