"""What the store adds to what a request tells of a person. Pure."""

from collections.abc import Iterable
from typing import Any

from sync_worker.privacy.subject import Subject, filled, phones
from sync_worker.store.privacy import Held


def known_subject(subject: Subject, held: Held) -> Subject:
    """With the ids, addresses and numbers under which the store has the person."""
    people = list(_people(held))
    contact = held.customer["contact_id"] if held.customer is not None else None
    return Subject(
        customer_id=subject.customer_id,
        order_ids=subject.order_ids | {row["source_id"] for row in held.orders},
        other_ids=subject.other_ids | {row["source_id"] for row in (*held.refunds, *held.fulfilments)},
        contact_ids=subject.contact_ids | set(filled([contact])),
        emails=subject.emails | set(filled(email for one in people for email in _texts(one, _EMAILS))),
        phones=subject.phones | set(phones(phone for one in people for phone in _texts(one, _PHONES))),
    )


_EMAILS = ("email", "contact_email")
_PHONES = ("phone", "mobilePhone")


def _people(held: Held) -> Iterable[dict[str, Any]]:
    """Every place of the stored data that names the person."""
    if held.customer is not None:
        yield from (held.customer["data"] or {}, held.customer["synced"] or {})
    for row in held.orders:
        order = row["data"] or {}
        parts = ("customer", "billing_address", "shipping_address")
        yield from (order, *(order.get(part) or {} for part in parts))


def _texts(one: dict[str, Any], names: Iterable[str]) -> list[str]:
    return [value for name in names if isinstance(value := one.get(name), str)]
