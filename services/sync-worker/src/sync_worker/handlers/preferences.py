"""From the shop's consents and tags to the store, and from there to the CRM's preferences."""

from dataclasses import replace

import orjson

from shared.envelope import Payload
from shared.errors import Retryable
from shared.handling import FollowUp, Outcome, Run
from shared.tasks import TaskType
from sync_worker.clients.crm import Crm
from sync_worker.clients.engage import Engage
from sync_worker.contacts import VANISHED, Contact, find_contact
from sync_worker.freshness import Freshness
from sync_worker.handlers.indexing import hand_on, source_id_of
from sync_worker.handlers.notes import idle_note
from sync_worker.mapping.contact import ContactFields, contact_fields, contact_fields_of_consent
from sync_worker.mapping.preferences import (
    NAMES,
    Due,
    Preference,
    contact_preferences,
    due,
    unsent,
)
from sync_worker.shopify.consents import CHANGES, TAGS_ADDED, Channel, TagChange, stamped, told_consents
from sync_worker.shopify.reading import read, topic_of, triggered_at
from sync_worker.store import consents, states
from sync_worker.store.accounts import crm_account_id
from sync_worker.store.consents import StoredConsents

NOT_DUE = "Nothing was sent"
ALREADY = "Nothing was sent: the CRM already has these preferences"
NO_CONTACT = "Nothing was sent: the CRM has no such contact, so there is nothing to take back"


async def index_consent(run: Run) -> Outcome:
    """Stores the consent if it is newer, and then has the CRM told of it."""
    verdict = await _keep(run, run.payload)
    return await hand_on(run, verdict, (TaskType.UPDATE_CUSTOMER_MARKETING_PREFERENCES,))


async def with_told_consents(run: Run, outcome: Outcome) -> Outcome:
    """Adds what a customer's body tells of consent, as if the consents' own webhooks had told it."""
    told = [
        Payload(body=orjson.dumps(body), topic=topic, headers=run.payload.headers)
        for topic, body in told_consents(run.payload.body).items()
    ]
    news = [payload for payload in told if await _keep(run, payload) is Freshness.NEWER]
    account_id = await crm_account_id(run.connection, run.task.shop_id) if news else None
    if account_id is None:
        return outcome
    type_ = TaskType.UPDATE_CUSTOMER_MARKETING_PREFERENCES
    updates = (FollowUp(type_, payload, source_id_of(run), account_id=account_id) for payload in news)
    return replace(outcome, note=None, follow_ups=(*outcome.follow_ups, *updates))


async def index_tags(run: Run) -> Outcome:
    """Merges the tags that came or went into those the customer has; the CRM has no place for them."""
    change = read(TagChange, run.payload.body, what="change of tags")
    connection = await run.begin()
    are_added = topic_of(run.payload) == TAGS_ADDED
    verdict = await consents.apply_tags(connection, run.task.shop_id, change, are_added=are_added)
    note = "The tags are stored" if verdict is Freshness.NEWER else idle_note(verdict)
    return Outcome(note=note, source_id=change.id)


async def update_customer_marketing_preferences(crm: Crm, run: Run) -> Outcome:
    """Tells the CRM what the customer agreed to in the shop, where the CRM has it otherwise."""
    stored = await consents.stored_consents(run.pool, run.task.shop_id, source_id_of(run))
    engage = await crm.open(run.pool, run.task)
    wanted = _due(stored, run, two_way=engage.rules.two_way_preferences)
    if not wanted.values:
        return Outcome(note=". ".join((NOT_DUE, *wanted.reasons)))
    fields = _contact_fields(stored, run)
    may_create = any(wanted.values.values())
    contact = await find_contact(engage, fields, known_id=stored.contact_id, may_create=may_create)
    if contact is None:
        return Outcome(note=NO_CONTACT)
    sent = await _send(engage, contact, wanted)
    await _remember(run, stored, contact, wanted)
    summary = {NAMES[channel]: wanted.values[channel] for channel in sent}
    return Outcome(target_id=contact.id, note=None if sent else ALREADY, summary=summary or None)


async def _keep(run: Run, payload: Payload) -> Freshness:
    channel, model = CHANGES[topic_of(payload)]
    change = read(model, payload.body, what="consent")
    consent = stamped(change.consent, triggered_at(payload))
    connection, shop_id = await run.begin(), run.task.shop_id
    return await consents.keep_consent(connection, shop_id, change.id, channel=channel, consent=consent)


async def untold(run: Run, *, two_way: bool) -> tuple[FollowUp, ...]:
    """What is left to do once the contact was written: the CRM was never told of some consents."""
    stored = await consents.stored_consents(run.connection, run.task.shop_id, source_id_of(run))
    if not unsent(stored.consents, stored.preferences, two_way=two_way):
        return ()
    type_ = TaskType.UPDATE_CUSTOMER_MARKETING_PREFERENCES
    return (FollowUp(type_, run.payload, source_id_of(run), account_id=run.task.account_id),)


def _due(stored: StoredConsents, run: Run, *, two_way: bool) -> Due:
    """A consent's own channel; after other events, what the CRM was never told of."""
    change = CHANGES.get(run.payload.topic or "")
    channels = {change[0]} if change else unsent(stored.consents, stored.preferences, two_way=two_way)
    return due(stored.consents, stored.preferences, sorted(channels), two_way=two_way)


def _contact_fields(stored: StoredConsents, run: Run) -> ContactFields:
    if stored.customer is not None:
        return contact_fields(stored.customer)
    channel, model = CHANGES[topic_of(run.payload)]
    change = read(model, run.payload.body, what="consent")
    return contact_fields_of_consent(change.id, channel, change.address)


async def _send(engage: Engage, contact: Contact, wanted: Due) -> list[Channel]:
    """The channels that had to be told of."""
    there = contact_preferences(contact.fields)
    changes = [channel for channel, value in wanted.values.items() if there[channel] is not value]
    for channel in changes:
        if not await engage.set_preference(contact.id, NAMES[channel], wanted.values[channel]):
            raise Retryable(VANISHED, kind="not_found")
    return changes


async def _remember(run: Run, stored: StoredConsents, contact: Contact, wanted: Due) -> None:
    connection, place = await run.begin(), (run.task.shop_id, source_id_of(run))
    if contact.id != stored.contact_id:
        await states.keep_link(connection, *place, contact_id=contact.id, synced=dict(contact.sent))
    told = {channel: Preference(value=value) for channel, value in wanted.values.items()}
    await consents.keep_preferences(connection, *place, told)
