"""From bytes to what can be recorded."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.recorder.reading import Reading, is_plausible, read
from shared.envelope import Call, Detail, Payload, State, Transition, decode, encode, plain, utc_now
from shared.identity import first_id_at
from tests.factories import transition

NOW = datetime.now(UTC)


def test_header_and_detail_are_kept_as_they_travelled() -> None:
    item = transition(state=State.SUCCEEDED, detail=Detail(items_processed=0, note="n"), source_id="s-1")
    raw = orjson.loads(encode([item]))
    raw["transitions"][0]["task"]["of_a_later_version"] = 1
    (entry,) = _read(orjson.dumps(raw)).entries
    assert entry.event.header == raw["transitions"][0]["task"]
    assert entry.event.detail == {"items_processed": 0, "note": "n"}
    assert (entry.event.task_id, entry.event.state) == (item.task.id, State.SUCCEEDED)


def test_bodies_stay_out_of_the_event() -> None:
    call = Call(api="crm", method="GET", url="u", started_at=NOW, duration_ms=1, response_body=b"private")
    item = transition(state=State.SUCCEEDED, detail=Detail(calls=[call]))
    (entry,) = _read(encode([item])).entries
    (short,) = entry.event.detail["calls"]
    assert set(short) == {"api", "method", "started_at", "duration_ms", "status", "error"}
    assert entry.transition.detail.calls[0].response_body == b"private"


@pytest.mark.parametrize(
    "body", [b"", b"null", b"{}", b"[]", b'"', b'{"v":1}', b'{"v":1,"transitions":[]}', b"\x00", b"\xff"]
)
def test_nonsense_is_rejected_with_its_bytes_and_a_reason(body: bytes) -> None:
    reading = _read(body)
    assert reading.entries == []
    assert [reject.body for reject in reading.rejects] == [body]
    assert all(reject.reason for reject in reading.rejects)


@given(st.binary(max_size=200))
def test_no_bytes_at_all_make_reading_fail(body: bytes) -> None:
    assert len(_read(body).rejects) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"attempt": 0},
        {"state": "lost"},
        {"occurred_at": "yesterday"},
        {"occurred_at": "2026-01-01T00:00:00"},
        {"task": {}},
        {"detail": {"duration_ms": "much"}},
        {"payload": {"body": "not base64!"}},
    ],
)
def test_a_bad_transition_is_rejected_alone(change: dict[str, object]) -> None:
    good, other = transition(), transition(state=State.PROCESSING)
    message = orjson.loads(plain(encode([good, other])))
    message["transitions"].insert(1, message["transitions"][0] | change)
    reading = _read(orjson.dumps(message))
    assert [entry.transition for entry in reading.entries] == [good, other]
    (reject,) = reading.rejects
    assert orjson.loads(reject.body)["transitions"] == [message["transitions"][1]]


def test_a_bad_transition_takes_its_own_body_along_and_no_other() -> None:
    bodies = [b"one\n", b"", b"\x00two\xff"]
    told = [transition(payload=Payload(body=body)) for body in bodies]
    message = encode(told).replace(b'"attempt":1', b'"attempt":0', 1)
    reading = _read(message)
    assert [entry.transition for entry in reading.entries] == told[1:]
    (reject,) = reading.rejects
    assert decode(reject.body.replace(b'"attempt":0', b'"attempt":1')) == [told[0]]


def test_a_duration_that_is_no_number_is_left_out() -> None:
    body = encode([transition(state=State.SUCCEEDED, detail=Detail(duration_ms=float("inf")))])
    (entry,) = _read(body).entries
    assert entry.event.detail == {}


def test_nul_characters_of_a_body_stay() -> None:
    item = transition(order_number="\0", payload=Payload(body=b'{"a":"\\u0000"}\n\x00'))
    (entry,) = _read(encode([item])).entries
    assert entry.event.header["order_number"] == "\ufffd"
    assert entry.transition.payload == item.payload


def test_nul_characters_are_replaced_and_their_look_alikes_are_not() -> None:
    item = transition(state=State.PROCESSING, detail=Detail(note="\0", summary={"a": "\\u0000", "b": "\\\0"}))
    (entry,) = _read(encode([item])).entries
    assert entry.event.detail == {"note": "\ufffd", "summary": {"a": "\\u0000", "b": "\\\ufffd"}}


@pytest.mark.parametrize(
    ("age", "is_kept"),
    [
        (timedelta(0), True),
        (timedelta(days=399), True),
        (timedelta(days=401), False),
        (timedelta(days=-1), True),
        (timedelta(days=-3), False),
    ],
)
def test_only_ids_of_days_the_log_keeps_are_plausible(age: timedelta, is_kept: bool) -> None:
    assert is_plausible(first_id_at(NOW - age), NOW) is is_kept


@pytest.mark.parametrize("number", [0, 2**128 - 1])
def test_the_first_and_the_last_possible_id_are_not_plausible(number: int) -> None:
    assert not is_plausible(UUID(int=number), NOW)


def test_an_implausible_id_is_rejected_alone() -> None:
    good, strange = transition(state=State.FAILED), transition(state=State.FAILED, id=UUID(int=5))
    reading = _read(encode([strange, good]))
    assert _transitions(reading) == [good]
    assert reading.rejects[0].reason.startswith("task.id")


def _read(body: bytes) -> Reading:
    return read(body, utc_now())


def _transitions(reading: Reading) -> list[Transition]:
    return [entry.transition for entry in reading.entries]
