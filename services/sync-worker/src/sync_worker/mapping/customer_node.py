"""A customer of the Admin API as `customers/update` carries it. Pure."""

from typing import Any

from sync_worker.mapping.nodes import Node, address_body, lowered, number_of


def customer_body(node: Node) -> dict[str, Any]:
    """With tags and consent, which webhooks of newer API versions leave out."""
    email, phone = node["defaultEmailAddress"] or {}, node["defaultPhoneNumber"] or {}
    address = address_body(node["defaultAddress"])
    return {
        "id": number_of(node["id"]),
        "admin_graphql_api_id": node["id"],
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "first_name": node["firstName"],
        "last_name": node["lastName"],
        "state": lowered(node["state"]),
        "note": node["note"],
        "verified_email": node["verifiedEmail"],
        "tax_exempt": node["taxExempt"],
        "tags": ", ".join(node["tags"]),
        "email": email.get("emailAddress"),
        "phone": phone.get("phoneNumber"),
        "email_marketing_consent": _consent(email),
        "sms_marketing_consent": _consent(phone),
        **({"default_address": address} if address else {}),
    }


def _consent(contact: Node) -> dict[str, Any] | None:
    if not contact.get("marketingState"):
        return None
    return {
        "state": lowered(contact["marketingState"]),
        "opt_in_level": lowered(contact.get("marketingOptInLevel")),
        "consent_updated_at": contact.get("marketingUpdatedAt"),
        "consent_collected_from": contact.get("marketingCollectedFrom"),
    }
