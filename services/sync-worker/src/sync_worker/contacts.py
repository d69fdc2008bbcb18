"""Finds, creates and updates the CRM's contact of a customer; what the contact already has is not written."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.errors import Retryable
from sync_worker.clients.engage import Engage, contact_exists_elsewhere
from sync_worker.mapping.contact import ContactFields, changed_fields
from sync_worker.mapping.matching import ContactMatch, best_match

Send = Callable[[ContactMatch], Awaitable[bool]]

LOOKUPS = ("email", "mobilePhone")
VANISHED = "The CRM does not find the contact that it named a moment ago"


@dataclass(frozen=True, slots=True)
class Contact:
    """`fields` as the CRM has them; `sent` is what had to be written."""

    id: str
    fields: Mapping[str, Any]
    sent: ContactFields = field(default_factory=dict)
    is_new: bool = False


async def write_contact(engage: Engage, wanted: ContactFields, *, known: Contact | None) -> Contact:
    """Brings the contact to the wanted fields. `known`: the contact as the CRM last accepted it."""
    if known is not None:
        written = await _bring_up_to_date(engage, known, wanted)
        if written is not None:
            return written
    for _ in range(2):
        contact = await _find(engage, wanted) or await _create(engage, wanted)
        written = contact and await _bring_up_to_date(engage, contact, wanted)
        if written:
            return written
    raise contact_exists_elsewhere()


async def send_for_contact(
    engage: Engage, buyer: ContactFields, *, known: Mapping[str, Any], send: Send
) -> ContactMatch:
    """Sends something that belongs to the buyer's contact, which is looked up and made only if it has to be.

    `known`: fields under which the contact is believed to exist. `send` answers whether it was found.
    """
    match = best_match(known)
    if match is not None and await send(match):
        return match
    match = await _matched(engage, buyer)
    if await send(match):
        return match
    raise Retryable(VANISHED, kind="not_found")


async def find_contact(
    engage: Engage, wanted: ContactFields, *, known_id: str | None, may_create: bool
) -> Contact | None:
    """The contact with its fields as the CRM has them; one that is found is not changed.

    `known_id`: the contact as last seen. None: there is none, and none may be made.
    """
    found = await engage.contact(known_id) if known_id else None
    if found is not None:
        return Contact(found["id"], found)
    for _ in range(2):
        contact = await _find(engage, wanted) or (await _create(engage, wanted) if may_create else None)
        if contact or not may_create:
            return contact
    raise contact_exists_elsewhere()


async def _matched(engage: Engage, buyer: ContactFields) -> ContactMatch:
    """A key under which the CRM finds the buyer: an existing one is not changed, a missing one is made."""
    for _ in range(2):
        contact = await _find(engage, buyer) or await _create(engage, buyer)
        match = contact and best_match(contact.fields)
        if match:
            return match
    raise contact_exists_elsewhere()


async def _find(engage: Engage, wanted: ContactFields) -> Contact | None:
    """By external id, else by e-mail, else by phone if there is no e-mail: a phone may be a household's."""
    external_id = wanted.get("externalId")
    found = await engage.contact_by_external_id(external_id) if external_id else None
    if found is not None:
        return Contact(found["id"], found)
    name = next((name for name in LOOKUPS if name in wanted), None)
    contact_id = await engage.contact_id(name, wanted[name]) if name else None
    found = await engage.contact(contact_id) if contact_id else None
    return Contact(found["id"], found) if found else None


async def _create(engage: Engage, wanted: ContactFields) -> Contact | None:
    """None: somebody else has created it meanwhile, look again."""
    contact_id = await engage.create_contact(wanted)
    return Contact(contact_id, wanted, sent=wanted, is_new=True) if contact_id else None


async def _bring_up_to_date(engage: Engage, contact: Contact, wanted: ContactFields) -> Contact | None:
    """None: the contact does not exist any more."""
    changes = changed_fields(wanted, contact.fields)
    if not changes:
        return contact
    if not await engage.patch_contact(contact.id, changes):
        return None
    return Contact(contact.id, {**contact.fields, **changes}, sent=changes)
