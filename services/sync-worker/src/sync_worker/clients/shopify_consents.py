"""Writes a customer's consent to the shop and reads from the answer what the shop has now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.clients.shopify_admin import Document, ShopAdmin
from sync_worker.clients.documents import load_document
from sync_worker.shopify.consents import Channel, Consent


@dataclass(frozen=True, slots=True)
class _Mutation:
    document: Document
    name: str
    consent: str
    address: str


_MUTATIONS = {
    Channel.EMAIL: _Mutation(
        load_document("email_consent_update", repeatable=True),
        "customerEmailMarketingConsentUpdate",
        "emailMarketingConsent",
        "defaultEmailAddress",
    ),
    Channel.SMS: _Mutation(
        load_document("sms_consent_update", repeatable=True),
        "customerSmsMarketingConsentUpdate",
        "smsMarketingConsent",
        "defaultPhoneNumber",
    ),
}


async def write_consent(
    admin: ShopAdmin, customer_id: str, *, channel: Channel, consent: Mapping[str, str]
) -> Consent:
    """Sent twice it does no harm. Raises what `ShopAdmin.call` does."""
    mutation = _MUTATIONS[channel]
    given = {"customerId": f"gid://shopify/Customer/{customer_id}", mutation.consent: dict(consent)}
    data = await admin.call(mutation.document, {"input": given})
    return _consent(data, mutation) or _as_written(consent)


def _consent(data: Mapping[str, Any], mutation: _Mutation) -> Consent | None:
    """None: the answer does not tell."""
    customer = (data.get(mutation.name) or {}).get("customer") or {}
    address = customer.get(mutation.address)
    if not address:
        return None
    return Consent(
        state=address.get("marketingState"),
        opt_in_level=address.get("marketingOptInLevel"),
        consent_updated_at=address.get("marketingUpdatedAt"),
    )


def _as_written(consent: Mapping[str, str]) -> Consent:
    return Consent.model_validate(
        {
            "state": consent["marketingState"],
            "opt_in_level": consent["marketingOptInLevel"],
            "consent_updated_at": consent["consentUpdatedAt"],
        }
    )
