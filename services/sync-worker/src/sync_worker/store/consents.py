"""What customers have agreed to, in the shop and in the CRM, and the tags they bear."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db.queries import load_queries
from shared.errors import Obsolete
from sync_worker.freshness import Freshness, Stamp, is_older
from sync_worker.mapping.preferences import CHANNELS, NAMES, Consents, Preference, Preferences
from sync_worker.shopify.consents import Channel, Consent, TagChange
from sync_worker.shopify.customers import Customer

_consents = load_queries(__file__, "consents")
_customers = load_queries(__file__, "customers")


@dataclass(frozen=True, slots=True)
class StoredConsents:
    """`customer` None: the shop has told of consent, and not yet of the customer."""

    consents: Consents
    preferences: Preferences
    contact_id: str | None
    synced: Mapping[str, Any]
    customer: Customer | None


async def keep_consent(
    connection: Any, shop_id: int, customer_id: str, *, channel: Channel, consent: Consent
) -> Freshness:
    """Stores the consent if it is newer, in the caller's transaction; an unchanged one moves the stamps."""
    row = await _locked(connection, shop_id, customer_id)
    if row["deleted_at"] is not None:
        return Freshness.DELETED
    known = _consents_of(row).get(channel)
    verdict = _verdict(known, consent)
    if verdict is not Freshness.OLDER:
        await write_consent(connection, shop_id, customer_id, channel=channel, consent=consent)
    return verdict


async def write_consent(
    connection: Any, shop_id: int, customer_id: str, *, channel: Channel, consent: Consent
) -> None:
    """The consent is what the shop has now."""
    keep = _consents.keep_email_consent if channel is Channel.EMAIL else _consents.keep_sms_consent
    await keep(connection, shop_id=shop_id, source_id=customer_id, consent=_json(consent))


async def apply_tags(connection: Any, shop_id: int, change: TagChange, *, are_added: bool) -> Freshness:
    """Adds or removes tags, each if nothing newer is known of it. In the caller's transaction."""
    row = await _locked(connection, shop_id, change.id)
    if row["deleted_at"] is not None:
        return Freshness.DELETED
    told_at = change.occurred_at.isoformat() if change.occurred_at else None
    names = [name for name in change.names if _is_news(row["tag_changes"], name, change)]
    if change.names and not names:
        return Freshness.OLDER
    tags = set(row["tags"]) | set(names) if are_added else set(row["tags"]) - set(names)
    changes = row["tag_changes"] | {name: told_at for name in names if told_at}
    await _consents.keep_tags(
        connection, shop_id=shop_id, source_id=change.id, tags=sorted(tags), tag_changes=changes
    )
    return Freshness.UNCHANGED if tags == set(row["tags"]) else Freshness.NEWER


async def stored_consents(connection: Any, shop_id: int, customer_id: str) -> StoredConsents:
    """Raises Obsolete for a customer that was deleted or that nobody knows."""
    row = await _consents.consents(connection, shop_id=shop_id, source_id=customer_id)
    if row is None or row["deleted_at"] is not None:
        raise Obsolete(
            "The customer is not known here" if row is None else "The customer was deleted in the shop"
        )
    data = row["data"]
    customer = Customer.model_validate(data) if data is not None else None
    return StoredConsents(
        _consents_of(row), _preferences_of(row), row["contact_id"], row["synced"] or {}, customer
    )


async def customers_of_contact(
    connection: Any, shop_id: int, contact_id: str, *, external_id: str | None
) -> dict[str, Preferences]:
    """The ids of the shop's customers that are this contact, locked until the transaction ends.

    With each: the preferences as the CRM last had them.
    """
    rows = _consents.customers_of_contact(
        connection, shop_id=shop_id, contact_id=contact_id, external_id=external_id
    )
    return {row["source_id"]: _preferences_of(row) async for row in rows}


async def keep_preferences(
    connection: Any, shop_id: int, customer_id: str, preferences: Mapping[Channel, Preference]
) -> None:
    """What the CRM has of these channels; of others nothing changes."""
    values = {NAMES[channel]: _json(preference) for channel, preference in preferences.items()}
    await _consents.keep_preferences(connection, shop_id=shop_id, source_id=customer_id, preferences=values)


def _preferences_of(row: Any) -> dict[Channel, Preference]:
    stored = row["crm_preferences"] or {}
    return {CHANNELS[name]: Preference.model_validate(value) for name, value in stored.items()}


def _consents_of(row: Any) -> dict[Channel, Consent]:
    stored = {Channel.EMAIL: row["email_consent"], Channel.SMS: row["sms_consent"]}
    return {channel: Consent.model_validate(value) for channel, value in stored.items() if value}


async def _locked(connection: Any, shop_id: int, customer_id: str) -> Any:
    await _customers.ensure_customer(connection, shop_id=shop_id, source_id=customer_id)
    return await _consents.lock_consents(connection, shop_id=shop_id, source_id=customer_id)


def _verdict(known: Consent | None, consent: Consent) -> Freshness:
    if known is None:
        return Freshness.NEWER
    if is_older(_stamp(consent), _stamp(known)):
        return Freshness.OLDER
    return Freshness.UNCHANGED if consent.state == known.state else Freshness.NEWER


def _stamp(consent: Consent) -> Stamp:
    return Stamp(consent.consent_updated_at, consent.triggered_at)


def _is_news(told: Mapping[str, str], name: str, change: TagChange) -> bool:
    last = told.get(name)
    return last is None or change.occurred_at is None or datetime.fromisoformat(last) <= change.occurred_at


def _json(model: Consent | Preference) -> dict[str, Any]:
    return model.model_dump(mode="json", exclude_none=True)
