"""The shop's consents and tags are stored if they are newer, and the CRM is told what it may be told."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from shared.errors import Obsolete, Unavailable
from shared.tasks import TaskType
from tests.integration.sync_worker.preferences import (
    EMAIL_TOPIC,
    SMS_TOPIC,
    UPDATE,
    Parties,
    now,
    parties_of,
)
from tests.integration.sync_worker.world import STORE_ID, Done, World
from tests.unit.sync_worker.bodies import customer_body

EARLY, LATE = "2026-11-20T17:00:00+01:00", "2026-11-20T16:30:00Z"


@pytest.fixture
async def parties(world: World, sandbox_url: str) -> Parties:
    return await parties_of(world, sandbox_url)


async def customer_known(parties: Parties) -> Done:
    """The shop's customer arrives and becomes a contact."""
    body = customer_body(id=parties.customer_id, phone="+46700000000")
    indexed = await parties.world.deliver("customers/create", body)
    return (await parties.chain(indexed))[-1]


async def posted(done: Done) -> list[tuple[str, bool]]:
    """The preferences an attempt set."""
    calls = [call for call in done.calls if "/preferences/" in call.url]
    return [(call.url.rpartition("/")[2], orjson.loads(call.request_body)["value"]) for call in calls]


async def test_a_consent_reaches_the_contact(parties: Parties) -> None:
    await customer_known(parties)
    (update,) = await parties.chain(await parties.consented("subscribed", at=EARLY))
    assert await posted(update) == [("acceptsEmail", True)]
    contact = await parties.contact()
    assert contact["preferences"]["acceptsEmail"] is True
    assert update.outcome is not None
    assert (update.outcome.target_id, update.outcome.summary) == (contact["id"], {"acceptsEmail": True})
    row = await parties.row()
    assert row["email_consent"]["state"] == "subscribed"
    assert row["crm_preferences"] == {"acceptsEmail": {"value": True}}


async def test_the_topic_that_does_not_say_so_is_about_text_messages(parties: Parties) -> None:
    await customer_known(parties)
    (update,) = await parties.chain(await parties.consented("subscribed", topic=SMS_TOPIC))
    assert await posted(update) == [("acceptsSms", True)]
    row = await parties.row()
    assert (row["sms_consent"]["state"], row["email_consent"]) == ("subscribed", None)


async def test_an_older_consent_changes_nothing(parties: Parties) -> None:
    await customer_known(parties)
    await parties.chain(await parties.consented("subscribed", at=LATE))
    older = await parties.consented("unsubscribed", at=EARLY)
    assert (older.follow_ups, older.note) == ((), "Older than what is stored: left as it is")
    assert (await parties.row())["email_consent"]["state"] == "subscribed"


async def test_consents_of_one_moment_are_ordered_by_when_they_were_sent(parties: Parties) -> None:
    body = {
        state: parties.consent_body(state, at=EARLY, topic=EMAIL_TOPIC) for state in ("subscribed", "pending")
    }
    await parties.told(EMAIL_TOPIC, body["subscribed"], triggered_at="2026-11-20T16:00:00.9Z")
    older = await parties.told(EMAIL_TOPIC, body["pending"], triggered_at="2026-11-20T16:00:00.1Z")
    assert older.follow_ups == ()
    assert (await parties.row())["email_consent"]["state"] == "subscribed"


async def test_the_same_consent_again_is_no_news(parties: Parties) -> None:
    await customer_known(parties)
    await parties.chain(await parties.consented("subscribed", at=EARLY))
    again = await parties.consented("subscribed", at=LATE)
    assert (again.follow_ups, again.note) == ((), "Nothing that matters has changed")
    assert (await parties.row())["email_consent"]["consent_updated_at"] == LATE


@pytest.mark.parametrize("state", ["unsubscribed", "not_subscribed"])
async def test_a_no_is_kept_from_the_crm(parties: Parties, state: str) -> None:
    await customer_known(parties)
    await parties.chain(await parties.consented("subscribed", at=EARLY))
    (update,) = await parties.chain(await parties.consented(state, at=LATE))
    assert (update.calls, (await parties.contact())["preferences"]["acceptsEmail"]) == ([], True)
    assert "two_way_preferences" in str(update.note)


async def test_a_no_is_sent_when_preferences_go_both_ways(parties: Parties) -> None:
    await parties.world.set_account(settings={"store_external_id": STORE_ID, "two_way_preferences": True})
    await customer_known(parties)
    await parties.chain(await parties.consented("subscribed", at=EARLY))
    (update,) = await parties.chain(await parties.consented("unsubscribed", at=LATE))
    assert await posted(update) == [("acceptsEmail", False)]


async def test_what_the_contact_already_has_is_not_written(parties: Parties) -> None:
    linked = await customer_known(parties)
    assert linked.outcome is not None
    await parties.set_in_crm(str(linked.outcome.target_id), "acceptsEmail", True)
    (update,) = await parties.chain(await parties.consented("subscribed"))
    assert [call.method for call in update.calls] == ["GET"]
    assert "already" in str(update.note)
    assert (await parties.row())["crm_preferences"] == {"acceptsEmail": {"value": True}}


async def test_a_consent_before_its_customer_finds_or_makes_the_contact(parties: Parties) -> None:
    (update,) = await parties.chain(await parties.consented("subscribed"))
    assert await posted(update) == [("acceptsEmail", True)]
    contact = await parties.contact()
    assert (contact["externalId"], contact["email"]) == (str(parties.customer_id), "kim@example.com")
    await customer_known(parties)
    contact = await parties.contact()
    assert (contact["firstName"], contact["preferences"]["acceptsEmail"]) == ("Kim", True)
    assert (await parties.world.counts())["contacts_created"] == 1


