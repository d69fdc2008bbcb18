"""Addresses and headers are readable with the shop's key only."""

from typing import Any

import orjson
import pytest
from cryptography.fernet import Fernet

from shared.exchange_facts import bare_facts, opened_facts, sealed_facts
from shared.identity import new_task_id
from shared.vault import DataKey, SealBroken, Vault

TASK = new_task_id()
CALL: dict[str, Any] = {
    "api": "Engage",
    "method": "GET",
    "url": "https://crm.example/api/v3/contacts/id?email=kim%40example.com",
    "status": 200,
    "request_headers": {"user-agent": "syncledger"},
    "response_headers": {"location": "/parcels/UA123456789SE"},
}
RECEIVED: dict[str, Any] = {"topic": "orders/paid", "headers": {"x-shopify-topic": "orders/paid"}}


def new_key() -> DataKey:
    vault = Vault(Fernet.generate_key().decode())
    return vault.open_data_key(vault.new_data_key())


@pytest.mark.parametrize("facts", [CALL, RECEIVED, {"api": "Engage"}], ids=["call", "delivery", "no address"])
def test_with_the_key_all_is_as_it_was(facts: dict[str, Any]) -> None:
    key = new_key()
    assert opened_facts(sealed_facts(facts, key, TASK), key, TASK) == facts


def test_without_the_key_nobody_is_named() -> None:
    key = new_key()
    stored = sealed_facts(CALL, key, TASK)
    assert stored["url"] == "https://crm.example/api/v3/contacts/id"
    assert not any(word in orjson.dumps(stored) for word in (b"kim", b"UA123456789SE", b"user-agent"))
    for other in (None, new_key()):
        with pytest.raises(SealBroken):
            opened_facts(stored, other, TASK)
    with pytest.raises(SealBroken):
        opened_facts(stored, key, new_task_id())
    assert bare_facts(stored) == {"api": "Engage", "method": "GET", "status": 200, "url": stored["url"]}


def test_what_was_stored_before_facts_were_sealed_is_shown_as_it_is() -> None:
    assert opened_facts(CALL, None, TASK) == CALL


@pytest.mark.parametrize("seal", ["", "!", "bm90IHNlYWxlZA=="])
def test_a_damaged_seal_is_broken(seal: str) -> None:
    with pytest.raises(SealBroken):
        opened_facts({"api": "Engage", "sealed": seal}, new_key(), TASK)
