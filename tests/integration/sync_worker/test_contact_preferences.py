"""What is changed in the CRM is written to the shop, once, and comes back to neither side."""

import pytest

from shared.errors import Obsolete, RateLimited, Rejected
from tests.integration.sync_worker.preferences import (
    ACCEPTS_SMS,
    EMAIL_TOPIC,
    SYNC,
    Parties,
    parties_of,
)
from tests.integration.sync_worker.world import Done, World
from tests.unit.sync_worker.bodies import customer_body


@pytest.fixture
async def parties(world: World, sandbox_url: str) -> Parties:
    """A customer who is a contact."""
    parties = await parties_of(world, sandbox_url)
    body = customer_body(id=parties.customer_id, phone="+46700000000")
    await parties.chain(await world.deliver("customers/create", body))
    return parties


@pytest.fixture
async def contact_id(parties: Parties) -> str:
    return str((await parties.contact())["id"])


def mutations(done: Done) -> int:
    return sum("/shopify/" in call.url for call in done.calls)


async def state(parties: Parties, channel: str = "email") -> str:
    consent = (await parties.shop_customer())[f"{channel}_marketing_consent"]
    return str(consent["state"])


async def test_a_yes_in_the_crm_subscribes_in_the_shop(parties: Parties, contact_id: str) -> None:
    await parties.set_in_crm(contact_id, "acceptsEmail", True)
    event = await parties.event(contact_id)
    assert event.outcome is not None
    assert event.outcome.target_id == contact_id
    (written,) = await parties.chain(event)
    assert (written.task.type, written.task.account_id) == (SYNC, parties.shopify_account_id)
    assert await state(parties) == "subscribed"
    row = await parties.row()
    assert row["email_consent"]["state"] == "subscribed"
    assert row["crm_preferences"]["acceptsEmail"]["value"] is True
    assert written.outcome is not None
    assert written.outcome.summary == {"email": "subscribed"}


async def test_a_no_in_the_crm_unsubscribes_in_the_shop(parties: Parties, contact_id: str) -> None:
    await parties.wish(email_consent="subscribed")
    await parties.chain(await parties.consented("subscribed"))
    await parties.set_in_crm(contact_id, "acceptsEmail", False)
    (written,) = await parties.chain(await parties.event(contact_id))
    assert mutations(written) == 1
    assert await state(parties) == "unsubscribed"


async def test_text_messages_have_a_consent_of_their_own(parties: Parties, contact_id: str) -> None:
    await parties.set_in_crm(contact_id, "acceptsSms", True)
    await parties.chain(await parties.event(contact_id, ACCEPTS_SMS))
    assert (await state(parties, "sms"), await state(parties)) == ("subscribed", "not_subscribed")


async def test_a_change_in_the_crm_ends_after_one_write_to_the_shop(
    parties: Parties, contact_id: str
) -> None:
    await parties.set_in_crm(contact_id, "acceptsEmail", True)
    (written,) = await parties.chain(await parties.event(contact_id))
    assert mutations(written) == 1
    consent = (await parties.shop_customer())["email_marketing_consent"]
    body = {"customer_id": parties.customer_id, "email_address": "x@y.z", "email_marketing_consent": consent}
    echo = await parties.told(EMAIL_TOPIC, body)
    assert (echo.follow_ups, echo.note) == ((), "Nothing that matters has changed")


async def test_a_change_in_the_shop_ends_after_one_write_to_the_crm(
    parties: Parties, contact_id: str
) -> None:
    await parties.wish(email_consent="subscribed")
    (update,) = await parties.chain(await parties.consented("subscribed"))
    assert sum("/preferences/" in call.url for call in update.calls) == 1
    echo = await parties.event(contact_id)
    assert echo.follow_ups == ()
    assert "Nothing has changed" in str(echo.note)


async def test_an_echo_that_overtakes_our_own_note_writes_nothing(parties: Parties, contact_id: str) -> None:
    """The CRM's event came before what we wrote there was noted down."""
    await parties.wish(email_consent="subscribed")
    await parties.consented("subscribed")
    await parties.set_in_crm(contact_id, "acceptsEmail", True)
    (checked,) = await parties.chain(await parties.event(contact_id))
    assert (checked.calls, checked.note) == ([], "Nothing was written: the shop already has these consents")