async def test_a_no_makes_no_contact(parties: Parties) -> None:
    await parties.world.set_account(settings={"two_way_preferences": True})
    (update,) = await parties.chain(await parties.consented("unsubscribed"))
    assert "no such contact" in str(update.note)
    assert await parties.world.contacts() == []


async def test_a_contact_that_vanished_is_looked_for_again(parties: Parties) -> None:
    await customer_known(parties)
    await parties.world.delete_contact((await parties.contact())["id"])
    (update,) = await parties.chain(await parties.consented("subscribed"))
    contact = await parties.contact()
    assert contact["preferences"]["acceptsEmail"] is True
    assert (await parties.row())["contact_id"] == contact["id"]
    assert update.outcome is not None


async def test_a_consent_nobody_could_be_told_of_follows_the_contact(parties: Parties) -> None:
    """The shop had no CRM account when the consent came."""
    await parties.world.set_account(is_active=False)
    assert (await parties.consented("subscribed")).follow_ups == ()
    await parties.world.set_account(is_active=True)
    update = await customer_known(parties)
    assert update.task.type is UPDATE
    assert await posted(update) == [("acceptsEmail", True)]
    body = customer_body(id=parties.customer_id, first_name="Kimberly", updated_at=now())
    chain = await parties.chain(await parties.world.deliver("customers/update", body))
    assert [done.task.type for done in chain] == [TaskType.SYNC_CONTACT]


async def test_what_was_said_later_in_the_crm_is_not_overwritten(parties: Parties) -> None:
    await customer_known(parties)
    consent = await parties.consented("subscribed", at=EARLY)
    contact_id = (await parties.contact())["id"]
    await parties.event(contact_id, sent_at=datetime.fromisoformat(LATE))
    (update,) = await parties.chain(consent)
    assert update.calls == []
    assert "later" in str(update.note)


async def test_a_deleted_customer_consents_to_nothing_any_more(parties: Parties) -> None:
    await customer_known(parties)
    pending = await parties.consented("subscribed")
    await parties.world.deliver("customers/delete", {"id": parties.customer_id})
    row = await parties.row()
    assert (row["email_consent"], row["crm_preferences"], row["tags"]) == (None, None, [])
    (update,) = await parties.chain(pending)
    assert isinstance(update.error, Obsolete)
    late = await parties.consented("subscribed")
    assert late.note == "It was deleted in the shop before: left deleted"
    assert (await parties.row())["email_consent"] is None


async def test_a_failing_crm_is_asked_again_and_gets_it_once(parties: Parties) -> None:
    await customer_known(parties)
    consent = await parties.consented("subscribed")
    route = "POST /api/v2/contacts/{id}/preferences/{name}"
    await parties.world.faults({"route": route, "fault": "reset_after_effect", "times": 1})
    (lost,) = await parties.chain(consent)
    assert isinstance(lost.error, Unavailable)
    (again,) = await parties.chain(consent)
    assert await posted(again) == []
    assert (await parties.contact())["preferences"]["acceptsEmail"] is True


async def test_a_consent_told_with_the_customer_is_as_good_as_its_own_webhook(parties: Parties) -> None:
    """As polls tell it, when the webhook was missed."""

    async def told(state: str, at: str) -> Done:
        consent = {"state": state, "opt_in_level": "single_opt_in", "consent_updated_at": at}
        body = customer_body(id=parties.customer_id, phone="+46700000000", email_marketing_consent=consent)
        return await parties.world.deliver("customers/update", body)

    done = await parties.chain(await told("subscribed", EARLY))
    assert [one.task.type for one in done] == [TaskType.SYNC_CONTACT, UPDATE, UPDATE]
    assert (await parties.contact())["preferences"]["acceptsEmail"] is True
    again = await told("subscribed", EARLY)
    assert (again.follow_ups, again.note) == ((), "Nothing that matters has changed")
    (update,) = await parties.chain(await told("unsubscribed", LATE))
    assert update.task.type is UPDATE
    assert (await told("subscribed", EARLY)).follow_ups == ()
    assert (await parties.row())["email_consent"]["state"] == "unsubscribed"


@pytest.mark.parametrize("consent", [None, "yes", {"state": 7}, {"consent_updated_at": "soon"}])
async def test_a_consent_inside_a_customer_that_can_not_be_read_is_left_out(
    parties: Parties, consent: object
) -> None:
    body = customer_body(id=parties.customer_id, email_marketing_consent=consent)
    done = await parties.world.deliver("customers/update", body)
    assert [follow_up.type for follow_up in done.follow_ups] == [TaskType.SYNC_CONTACT]
    assert (await parties.row())["email_consent"] is None


async def test_tags_are_merged_in_the_order_in_which_they_were_given(parties: Parties) -> None:
    moment = datetime(2026, 11, 20, 16, tzinfo=UTC)

    async def told(topic: str, tags: list[str], minutes: int) -> Done:
        at = (moment + timedelta(minutes=minutes)).isoformat()
        customer = f"gid://shopify/Customer/{parties.customer_id}"
        return await parties.told(topic, {"customerId": customer, "tags": tags, "occurredAt": at})

    await told("customer.tags_added", ["vip", "web"], 1)
    await told("customer.tags_removed", ["web"], 3)
    assert (await parties.row())["tags"] == ["vip"]
    late = await told("customer.tags_added", ["web"], 2)
    assert late.note == "Older than what is stored: left as it is"
    partly = await told("customer.tags_added", ["web", "new"], 2)
    assert partly.note == "The tags are stored"
    assert (await parties.row())["tags"] == ["new", "vip"]
    await told("customer.tags_added", ["web"], 4)
    assert (await parties.row())["tags"] == ["new", "vip", "web"]
