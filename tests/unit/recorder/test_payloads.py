"""What is kept of bodies, and how."""

from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from query_api.recorder.payloads import LARGEST_BODY_OF_A_CALL, payload_rows, sealed
from shared.envelope import Call, Detail, Payload, State, utc_now
from shared.vault import DataKey, SealBroken, Vault
from tests.factories import transition


def _key() -> DataKey:
    vault = Vault(Fernet.generate_key().decode())
    return vault.open_data_key(vault.new_data_key())


def _call(request: bytes = b"", response: bytes = b"") -> Call:
    return Call(
        api="crm",
        method="POST",
        url="http://crm.example/",
        started_at=utc_now(),
        duration_ms=1,
        status=200,
        request_body=request,
        response_body=response,
    )


@given(st.binary(max_size=2_000))
def test_a_received_body_comes_back_whatever_its_bytes(body: bytes) -> None:
    key, item = _key(), transition(payload=Payload(body=body))
    (row,) = payload_rows(item)
    kept = sealed(row, {1: key})
    assert kept.received is not None
    assert key.open(kept.received, item.task.id) == body
    assert body not in kept.received or len(body) < 3


def test_what_a_task_received_is_never_cut() -> None:
    body = b"x" * (LARGEST_BODY_OF_A_CALL + 1)
    (row,) = payload_rows(transition(payload=Payload(body=body)))
    assert (row.received, row.position, row.meta["received_bytes"]) == (body, 0, len(body))


def test_a_retry_does_not_keep_the_received_body_again() -> None:
    assert payload_rows(transition(state=State.RETRYING, payload=Payload(body=b"x"))) == []


def test_long_bodies_of_calls_are_cut_and_say_so() -> None:
    long = b"x" * (LARGEST_BODY_OF_A_CALL + 1)
    item = transition(state=State.FAILED, detail=Detail(calls=[_call(long, b"short"), _call(b"", long)]))
    first, second = payload_rows(item)
    assert (first.position, len(first.sent or b""), first.received) == (1, LARGEST_BODY_OF_A_CALL, b"short")
    assert (first.meta["cut"], first.meta["sent_bytes"]) == (["sent"], len(long))
    assert (second.position, second.sent, second.meta["cut"]) == (2, None, ["received"])


def test_a_call_of_ordinary_size_says_nothing_of_cutting() -> None:
    (row,) = payload_rows(transition(state=State.FAILED, detail=Detail(calls=[_call(b"a", b"b")])))
    assert "cut" not in row.meta


def test_without_a_key_bodies_are_left_out_and_meta_says_so() -> None:
    (row,) = payload_rows(transition(payload=Payload(body=b"private")))
    kept = sealed(row, {2: _key()})
    assert (kept.sent, kept.received) == (None, None)
    assert kept.meta["bodies"].startswith("not kept")


def test_a_body_opens_only_under_the_id_of_its_task() -> None:
    (row,) = payload_rows(transition(payload=Payload(body=b"private")))
    key = _key()
    kept = sealed(row, {1: key})
    assert kept.received is not None
    with pytest.raises(SealBroken):
        key.open(kept.received, UUID(int=1))