async def test_the_same_event_twice_is_written_once(parties: Parties, contact_id: str) -> None:
    await parties.set_in_crm(contact_id, "acceptsEmail", True)
    await parties.chain(await parties.event(contact_id))
    assert (await parties.event(contact_id)).follow_ups == ()


async def test_a_shop_that_took_back_is_not_overruled_by_a_yes_of_before(
    parties: Parties, contact_id: str
) -> None:
    """Without two ways the CRM keeps its yes, and an event about something else must not spread it."""
    await parties.wish(email_consent="subscribed")
    await parties.chain(await parties.consented("subscribed"))
    await parties.wish(email_consent="unsubscribed")
    await parties.chain(await parties.consented("unsubscribed"))
    await parties.set_in_crm(contact_id, "acceptsSms", True)
    await parties.chain(await parties.event(contact_id, ACCEPTS_SMS))
    await parties.chain(await parties.event(contact_id))
    assert (await state(parties), await state(parties, "sms")) == ("unsubscribed", "subscribed")


async def test_a_contact_is_found_by_its_external_id_too(world: World, sandbox_url: str) -> None:
    parties = await parties_of(world, sandbox_url)
    await world.deliver("customers/create", customer_body(id=parties.customer_id))
    contact_id = await world.create_contact(email="other@example.com", externalId=str(parties.customer_id))
    await parties.set_in_crm(contact_id, "acceptsEmail", True)
    await parties.chain(await parties.event(contact_id))
    assert await state(parties) == "subscribed"


async def test_a_contact_that_is_no_customer_of_the_shop_is_left_alone(parties: Parties) -> None:
    stranger = await parties.world.create_contact(email="stranger@example.com")
    event = await parties.event(stranger)
    assert event.follow_ups == ()
    assert "none of the shop's customers" in str(event.note)


async def test_a_contact_that_is_gone_is_no_failure(parties: Parties) -> None:
    event = await parties.event("7b0c8a5e-0000-4000-8000-000000000000")
    assert isinstance(event.error, Obsolete)


async def test_an_encrypted_event_fails_and_says_what_to_do(parties: Parties, contact_id: str) -> None:
    event = await parties.event(contact_id, isEncrypted=True, payload="kZ0…")
    assert isinstance(event.error, Rejected)
    assert "encrypted" in event.error.message


@pytest.mark.parametrize("payload", [None, {}, {"contactId": None}, {"contactId": ""}, "x"])
async def test_an_event_that_names_no_contact_fails_with_a_reason(parties: Parties, payload: object) -> None:
    event = await parties.event("unused", payload=payload)
    assert isinstance(event.error, Rejected)
    assert "event sent by the CRM" in event.error.message


async def test_without_an_account_at_the_shop_people_are_told_and_a_retry_makes_up_for_it(
    parties: Parties, contact_id: str
) -> None:
    switch = "UPDATE store.accounts SET is_active = $1 WHERE id = $2"
    await parties.world.pool.execute(switch, False, parties.shopify_account_id)
    await parties.set_in_crm(contact_id, "acceptsEmail", True)
    event = await parties.event(contact_id)
    assert (event.follow_ups, "kind 'shopify'" in str(event.note)) == ((), True)
    await parties.world.pool.execute(switch, True, parties.shopify_account_id)
    await parties.chain(await parties.event(contact_id))
    assert await state(parties) == "subscribed"


async def test_what_the_shop_refuses_fails_in_its_own_words(parties: Parties, contact_id: str) -> None:
    change = {"phone": None, "tell": False}
    await parties.world.control.patch(f"/shop/customers/{parties.customer_id}", json=change)
    await parties.set_in_crm(contact_id, "acceptsSms", True)
    (refused,) = await parties.chain(await parties.event(contact_id, ACCEPTS_SMS))
    assert isinstance(refused.error, Rejected)
    assert "phone number" in refused.error.message


async def test_a_shop_that_is_throttled_pauses_its_own_account_only(
    parties: Parties, contact_id: str
) -> None:
    await parties.set_in_crm(contact_id, "acceptsEmail", True)
    event = await parties.event(contact_id)
    await parties.world.control.patch("/shop/admin", json={"restore_rate": 1})
    await parties.world.control.put("/shop/admin/bucket", json={"available": 0})
    try:
        (throttled,) = await parties.chain(event)
    finally:
        await parties.world.control.delete("/shop/admin")
    assert isinstance(throttled.error, RateLimited)
    assert throttled.task.account_id == parties.shopify_account_id
