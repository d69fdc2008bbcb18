"""From the CRM's events to the shop's consents. An event is a signal: the contact is read anew."""

from collections.abc import Collection, Mapping
from typing import Any

from shared.clients.shopify_account import shopify_account_id
from shared.clients.shopify_admin import ShopAdmin, ShopAdmins
from shared.envelope import Payload, utc_now
from shared.errors import Obsolete, Rejected
from shared.handling import FollowUp, Outcome, Run
from shared.tasks import TaskType
from sync_worker.clients.crm import Crm
from sync_worker.clients.shopify_consents import write_consent
from sync_worker.contact_events import ChangedPreferences, ContactEvent, Envelope, told_at, told_channel
from sync_worker.handlers.indexing import source_id_of
from sync_worker.mapping.preferences import (
    Preference,
    Preferences,
    changed_there,
    consent_input,
    contact_preferences,
    to_write,
)
from sync_worker.shopify.consents import Channel, Consent
from sync_worker.shopify.reading import read, topic_of
from sync_worker.store import consents
from sync_worker.store.consents import StoredConsents

CRM = "the CRM"
ENCRYPTED = (
    "The CRM sent this event encrypted, and it can not be read here: switch the encryption of this webhook "
    "off in the CRM"
)
GONE = "The contact does not exist in the CRM any more"
NOT_OURS = "The contact is none of the shop's customers: there is nothing to change in the shop"
ECHO = "Nothing has changed since the CRM was last seen: a change made from here, or the event of before"
NO_SHOP = "Not written to the shop: it has no active account of kind 'shopify'. Add one, then retry"
ALREADY = "Nothing was written: the shop already has these consents"


async def receive_contact(crm: Crm, run: Run) -> Outcome:
    """Finds what the CRM changed and for which of the shop's customers, and has that written to the shop."""
    contact_id = _contact_id(run.payload)
    engage = await crm.open(run.pool, run.task)
    contact = await engage.contact(contact_id)
    if contact is None:
        raise Obsolete(GONE)
    connection, shop_id = await run.begin(), run.task.shop_id
    account_id = await shopify_account_id(connection, shop_id)
    if account_id is None:
        return Outcome(note=NO_SHOP)
    known = await consents.customers_of_contact(
        connection, shop_id, contact["id"], external_id=contact.get("externalId")
    )
    changes = _changes(known, contact, told_channel(topic_of(run.payload)))
    for customer_id, changed in changes.items():
        await consents.keep_preferences(connection, shop_id, customer_id, _seen(run, changed))
    follow_ups = tuple(_write_for(run, *change, account_id=account_id) for change in changes.items())
    note = None if follow_ups else ECHO if known else NOT_OURS
    return Outcome(note=note, target_id=contact["id"], follow_ups=follow_ups)


async def sync_customer_marketing_preferences(shops: ShopAdmins, run: Run) -> Outcome:
    """Writes to the shop what was changed in the CRM, where the shop has it otherwise."""
    channels = read(ChangedPreferences, run.payload.body, what="list of preferences", sender=CRM).channels
    customer_id = source_id_of(run)
    stored = await consents.stored_consents(run.pool, run.task.shop_id, customer_id)
    wanted = to_write(stored.consents, stored.preferences, channels)
    if not wanted:
        return Outcome(note=ALREADY)
    admin = await shops.open(run.pool, run.task)
    written = {
        channel: await _write(admin, customer_id, stored, channel=channel, value=value)
        for channel, value in wanted.items()
    }
    connection = await run.begin()
    for channel, consent in written.items():
        await consents.write_consent(
            connection, run.task.shop_id, customer_id, channel=channel, consent=consent
        )
    return Outcome(
        target_id=customer_id, summary={channel.value: consent.state for channel, consent in written.items()}
    )


def _contact_id(payload: Payload) -> str:
    """Raises Rejected for an event that does not name its contact readably."""
    envelope = read(Envelope, payload.body, what="event", sender=CRM)
    if envelope.is_encrypted:
        raise Rejected(ENCRYPTED, kind="configuration")
    return read(ContactEvent, payload.body, what="event", sender=CRM).payload.contact_id


def _changes(
    known: Mapping[str, Preferences], contact: Mapping[str, Any], told: Channel | None
) -> dict[str, dict[Channel, bool]]:
    """By customer: the preferences the CRM changed, with their value now."""
    now = contact_preferences(contact)
    changed = {
        customer_id: changed_there(preferences, now, told) for customer_id, preferences in known.items()
    }
    return {
        customer_id: {channel: now[channel] for channel in channels}
        for customer_id, channels in changed.items()
        if channels
    }


def _seen(run: Run, changed: Mapping[Channel, bool]) -> dict[Channel, Preference]:
    at = told_at(run.payload, default=run.task.queued_at)
    return {channel: Preference(value=value, changed_at=at) for channel, value in changed.items()}


def _write_for(run: Run, customer_id: str, changed: Collection[Channel], *, account_id: int) -> FollowUp:
    body = ChangedPreferences(channels=tuple(sorted(changed))).model_dump_json().encode()
    return FollowUp(
        TaskType.SYNC_CUSTOMER_MARKETING_PREFERENCES,
        Payload(body=body, topic=run.payload.topic),
        source_id=customer_id,
        account_id=account_id,
    )


async def _write(
    admin: ShopAdmin, customer_id: str, stored: StoredConsents, *, channel: Channel, value: bool
) -> Consent:
    """The consent as the shop has it then."""
    given = consent_input(stored.consents.get(channel), is_accepted=value, now=utc_now())
    return await write_consent(admin, customer_id, channel=channel, consent=given)
