"""A process that lacks a setting, or has one that can not be used, ends with a sentence."""

import pytest
from cryptography.fernet import Fernet

from shared.settings import CommonSettings, load_settings


@pytest.fixture(autouse=True)
def servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/x")
    monkeypatch.setenv("RABBITMQ_URL", "amqp://mq")


@pytest.mark.parametrize("keys", ["", "changeme", "a,b"])
def test_a_service_without_usable_keys_does_not_start(
    keys: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SECRET_KEYS", keys)
    with pytest.raises(SystemExit, match="2"):
        load_settings(CommonSettings)
    assert capsys.readouterr().err.startswith("SECRET_KEYS: ")


def test_a_service_without_keys_at_all_does_not_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SECRET_KEYS", raising=False)
    with pytest.raises(SystemExit, match="2"):
        load_settings(CommonSettings)
    assert "SECRET_KEYS: Field required" in capsys.readouterr().err


def test_a_service_with_keys_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEYS", f"{Fernet.generate_key().decode()}, {Fernet.generate_key().decode()}")
    assert load_settings(CommonSettings).port == 8080
