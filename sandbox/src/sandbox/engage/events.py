"""Which events a change of a contact causes."""

from collections.abc import Mapping
from typing import Any

from sandbox.engage.contact_model import PREFERENCES

PREFERENCE_EVENTS = tuple(f"contact.{name}.changed" for name in PREFERENCES)
EVENTS = (
    "contact.created",
    "contact.updated",
    "contact.deleted",
    "contact.consent.changed",
    *PREFERENCE_EVENTS,
)
Contact = Mapping[str, Any]


def events_of(before: Contact | None, after: Contact | None) -> list[str]:
    """What is told of the change; preferences and consents are told of for existing contacts only."""
    if before is None:
        return ["contact.created"]
    if after is None:
        return ["contact.deleted"]
    if before == after:
        return []
    events = ["contact.updated"]
    for name, event in zip(PREFERENCES, PREFERENCE_EVENTS, strict=True):
        if _preference(before, name) != _preference(after, name):
            events.append(event)
    if before.get("consents") != after.get("consents"):
        events.append("contact.consent.changed")
    return events


def _preference(contact: Contact, name: str) -> bool:
    return bool((contact.get("preferences") or {}).get(name))
