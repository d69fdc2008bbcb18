"""What the merchant, a buyer or an app does to a customer, outside the story; each deed is told."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from random import Random
from typing import Any

from sandbox.shopify.entities import NO_CONSENT, Consent, Customer
from sandbox.shopify.moments import later
from sandbox.shopify.numbers import Numbers
from sandbox.shopify.people import consented, new_customer, tagged
from sandbox.shopify.postbox import Postbox
from sandbox.shopify.records import Records
from sandbox.shopify.telling import (
    Happening,
    customer_told,
    email_consent_told,
    sms_consent_told,
    tags_told,
)


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"


@dataclass(frozen=True)
class Wish:
    """What a customer wants to receive; `at` is when they said so."""

    channel: Channel
    state: str
    opt_in_level: str | None = None
    at: datetime | None = None
    source: str = "OTHER"


@dataclass
class CustomerDesk:
    records: Records
    numbers: Numbers
    rng: Random
    postbox: Postbox

    def create(self, fields: dict[str, Any], *, tell: bool = True) -> Customer:
        """A new customer who has agreed to nothing; name, address and ways to reach them are made up."""
        now = later(datetime.min.replace(tzinfo=UTC), datetime.now(UTC))
        plain = {"email_consent": NO_CONSENT, "sms_consent": NO_CONSENT, "tags": (), "note": None}
        customer = replace(new_customer(self.rng, self.numbers, now), **{**plain, **fields})
        return self._keep(customer, [customer_told("customers/create", customer)], tell=tell)

    def change(self, customer: Customer, fields: dict[str, Any], *, tell: bool = True) -> Customer:
        """Other values of any field but consent and tags."""
        changed = replace(customer, **fields, updated_at=later(customer.updated_at, datetime.now(UTC)))
        switched = changed.state != customer.state
        account = "customers/enable" if changed.state == "enabled" else "customers/disable"
        topics = [account] * switched + ["customers/update"]
        return self._keep(changed, [customer_told(topic, changed) for topic in topics], tell=tell)

    def delete(self, customer: Customer, *, tell: bool = True) -> None:
        self.records.customers.remove(customer.id)
        gone = replace(customer, updated_at=later(customer.updated_at, datetime.now(UTC)))
        if tell:
            self.postbox.post([customer_told("customers/delete", gone)])

    def wish(self, customer: Customer, wish: Wish, *, tell: bool = True) -> Customer:
        """Change one consent; the same state again is no change and tells nothing."""
        before = customer.email_consent if wish.channel is Channel.EMAIL else customer.sms_consent
        now = later(customer.updated_at, datetime.now(UTC))
        after = consented(before, wish.state, level=wish.opt_in_level, at=wish.at or now, source=wish.source)
        if after == before:
            return customer
        changed = replace(_with_consent(customer, wish.channel, after), updated_at=now)
        consent = email_consent_told if wish.channel is Channel.EMAIL else sms_consent_told
        told = [consent(changed)] if after.state != before.state else []
        return self._keep(changed, [*told, customer_told("customers/update", changed)], tell=tell)

    def tag(self, customer: Customer, tags: tuple[str, ...], *, tell: bool = True) -> Customer:
        """Exactly these tags from now on."""
        if set(tags) == set(customer.tags):
            return customer
        changed = tagged(customer, tags, later(customer.updated_at, datetime.now(UTC)))
        told = [*tags_told(customer, changed), customer_told("customers/update", changed)]
        return self._keep(changed, told, tell=tell)

    def _keep(self, customer: Customer, told: list[Happening], *, tell: bool) -> Customer:
        self.records.keep_customer(customer)
        if tell:
            self.postbox.post(told)
        return customer


def _with_consent(customer: Customer, channel: Channel, consent: Consent) -> Customer:
    if channel is Channel.EMAIL:
        return replace(customer, email_consent=consent)
    return replace(customer, sms_consent=consent)
