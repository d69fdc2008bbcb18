"""What customers do besides buying: move, change their mind about mail, get labelled, open accounts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from random import Random

from sandbox.shopify.entities import Customer
from sandbox.shopify.numbers import Numbers
from sandbox.shopify.people import consented, edited, tagged
from sandbox.shopify.telling import Happening, customer_told, email_consent_told, sms_consent_told, tags_told

_LABELS = ("vip", "återkommande", "nyhetsbrev", "klubb", "B2B")
Told = tuple[Customer, list[Happening]]


class CustomerLife:
    """Seeded changes of one customer, and what each of them tells."""

    def __init__(self, rng: Random, numbers: Numbers) -> None:
        self._rng = rng
        self._numbers = numbers

    def change(self, customer: Customer, at: datetime) -> Told:
        ways: list[tuple[Callable[[Customer, datetime], Told], int]] = [
            (self._edit, 6),
            (self._switch_account, 1),
            (self._label, 1),
        ]
        if customer.email:
            ways.append((self._email_consent, 2))
        if customer.phone:
            ways.append((self._sms_consent, 1))
        return self._rng.choices([way for way, _ in ways], weights=[w for _, w in ways])[0](customer, at)

    def _edit(self, customer: Customer, at: datetime) -> Told:
        changed = edited(customer, self._rng, self._numbers, at)
        return changed, [customer_told("customers/update", changed)]

    def _switch_account(self, customer: Customer, at: datetime) -> Told:
        opened = customer.state != "enabled"
        changed = replace(customer, state="enabled" if opened else "disabled", updated_at=at)
        topic = "customers/enable" if opened else "customers/disable"
        return changed, [customer_told(topic, changed), customer_told("customers/update", changed)]

    def _label(self, customer: Customer, at: datetime) -> Told:
        label = self._rng.choice(_LABELS)
        kept = tuple(tag for tag in customer.tags if tag != label)
        changed = tagged(customer, kept if label in customer.tags else (*kept, label), at)
        return changed, [*tags_told(customer, changed), customer_told("customers/update", changed)]

    def _email_consent(self, customer: Customer, at: datetime) -> Told:
        state = self._other_mind(customer.email_consent.state)
        consent = consented(customer.email_consent, state, level=None, at=at, source="SHOPIFY")
        changed = replace(customer, email_consent=consent, updated_at=at)
        return changed, [email_consent_told(changed), customer_told("customers/update", changed)]

    def _sms_consent(self, customer: Customer, at: datetime) -> Told:
        state = self._other_mind(customer.sms_consent.state)
        consent = consented(customer.sms_consent, state, level=None, at=at, source="OTHER")
        changed = replace(customer, sms_consent=consent, updated_at=at)
        return changed, [sms_consent_told(changed), customer_told("customers/update", changed)]

    def _other_mind(self, state: str) -> str:
        if state == "subscribed":
            return "unsubscribed"
        return self._rng.choice(("subscribed", "subscribed", "pending"))
