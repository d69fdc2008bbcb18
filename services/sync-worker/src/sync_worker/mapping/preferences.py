"""Marketing preferences between the shop's consents and the CRM's yes and no: what may be told to whom."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sync_worker.shopify.consents import Channel, Consent

NAMES = {Channel.EMAIL: "acceptsEmail", Channel.SMS: "acceptsSms"}
CHANNELS = {name: channel for channel, name in NAMES.items()}

_ACCEPTS = {"subscribed": True, "unsubscribed": False, "not_subscribed": False}
_DEFAULT_LEVEL = "single_opt_in"


class Preference(BaseModel):
    """`value` as the CRM last had it; `changed_at`: when it was changed there, None when we wrote it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    value: bool
    changed_at: AwareDatetime | None = None


Consents = Mapping[Channel, Consent]
Preferences = Mapping[Channel, Preference]


@dataclass(frozen=True, slots=True)
class Due:
    """What the CRM is to be told, and why anything else is not."""

    values: Mapping[Channel, bool]
    reasons: tuple[str, ...] = ()


def accepts(consent: Consent | None) -> bool | None:
    """None: the consent says neither yes nor no, such as one that waits for its confirmation."""
    return _ACCEPTS.get(consent.state or "") if consent else None


def due(consents: Consents, known: Preferences, channels: Collection[Channel], *, two_way: bool) -> Due:
    """What of these channels the CRM is to be told.

    The CRM is the master of preferences: it is told of a yes, of a no only if the account is set to. What was
    said there later than in the shop stays as it is.
    """
    values: dict[Channel, bool] = {}
    reasons: list[str] = []
    for channel in channels:
        value = accepts(consents.get(channel))
        reason = _why_not(consents.get(channel), known.get(channel), value, two_way=two_way)
        if reason is None and value is not None:
            values[channel] = value
        elif reason:
            reasons.append(f"{NAMES[channel]}: {reason}")
    return Due(values, tuple(reasons))


def unsent(consents: Consents, known: Preferences, *, two_way: bool) -> frozenset[Channel]:
    """The channels of which the CRM was never told, nor told us, and should be."""
    unknown = [channel for channel in NAMES if channel not in known]
    return frozenset(due(consents, known, unknown, two_way=two_way).values)


def contact_preferences(contact: Mapping[str, Any]) -> dict[Channel, bool]:
    """What the CRM has; a preference it never heard of is a no."""
    given = contact.get("preferences")
    found = given if isinstance(given, dict) else {}
    return {channel: found.get(name) is True for channel, name in NAMES.items()}


def changed_there(
    known: Preferences, now: Mapping[Channel, bool], told: Channel | None
) -> frozenset[Channel]:
    """What the CRM changed by itself. `told`: the channel of the event, which counts if none is known."""
    return frozenset(
        channel
        for channel, value in now.items()
        if (known[channel].value != value if channel in known else channel is told)
    )


def to_write(consents: Consents, known: Preferences, channels: Collection[Channel]) -> dict[Channel, bool]:
    """Where the shop's consent says otherwise than the CRM, or nothing."""
    wanted = {channel: known[channel].value for channel in channels if channel in known}
    return {
        channel: value for channel, value in wanted.items() if accepts(consents.get(channel)) is not value
    }


def consent_input(consent: Consent | None, *, is_accepted: bool, now: datetime) -> dict[str, str]:
    """The consent as the shop takes it. Shopify: NOT_SUBSCRIBED can not be written, UNSUBSCRIBED can."""
    level = (consent.opt_in_level if consent else None) or _DEFAULT_LEVEL
    return {
        "marketingState": "SUBSCRIBED" if is_accepted else "UNSUBSCRIBED",
        "marketingOptInLevel": level.upper(),
        "consentUpdatedAt": now.isoformat(timespec="seconds"),
    }


def _why_not(
    consent: Consent | None, known: Preference | None, value: bool | None, *, two_way: bool
) -> str | None:
    """Why the CRM is not told; None: it is, or there is nothing to say of it."""
    if consent is None:
        return None
    if value is None:
        return f"the consent is {consent.state or 'without a state'}, neither a yes nor a no"
    if not value and not two_way:
        return "a no is not sent to the CRM (setting 'two_way_preferences')"
    if known and known.changed_at and known.value is not value and not _is_later(consent, known.changed_at):
        return "it was said otherwise in the CRM later"
    return None


def _is_later(consent: Consent, moment: datetime) -> bool:
    said_at = consent.consent_updated_at or consent.triggered_at
    return said_at is not None and said_at > moment
