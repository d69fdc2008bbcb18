"""Standard Webhooks signatures, which Svix uses too: id, time and bytes, under any of several secrets."""

import base64
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.refusals import Reason
from ingest.signatures import NotSigned, message_signer, moment_of, signed_message

SECRET = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = b"whsec_" + base64.b64encode(b"another secret of 24 byt")
SIGNED_AT = "1614265330"
MESSAGE = signed_message("msg_p5jXN8AQM9LWM0D4loKWxJek", SIGNED_AT, b'{"test": 2432232314}')
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
THEN = datetime.fromtimestamp(int(SIGNED_AT), UTC)


def signer(
    signatures: str = SIGNATURE,
    secrets: tuple[bytes, ...] = (SECRET,),
    *,
    message: bytes = MESSAGE,
    signed_at: str = SIGNED_AT,
    now: datetime = THEN,
) -> int:
    return message_signer(message, signatures, secrets, signed_at=signed_at, now=now)


def reason(*arguments: object, **changes: object) -> Reason:
    with pytest.raises(NotSigned) as refused:
        signer(*arguments, **changes)  # type: ignore[arg-type]
    return refused.value.reason


def test_the_known_message_is_signed() -> None:
    assert signer() == 0


def test_the_secret_may_come_without_its_prefix() -> None:
    assert signer(secrets=(SECRET.removeprefix(b"whsec_"),)) == 0


def test_any_of_several_secrets_may_have_signed() -> None:
    assert signer(secrets=(OTHER, SECRET)) == 1


def test_any_of_several_signatures_may_match() -> None:
    wrong = "v1," + base64.b64encode(bytes(32)).decode()
    assert signer(f"{wrong} v1a,{SIGNATURE[3:]} {SIGNATURE}") == 0


@pytest.mark.parametrize(
    ("signatures", "why"),
    [
        ("v1," + base64.b64encode(bytes(32)).decode(), Reason.BAD_SIGNATURE),
        (SIGNATURE.replace("v1,", "v1a,"), Reason.MALFORMED_SIGNATURE),
        (SIGNATURE.removeprefix("v1,"), Reason.MALFORMED_SIGNATURE),
        ("v1,", Reason.MALFORMED_SIGNATURE),
        ("v1,ä", Reason.MALFORMED_SIGNATURE),
        ("", Reason.MALFORMED_SIGNATURE),
    ],
)
def test_another_signature_is_refused(signatures: str, why: Reason) -> None:
    assert reason(signatures) is why


@pytest.mark.parametrize("secrets", [(), (b"",), (b"whsec_",), (b"not base64!",)])
def test_without_a_usable_secret_nothing_is_signed(secrets: tuple[bytes, ...]) -> None:
    assert reason(secrets=secrets) is Reason.NO_SECRET


def test_nobody_can_sign_with_the_key_of_an_unusable_secret() -> None:
    signature = "v1," + base64.b64encode(hmac.digest(b"", MESSAGE, "sha256")).decode()
    assert reason(signature, (b"not base64!", SECRET)) is Reason.BAD_SIGNATURE


@pytest.mark.parametrize("minutes", [-5, -1, 0, 1, 5])
def test_five_minutes_either_way_are_tolerated(minutes: int) -> None:
    assert signer(now=THEN + timedelta(minutes=minutes)) == 0


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_a_message_from_another_time_is_stale(seconds: int) -> None:
    assert reason(now=THEN + timedelta(seconds=seconds)) is Reason.STALE_SIGNATURE


def test_only_a_right_signature_is_told_to_be_stale() -> None:
    later = THEN + timedelta(days=1)
    assert reason(secrets=(OTHER,), now=later) is Reason.BAD_SIGNATURE


@pytest.mark.parametrize("changed", ["id", "time", "body"])
def test_id_time_and_body_are_all_signed(changed: str) -> None:
    parts = {"id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "time": SIGNED_AT, "body": '{"test": 2432232314}'}
    parts[changed] += " "
    message = signed_message(parts["id"], parts["time"], parts["body"].encode())
    assert reason(message=message) is Reason.BAD_SIGNATURE


@pytest.mark.parametrize("text", ["", "now", "-5", "1e9", "99999999999999999999", "١٢٣", "1614265330.5"])
def test_what_is_no_timestamp_is_stale(text: str) -> None:
    assert moment_of(text) is None
    signature = (
        "v1," + base64.b64encode(hmac.digest(base64.b64decode(SECRET[6:]), MESSAGE, "sha256")).decode()
    )
    assert reason(signature, signed_at=text) is Reason.STALE_SIGNATURE


@given(signatures=st.text(), secrets=st.lists(st.binary()), signed_at=st.text(), body=st.binary())
def test_nothing_that_can_be_sent_makes_the_check_fail(
    signatures: str, secrets: list[bytes], signed_at: str, body: bytes
) -> None:
    with pytest.raises(NotSigned):
        message_signer(
            signed_message("id", signed_at, body), signatures, secrets, signed_at=signed_at, now=THEN
        )
