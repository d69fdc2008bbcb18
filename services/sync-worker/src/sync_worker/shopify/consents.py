"""Consent and tags as the shop's webhooks carry them: each under a key and a spelling of its own."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from sync_worker.shopify.fields import Items, Moment, ShopModel, SourceId, Text

EMAIL_TOPIC = "customers_email_marketing_consent/update"
SMS_TOPIC = "customers_marketing_consent/update"
TAGS_ADDED = "customer.tags_added"
TAGS_REMOVED = "customer.tags_removed"

_GID = "gid://shopify/Customer/"


class Channel(StrEnum):
    """By what means the customer may be told of offers."""

    EMAIL = "email"
    SMS = "sms"


def _number_of_gid(value: Any) -> Any:
    return value.removeprefix(_GID) if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


CustomerGid = Annotated[SourceId, BeforeValidator(_number_of_gid)]
Word = Annotated[Text, BeforeValidator(_lower)]


class Consent(ShopModel):
    """`state` in lower case: subscribed, not_subscribed, unsubscribed, pending, invalid, redacted.

    `triggered_at`: when the shop sent it; the webhook says that in a header.
    """

    state: Word = None
    opt_in_level: Word = None
    consent_updated_at: Moment | None = None
    triggered_at: Moment | None = None


class EmailConsentChange(ShopModel):
    """`customers_email_marketing_consent/update`."""

    id: SourceId = Field(validation_alias="customer_id")
    address: Text = Field(default=None, validation_alias="email_address")
    consent: Consent = Field(validation_alias="email_marketing_consent")


class SmsConsentChange(ShopModel):
    """`customers_marketing_consent/update`, which is about SMS in spite of its name."""

    id: SourceId
    address: Text = Field(default=None, validation_alias="phone")
    consent: Consent = Field(validation_alias="sms_marketing_consent")


class TagChange(ShopModel):
    """`customer.tags_added` and `customer.tags_removed`: only the tags that came or went."""

    id: CustomerGid = Field(validation_alias="customerId")
    tags: Items[Text] = ()
    occurred_at: Moment | None = Field(default=None, validation_alias="occurredAt")

    @property
    def names(self) -> list[str]:
        return [tag for tag in self.tags if tag]


ConsentChange = EmailConsentChange | SmsConsentChange

CHANGES: dict[str, tuple[Channel, type[EmailConsentChange | SmsConsentChange]]] = {
    EMAIL_TOPIC: (Channel.EMAIL, EmailConsentChange),
    SMS_TOPIC: (Channel.SMS, SmsConsentChange),
}


class ToldConsents(ShopModel):
    """Consents inside a customer's own body: polls tell them so, and webhooks before version 2025-01 did."""

    id: SourceId
    email: Text = None
    phone: Text = None
    email_marketing_consent: Consent | None = None
    sms_marketing_consent: Consent | None = None

    def as_webhooks(self) -> dict[str, dict[str, Any]]:
        """By topic: what the consents' own webhooks would have told."""
        given: dict[str, dict[str, Any]] = {}
        if self.email_marketing_consent:
            consent = self.email_marketing_consent.model_dump(mode="json")
            given[EMAIL_TOPIC] = {
                "customer_id": self.id, "email_address": self.email, "email_marketing_consent": consent,
            }  # fmt: skip
        if self.sms_marketing_consent:
            consent = self.sms_marketing_consent.model_dump(mode="json")
            given[SMS_TOPIC] = {"id": self.id, "phone": self.phone, "sms_marketing_consent": consent}
        return given


def told_consents(body: bytes) -> dict[str, dict[str, Any]]:
    """By topic, as `ToldConsents.as_webhooks`; nothing where they can not be read: they are a bonus."""
    try:
        return ToldConsents.model_validate_json(body).as_webhooks()
    except ValidationError:
        return {}


def stamped(consent: Consent, triggered_at: datetime | None) -> Consent:
    return consent.model_copy(update={"triggered_at": triggered_at})
