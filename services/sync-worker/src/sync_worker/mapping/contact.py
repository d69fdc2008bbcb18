"""A customer as a CRM contact. Only filled fields: in the CRM an empty one erases."""

import re
from collections.abc import Mapping

from sync_worker.shopify.consents import Channel
from sync_worker.shopify.customers import Address, Customer
from sync_worker.shopify.orders import Order

ContactFields = dict[str, str]

_NOT_IN_A_NUMBER = re.compile(r"[\s().\-/]")
_INTERNATIONAL = re.compile(r"\+[1-9]\d{6,14}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")


def contact_fields(customer: Customer) -> ContactFields:
    """What the CRM should know of the customer, who is its contact with the same external id."""
    return _only_filled(
        {
            "externalId": customer.id,
            "email": customer.email,
            "mobilePhone": international_phone(customer.phone),
            "firstName": customer.first_name,
            "lastName": customer.last_name,
            **_address_fields(customer.default_address),
        }
    )


def buyer_fields(order: Order) -> ContactFields:
    """The contact an order belongs to: its customer, with what only the order knows."""
    fields = contact_fields(order.customer) if order.customer else {}
    billing = order.billing_address or Address()
    from_order = {
        "email": order.email or order.contact_email,
        "mobilePhone": international_phone(order.phone),
        "firstName": billing.first_name,
        "lastName": billing.last_name,
        "lang": _matching(_LANGUAGE, order.customer_locale),
    }
    return _only_filled(from_order) | fields


def contact_fields_of_consent(customer_id: str, channel: Channel, address: str | None) -> ContactFields:
    """All that a consent tells of a customer nobody has told of yet."""
    is_email = channel is Channel.EMAIL
    fields = {"email": address} if is_email else {"mobilePhone": international_phone(address)}
    return _only_filled({"externalId": customer_id, **fields})


def changed_fields(wanted: Mapping[str, str], known: Mapping[str, object]) -> ContactFields:
    """What has to be sent so that the contact has all wanted values. Never holds an empty value."""
    filled = _only_filled(wanted)
    return {name: value for name, value in filled.items() if not _is_same(name, value, known.get(name))}


def international_phone(phone: str | None) -> str | None:
    """The number as +4670…; None when it is not in international form."""
    return _matching(_INTERNATIONAL, _NOT_IN_A_NUMBER.sub("", phone or ""))


def _is_same(name: str, value: str, known: object) -> bool:
    if name == "email" and isinstance(known, str):
        return value.casefold() == known.casefold()
    return value == known


def _address_fields(address: Address | None) -> dict[str, str | None]:
    if address is None:
        return {}
    street = ", ".join(line for line in (address.address1, address.address2) if line)
    return {
        "street": street,
        "zipCode": address.zip,
        "city": address.city,
        "countryCode": _matching(_COUNTRY, address.country_code),
    }


def _matching(pattern: re.Pattern[str], text: str | None) -> str | None:
    return text if text and pattern.fullmatch(text) else None


def _only_filled(fields: Mapping[str, str | None]) -> ContactFields:
    return {name: value for name, value in fields.items() if value}
