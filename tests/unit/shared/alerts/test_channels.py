"""Channels say what they have to be, keep their secrets, and are read back as they were sealed."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import ValidationError

from shared.alerts.channels import CHANNEL, Channel, host_of, opened, sealed
from shared.vault import SealBroken, Vault

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WEBHOOK = {"kind": "webhook", "name": "pager", "url": "https://pager.example/in/s3cret", "secret": SECRET}


def channel(**fields: Any) -> Channel:
    return CHANNEL.validate_python(WEBHOOK | fields)


def vault() -> Vault:
    return Vault(Fernet.generate_key().decode())


def test_what_was_sealed_is_opened_again() -> None:
    keys = vault()
    channels = (
        channel(),
        CHANNEL.validate_python({"kind": "slack", "name": "ops", "url": "https://hooks.example/T1/B2/x"}),
        CHANNEL.validate_python({"kind": "apprise", "name": "phone", "url": "ntfy://user:pw@host/topic"}),
    )
    stored = sealed(channels, keys)
    assert opened(stored, keys) == channels
    assert b"example" not in stored
    assert opened(None, keys) == ()
    with pytest.raises(SealBroken):
        opened(stored, vault())


def test_addresses_and_secrets_are_not_shown() -> None:
    one = channel()
    assert "s3cret" not in repr(one)
    assert SECRET not in repr(one)
    assert host_of(one) == "pager.example"
    phone = CHANNEL.validate_python({"kind": "apprise", "name": "p", "url": "tgram://123:token/42"})
    assert host_of(phone) == "tgram://…"
    with pytest.raises(ValidationError) as refused:
        channel(url="http://pager.example/s3cret")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://localhost/x", "http://[::1]/x", "https://a"])
def test_plain_addresses_are_for_this_machine_only(url: str) -> None:
    assert host_of(channel(url=url))


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://pager.example"},
        {"url": "https://user:pw@pager.example"},
        {"url": "ftp://pager.example"},
        {"url": "https://"},
        {"url": "https://[pager"},
        {"url": "https://pager.example/a b"},
        {"url": "https://pager.example/\r\nX: y"},
        {"secret": "whsec_c2hvcnQ="},
        {"secret": "not base64"},
        {"name": ""},
        {"name": "a@b"},
        {"name": "a\nb"},
        {"kind": "pigeon"},
        {"colour": "red"},
        {"kind": "apprise", "url": "no address"},
    ],
    ids=str,
)
def test_what_can_not_be_used_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        channel(**wrong)
