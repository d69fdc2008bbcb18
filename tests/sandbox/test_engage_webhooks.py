"""What the CRM tells: which events, signed how, retried until they are taken."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest

from sandbox.app import build_app
from sandbox.engage.events import EVENTS, events_of
from sandbox.engage.herald import DEFAULT_SECRET
from sandbox.sending.manners import svix_manners
from sandbox.sending.standard import signature
from tests.sandbox.conftest import crm_client, settings_for
from tests.sandbox.running import Receiver, Taken, served
from tests.waiting import eventually


@dataclass
class Hooks:
    crm: httpx.AsyncClient
    control: httpx.AsyncClient


@pytest.fixture
async def hooks(receiver: Receiver) -> AsyncIterator[Hooks]:
    async with (
        served(build_app(settings_for(receiver.url))) as url,
        crm_client(url) as crm,
        httpx.AsyncClient(base_url=f"{url}/control/engage", verify=False) as control,
    ):
        yield Hooks(crm, control)


async def contact(hooks: Hooks, **fields: Any) -> str:
    made = await hooks.crm.post("/api/v3/contacts", json={"email": "kim@example.com", **fields})
    contact_id: str = made.json()
    return contact_id


async def told(receiver: Receiver, count: int) -> list[dict[str, Any]]:
    await eventually(lambda: len(receiver.requests) >= count, what=f"{count} events")
    return [orjson.loads(taken.body) for taken in receiver.requests]


def is_signed(taken: Taken, secret: str = DEFAULT_SECRET) -> bool:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{taken.headers['svix-id']}.{taken.headers['svix-timestamp']}.".encode() + taken.body
    expected = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return expected in taken.headers["svix-signature"].split(" ")


def test_the_signature_equals_the_published_one() -> None:
    signed = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_preference_changed_inside_the_crm_is_told(hooks: Hooks, receiver: Receiver) -> None:
    contact_id = await contact(hooks)
    changed = await hooks.control.post(f"/contacts/{contact_id}/preferences", json={"acceptsEmail": True})
    assert changed.json()["preferences"]["acceptsEmail"] is True
    (event,) = await told(receiver, 1)
    assert (event["eventType"], event["payload"]) == (
        "contact.acceptsEmail.changed",
        {"contactId": contact_id},
    )
    assert (event["isEncrypted"], event["tenant"]) == (False, "sandbox")
    (taken,) = receiver.requests
    assert taken.path == "/webhooks/engage/test-outdoor.myshopify.com"
    assert is_signed(taken)


async def test_a_preference_changed_through_the_api_is_told_too(hooks: Hooks, receiver: Receiver) -> None:
    contact_id = await contact(hooks, preferences={"acceptsEmail": True})
    await hooks.crm.patch(f"/api/v3/contacts/{contact_id}", json={"preferences": {"acceptsSms": True}})
    await hooks.crm.post(f"/api/v2/contacts/{contact_id}/preferences/acceptsEmail", json={"value": False})
    events = [event["eventType"] for event in await told(receiver, 2)]
    assert sorted(events) == ["contact.acceptsEmail.changed", "contact.acceptsSms.changed"]


async def test_what_changes_nothing_and_what_nobody_wants_is_not_told(
    hooks: Hooks, receiver: Receiver
) -> None:
    contact_id = await contact(hooks, preferences={"acceptsEmail": True})
    same = {"preferences": {"acceptsEmail": True}}
    await hooks.crm.patch(f"/api/v3/contacts/{contact_id}", json=same)
    await hooks.crm.patch(f"/api/v3/contacts/{contact_id}", json={"firstName": "Kim"})
    await hooks.control.post(f"/contacts/{contact_id}/preferences", json={"acceptsPostal": True})
    assert [event["eventType"] for event in await told(receiver, 1)] == ["contact.acceptsPostal.changed"]


async def test_every_event_can_be_wanted(hooks: Hooks, receiver: Receiver) -> None:
    await hooks.control.patch("/webhooks", json={"events": list(EVENTS)})
    contact_id = await contact(hooks)
    consent = {"id": "newsletter", "value": True}
    await hooks.control.patch(f"/contacts/{contact_id}", json={"firstName": "Kim", "consents": [consent]})
    await hooks.crm.delete(f"/api/v3/contacts/{contact_id}")
    events = sorted(event["eventType"] for event in await told(receiver, 4))
    assert events == ["contact.consent.changed", "contact.created", "contact.deleted", "contact.updated"]


async def test_a_retry_has_the_same_id_and_body(hooks: Hooks, receiver: Receiver) -> None:
    receiver.answer = lambda number: 503 if number <= 3 else 204
    contact_id = await contact(hooks)
    await hooks.control.post(f"/contacts/{contact_id}/preferences", json={"acceptsSms": True})
    await told(receiver, 4)
    assert len({(taken.headers["svix-id"], taken.body) for taken in receiver.requests}) == 1
    assert all(is_signed(taken) for taken in receiver.requests)

    async def delivered() -> bool:
        return bool((await hooks.control.get("/webhooks/stats")).json()["delivered"] == 1)

    await eventually(delivered, what="delivered")


async def test_410_means_stop(hooks: Hooks, receiver: Receiver) -> None:
    receiver.answer = lambda _: 410
    contact_id = await contact(hooks)
    await hooks.control.post(f"/contacts/{contact_id}/preferences", json={"acceptsSms": True})

    async def given_up() -> bool:
        return bool((await hooks.control.get("/webhooks/stats")).json()["failed_for_good"] == 1)

    await eventually(given_up, what="given up")
    assert len(receiver.requests) == 1


async def test_while_secrets_are_exchanged_either_of_them_fits(hooks: Hooks, receiver: Receiver) -> None:
    fresh = "whsec_" + base64.b64encode(b"another secret, 24 bytes").decode()
    changed = await hooks.control.patch(
        "/webhooks", json={"secret": fresh, "old_secret": DEFAULT_SECRET, "shop": "other.myshopify.com"}
    )
    assert "secret" not in changed.json()
    await hooks.control.post("/webhooks/send", json={"event": "contact.updated"})
    (taken,) = receiver.requests
    assert is_signed(taken, fresh)
    assert is_signed(taken)
    assert taken.path == "/webhooks/engage/other.myshopify.com"


async def test_a_single_event_can_be_spoilt(hooks: Hooks, receiver: Receiver) -> None:
    order = {"event": "contact.updated", "encrypted": True, "late_s": 900, "times": 2}
    order |= {"headers": {"Svix-Signature": "v1,bm90IGl0"}}
    answer = await hooks.control.post("/webhooks/send", json=order)
    first, second = receiver.requests
    assert first.body == second.body
    assert orjson.loads(first.body)["isEncrypted"] is True
    assert first.headers["svix-signature"] == "v1,bm90IGl0"
    assert len(answer.json()["answers"]) == 2


@pytest.mark.parametrize("change", [{"events": ["weather.changed"]}, {"secret": "whsec_?"}, {"speed": 3}])
async def test_settings_that_make_no_sense_are_refused(hooks: Hooks, change: dict[str, Any]) -> None:
    assert (await hooks.control.patch("/webhooks", json=change)).status_code == 422


async def test_after_a_reset_changes_are_still_told(hooks: Hooks, receiver: Receiver) -> None:
    await hooks.control.post("/reset")
    contact_id = await contact(hooks)
    await hooks.control.post(f"/contacts/{contact_id}/preferences", json={"acceptsSms": True})
    assert len(await told(receiver, 1)) == 1


def test_preferences_of_new_contacts_are_no_event() -> None:
    assert events_of(None, {"preferences": {"acceptsEmail": True}}) == ["contact.created"]


def test_the_ladder_is_the_published_one() -> None:
    assert svix_manners(1).delays_s == (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
