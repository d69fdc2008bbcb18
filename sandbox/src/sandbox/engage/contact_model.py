"""A contact's fields: which exist, how they must look, and what one write does to them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from sandbox.engage.amounts import FilledText
from sandbox.engage.refusals import Refusal
from sandbox.engage.wire import WireModel

KEY_FIELDS = ("email", "mobilePhone", "externalId", "memberNumber", "socialSecurityNumber")
CONTACT_TYPES = {"member": "Member", "contact": "Contact"}
PREFERENCES = ("acceptsEmail", "acceptsSms", "acceptsPostal")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_PHONE_LIKE = re.compile(r"\+?\d{7,15}")


class Preferences(WireModel):
    accepts_email: bool | None = None
    accepts_sms: bool | None = None
    accepts_postal: bool | None = None


class Consent(WireModel):
    id: FilledText
    value: bool
    date: str | None = None
    source: str | None = None
    comment: str | None = None


class ContactFields(WireModel):
    """The writable fields; null stands for "erase"."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    mobile_phone: str | None = None
    home_phone: str | None = None
    street: str | None = None
    care_of: str | None = None
    zip_code: str | None = None
    city: str | None = None
    region: str | None = None
    country_code: str | None = Field(default=None, pattern=r"^([A-Z]{2})?$")
    lang: str | None = Field(default=None, pattern=r"^([a-z]{2}(-[A-Z]{2})?)?$")
    birth_day: str | None = None
    gender: str | None = None
    external_id: str | None = None
    social_security_number: str | None = None
    preferences: Preferences | None = None
    consents: list[Consent] | None = None


class NewContact(ContactFields):
    contact_type: str = "Member"


@dataclass(frozen=True)
class Change:
    """A PATCH worked out: the new content, and the fields that had a value and lost it."""

    content: dict[str, Any]
    blanked: tuple[str, ...]
    changed: tuple[str, ...]


def contact_type_named(name: str) -> str:
    """The canonical contact type; raises Refusal 400 InvalidContactType."""
    try:
        return CONTACT_TYPES[name.lower()]
    except KeyError:
        raise Refusal(400, "InvalidContactType", f"{name!r}", field="contactType") from None


def check_keys(fields: Mapping[str, Any]) -> None:
    """E-mail and phone must be well formed where given; raises Refusal 400."""
    if fields.get("email") and not is_email(fields["email"]):
        raise Refusal(400, "InvalidEmailAddress", repr(fields["email"]), field="email")
    if fields.get("mobilePhone") and not _PHONE.fullmatch(fields["mobilePhone"]):
        raise Refusal(400, "InvalidPhoneNumber", repr(fields["mobilePhone"]), field="mobilePhone")


def is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def is_phone_like(text: str) -> bool:
    """True for what the lookup by `any` takes for a phone number: any 7 to 15 digits."""
    return _PHONE_LIKE.fullmatch(text) is not None


def normal_key(field: str, value: str) -> str:
    """The form in which keys are compared."""
    return value.strip().lower() if field == "email" else value.strip()


def given_fields(model: ContactFields) -> dict[str, Any]:
    """Exactly the fields the caller sent, wire names, nulls included."""
    return model.model_dump(by_alias=True, exclude_unset=True, mode="json")


def patched(content: Mapping[str, Any], fields: Mapping[str, Any]) -> Change:
    """Apply a PATCH: what is sent overwrites, null and "" erase, lists of consents merge by id."""
    after = dict(content)
    for name, value in fields.items():
        after[name] = _merged(name, content.get(name), value)
    changed = tuple(name for name in fields if after[name] != content.get(name))
    blanked = tuple(name for name in fields if not fields[name] and content.get(name))
    return Change(after, blanked, changed)


def all_preferences(*given: Mapping[str, Any] | None) -> dict[str, bool]:
    """Every preference, the last word counting; what nobody spoke of, and what was erased, is a no."""
    known = dict.fromkeys(PREFERENCES, False)
    for preferences in given:
        known |= {name: bool(value) for name, value in (preferences or {}).items()}
    return known


def _merged(name: str, before: Any, value: Any) -> Any:
    if name == "preferences":
        return all_preferences(before, value)
    if name == "consents" and value:
        return list({consent["id"]: consent for consent in [*(before or []), *value]}.values())
    return value if value != "" else None
