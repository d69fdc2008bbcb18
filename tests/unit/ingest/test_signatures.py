"""Shopify's signatures: base64 of HMAC-SHA256 over the raw bytes."""

import base64
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.refusals import Reason
from ingest.signatures import NotSigned, body_signer

ORDER = '{"id":820982911946154508,"note":"Größe 42 – ok"}'.encode()
ORDER_SIGNATURE = "NjfBAVdmLS3brMSsTUcymbiKiDwqdxaESspSd5/SCQE="
VECTORS = [
    (b"test_secret_key", b'{"foo": "bar"}', "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g="),
    (b"hush", ORDER, ORDER_SIGNATURE),
    (
        b"hush",
        b'{"shop_id":954889,"shop_domain":"example.myshopify.com"}',
        "aWGfbqUACx5KtRhny0TE1/GqBn4XUmextJmCws4UcYE=",
    ),
]


def is_signed(body: bytes, signature: str, secrets: list[bytes]) -> bool:
    try:
        body_signer(body, signature, secrets)
    except NotSigned:
        return False
    return True


def reason(body: bytes, signature: str, secrets: list[bytes]) -> Reason:
    with pytest.raises(NotSigned) as refused:
        body_signer(body, signature, secrets)
    return refused.value.reason


@pytest.mark.parametrize(("secret", "body", "signature"), VECTORS)
def test_a_known_signature_is_accepted(secret: bytes, body: bytes, signature: str) -> None:
    assert is_signed(body, signature, [secret])


@pytest.mark.parametrize(("secret", "body", "signature"), VECTORS)
def test_any_of_several_secrets_may_have_signed(secret: bytes, body: bytes, signature: str) -> None:
    assert body_signer(body, signature, [b"newer", secret]) == 1
    assert body_signer(body, signature, [secret, b"older"]) == 0


def test_the_same_object_written_differently_is_not_signed() -> None:
    rewritten = b'{"id": 820982911946154508, "note": "Gr\\u00f6\\u00dfe 42 \\u2013 ok"}'
    assert is_signed(rewritten, "vdzOF0P+TKa2C3zAeSxyDXYJkDoO82TK4WwC85FiDOU=", [b"hush"])
    assert not is_signed(rewritten, ORDER_SIGNATURE, [b"hush"])
    assert not is_signed(ORDER, "vdzOF0P+TKa2C3zAeSxyDXYJkDoO82TK4WwC85FiDOU=", [b"hush"])


def test_no_secret_means_no_signature_is_good() -> None:
    assert reason(ORDER, ORDER_SIGNATURE, []) is Reason.NO_SECRET


def test_an_empty_secret_is_none() -> None:
    signature = base64.b64encode(hmac.digest(b"", ORDER, "sha256")).decode()
    assert reason(ORDER, signature, [b""]) is Reason.NO_SECRET
    assert reason(ORDER, signature, [b"", b"hush"]) is Reason.BAD_SIGNATURE


def test_another_secret_did_not_sign() -> None:
    assert not is_signed(ORDER, ORDER_SIGNATURE, [b"other"])


@pytest.mark.parametrize(
    "signature",
    [
        "not base64!",
        "NjfBAVdmLS3b",
        "ä" * 44,
        "",
        "====",
        ORDER_SIGNATURE[:-1],
        ORDER_SIGNATURE + "AAAA",
        "\x00",
    ],
)
def test_a_malformed_signature_is_bad_and_known_as_malformed(signature: str) -> None:
    assert reason(ORDER, signature, [b"hush"]) is Reason.MALFORMED_SIGNATURE


def test_a_wrong_signature_of_the_right_form_is_well_formed() -> None:
    signature = base64.b64encode(bytes(32)).decode()
    assert reason(ORDER, signature, [b"hush"]) is Reason.BAD_SIGNATURE


@given(body=st.binary(), signature=st.text(), secrets=st.lists(st.binary()))
def test_nothing_that_can_be_sent_makes_the_check_fail(
    body: bytes, signature: str, secrets: list[bytes]
) -> None:
    assert not is_signed(body, signature, secrets)
