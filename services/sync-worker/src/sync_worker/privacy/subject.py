"""Whom a privacy request is about, and how to recognise their data wherever it lies. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import quote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from sync_worker.shopify.fields import Items, ShopModel, SourceId, Text

_SHORTEST_PHONE = 5


def _usable_id(value: object) -> object:
    """Shopify: a customer that never had an account comes without an id, or with a null one."""
    return None if value in (None, "", 0) else value


OptionalId = Annotated[SourceId | None, BeforeValidator(_usable_id)]


class Person(ShopModel):
    id: OptionalId = None
    email: Text = None
    phone: Text = None


class PersonRequest(ShopModel):
    """`customers/data_request` and `customers/redact`: the person, and the orders concerned."""

    customer: Person = Person()
    orders_requested: Items[SourceId] = ()
    orders_to_redact: Items[SourceId] = ()
    shop_domain: Text = None

    @property
    def order_ids(self) -> tuple[str, ...]:
        return (*self.orders_requested, *self.orders_to_redact)


class ShopRequest(ShopModel):
    """`shop/redact`."""

    shop_domain: Text = None


class Subject(BaseModel):
    """Everything by which one person's data is recognised. `other_ids`: of their refunds and parcels."""

    model_config = ConfigDict(frozen=True)

    customer_id: str | None = None
    order_ids: frozenset[str] = frozenset()
    other_ids: frozenset[str] = frozenset()
    contact_ids: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = Field(default=frozenset())

    @property
    def source_ids(self) -> frozenset[str]:
        """What a task about this person has as its source id."""
        own = frozenset({self.customer_id}) if self.customer_id else frozenset()
        return own | self.order_ids | self.other_ids

    def pattern(self) -> re.Pattern[bytes] | None:
        """Matches bytes that mention the person in any spelling; None when there is nothing to look for."""
        numbers = [_number(one) for one in self.source_ids]
        texts = [text for one in (*self.contact_ids, *self.emails, *self.phones) for text in _spellings(one)]
        if not numbers and not texts:
            return None
        return re.compile(b"|".join([*numbers, *(re.escape(text) for text in texts)]), re.IGNORECASE)

    def direct(self) -> re.Pattern[bytes] | None:
        """As `pattern`, for e-mails and phones only: what names the person to anybody."""
        return Subject(emails=self.emails, phones=self.phones).pattern()


def subject_of(request: PersonRequest) -> Subject:
    """As far as the request tells; the store knows more."""
    person = request.customer
    return Subject(
        customer_id=person.id,
        order_ids=frozenset(request.order_ids),
        emails=frozenset(filled([person.email])),
        phones=frozenset(phones([person.phone])),
    )


def subject_hash(shop_domain: str, customer_id: str | None) -> bytes | None:
    """Proves, to who knows both, that a record is about this person; tells nobody else who it was."""
    if customer_id is None:
        return None
    return hashlib.sha256(f"{shop_domain}\n{customer_id}".encode()).digest()


def filled(texts: Iterable[str | None]) -> list[str]:
    return [text for text in texts if text]


def phones(texts: Iterable[str | None]) -> list[str]:
    """Too short a number would be found everywhere."""
    return [text for text in filled(texts) if sum(sign.isdigit() for sign in text) >= _SHORTEST_PHONE]


def _number(text: str) -> bytes:
    return rb"(?<!\d)" + re.escape(text.encode()) + rb"(?!\d)"


def _spellings(text: str) -> set[bytes]:
    """As it is, in an address, and as JSON escapes it."""
    return {text.encode(), quote(text, safe="").encode(), json.dumps(text)[1:-1].encode()}
