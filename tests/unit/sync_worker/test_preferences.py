"""Which of the shop's consents and the CRM's preferences is told to the other side."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.envelope import Payload
from shared.errors import Rejected
from sync_worker.contact_events import told_at, told_channel
from sync_worker.mapping.contact import contact_fields_of_consent
from sync_worker.mapping.preferences import (
    Preference,
    accepts,
    changed_there,
    consent_input,
    contact_preferences,
    due,
    to_write,
    unsent,
)
from sync_worker.shopify.consents import (
    Channel,
    Consent,
    EmailConsentChange,
    SmsConsentChange,
    TagChange,
)
from sync_worker.shopify.reading import read

NOW = datetime(2026, 11, 20, 16, 15, 47, tzinfo=UTC)
EMAIL, SMS = Channel.EMAIL, Channel.SMS
YES = Consent(state="subscribed", consent_updated_at=NOW)
NO = Consent(state="unsubscribed", consent_updated_at=NOW)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("subscribed", True),
        ("SUBSCRIBED", True),
        ("unsubscribed", False),
        ("not_subscribed", False),
        ("pending", None),
        ("invalid", None),
        ("redacted", None),
        ("something new", None),
        (None, None),
    ],
)
def test_only_a_confirmed_consent_is_a_yes(state: str | None, says: bool | None) -> None:
    assert accepts(Consent(state=state)) is says


def test_a_yes_is_due() -> None:
    assert due({EMAIL: YES}, {}, [EMAIL], two_way=False).values == {EMAIL: True}


def test_a_no_is_due_only_where_preferences_go_both_ways() -> None:
    refused = due({EMAIL: NO}, {}, [EMAIL], two_way=False)
    assert refused.values == {}
    assert refused.reasons == ("acceptsEmail: a no is not sent to the CRM (setting 'two_way_preferences')",)
    assert due({EMAIL: NO}, {}, [EMAIL], two_way=True).values == {EMAIL: False}


def test_a_consent_that_waits_for_its_confirmation_is_not_sent() -> None:
    waiting = due({SMS: Consent(state="pending")}, {}, [SMS], two_way=True)
    assert (waiting.values, waiting.reasons) == (
        {},
        ("acceptsSms: the consent is pending, neither a yes nor a no",),
    )


def test_only_the_channels_asked_for_are_due() -> None:
    assert due({EMAIL: YES, SMS: YES}, {}, [SMS], two_way=False).values == {SMS: True}
    assert due({}, {}, [EMAIL, SMS], two_way=False).values == {}


@pytest.mark.parametrize(("later", "values"), [(1, {}), (0, {}), (-1, {EMAIL: True})])
def test_what_was_said_later_in_the_crm_stays(later: int, values: dict[Channel, bool]) -> None:
    known = {EMAIL: Preference(value=False, changed_at=NOW + timedelta(seconds=later))}
    assert due({EMAIL: YES}, known, [EMAIL], two_way=False).values == values


def test_a_no_that_we_wrote_ourselves_is_overruled_by_a_yes() -> None:
    assert due({EMAIL: YES}, {EMAIL: Preference(value=False)}, [EMAIL], two_way=False).values == {EMAIL: True}


def test_without_a_time_the_crm_is_right() -> None:
    known = {EMAIL: Preference(value=False, changed_at=NOW)}
    assert due({EMAIL: Consent(state="subscribed")}, known, [EMAIL], two_way=False).values == {}


def test_a_consent_is_unsent_until_the_crm_was_told_or_told_us() -> None:
    assert unsent({EMAIL: YES, SMS: NO}, {}, two_way=False) == {EMAIL}
    assert unsent({EMAIL: YES, SMS: NO}, {}, two_way=True) == {EMAIL, SMS}
    assert unsent({EMAIL: YES}, {EMAIL: Preference(value=False)}, two_way=False) == frozenset()


@pytest.mark.parametrize("given", [None, {}, [], {"acceptsEmail": None}, {"acceptsEmail": "yes"}])
def test_a_preference_the_crm_does_not_have_is_a_no(given: Any) -> None:
    assert contact_preferences({"preferences": given}) == {EMAIL: False, SMS: False}


def test_what_differs_from_the_last_known_was_changed_in_the_crm() -> None:
    known = {EMAIL: Preference(value=True), SMS: Preference(value=True)}
    assert changed_there(known, {EMAIL: False, SMS: True}, None) == {EMAIL}
    assert changed_there(known, {EMAIL: True, SMS: True}, EMAIL) == frozenset()


def test_where_nothing_is_known_the_event_says_what_changed() -> None:
    now = {EMAIL: False, SMS: False}
    assert changed_there({}, now, SMS) == {SMS}
    assert changed_there({}, now, None) == frozenset()


@pytest.mark.parametrize(
    ("consent", "value", "written"),
    [
        (YES, True, {}),
        (YES, False, {EMAIL: False}),
        (NO, False, {}),
        (Consent(state="not_subscribed"), False, {}),
        (Consent(state="not_subscribed"), True, {EMAIL: True}),
        (Consent(state="pending"), False, {EMAIL: False}),
        (None, False, {EMAIL: False}),
        (None, True, {EMAIL: True}),
    ],
)
def test_the_shop_is_written_where_it_says_otherwise(
    consent: Consent | None, value: bool, written: dict[Channel, bool]
) -> None:
    consents = {EMAIL: consent} if consent else {}
    assert to_write(consents, {EMAIL: Preference(value=value)}, [EMAIL]) == written
    assert to_write(consents, {SMS: Preference(value=value)}, [EMAIL]) == {}


@pytest.mark.parametrize("value", [True, False])
def test_a_consent_is_written_in_the_words_the_shop_takes(value: bool) -> None:
    written = consent_input(None, is_accepted=value, now=NOW)
    assert written == {
        "marketingState": "SUBSCRIBED" if value else "UNSUBSCRIBED",
        "marketingOptInLevel": "SINGLE_OPT_IN",
        "consentUpdatedAt": "2026-11-20T16:15:47+00:00",
    }
    confirmed = Consent(state="subscribed", opt_in_level="confirmed_opt_in")
    assert consent_input(confirmed, is_accepted=value, now=NOW)["marketingOptInLevel"] == "CONFIRMED_OPT_IN"


def test_each_kind_of_consent_is_read_from_its_own_keys() -> None:
    email = read(
        EmailConsentChange,
        b'{"customer_id": 706405506930370084, "email_address": "bob@biller.com", "email_marketing_consent":'
        b' {"state": "not_subscribed", "opt_in_level": null, "consent_updated_at": null}}',
        what="consent",
    )
    assert (email.id, email.address, email.consent.state) == (
        "706405506930370084", "bob@biller.com", "not_subscribed",
    )  # fmt: skip
    sms = read(
        SmsConsentChange,
        b'{"id": 7, "phone": "+46700000000", "sms_marketing_consent": {"state": "subscribed", "opt_in_level":'
        b' "single_opt_in", "consent_updated_at": "2026-11-20T17:15:47+01:00"}}',
        what="consent",
    )
    assert (sms.id, sms.address, sms.consent.consent_updated_at) == ("7", "+46700000000", NOW)


def test_tags_name_the_customer_by_a_global_id() -> None:
    change = read(
        TagChange,
        b'{"customerId": "gid://shopify/Customer/7", "tags": ["vip", " ", "new"], '
        b'"occurredAt": "2026-11-20T16:15:47.5Z"}',
        what="change of tags",
    )
    assert (change.id, change.names) == ("7", ["vip", "new"])
    assert change.occurred_at == NOW + timedelta(milliseconds=500)


@pytest.mark.parametrize(
    "body",
    [
        b'{"customer_id": 7}',
        b'{"customer_id": 7, "email_marketing_consent": null}',
        b'{"email_marketing_consent": {}}',
    ],
)
def test_a_consent_without_its_parts_is_refused(body: bytes) -> None:
    with pytest.raises(Rejected, match="consent sent by the shop"):
        read(EmailConsentChange, body, what="consent")


def test_a_consent_alone_makes_a_contact_that_can_be_found_again() -> None:
    assert contact_fields_of_consent("7", EMAIL, "kim@example.com") == {
        "externalId": "7", "email": "kim@example.com",
    }  # fmt: skip
    assert contact_fields_of_consent("7", SMS, "+46 70-000 00 00") == {
        "externalId": "7", "mobilePhone": "+46700000000",
    }  # fmt: skip
    assert contact_fields_of_consent("7", SMS, None) == {"externalId": "7"}


def test_an_event_says_what_changed_and_when_it_was_sent() -> None:
    assert told_channel("contact.acceptsEmail.changed") is EMAIL
    assert told_channel("contact.acceptsSms.changed") is SMS
    assert told_channel("contact.updated") is None
    sent = Payload(body=b"", headers={"webhook-timestamp": str(int(NOW.timestamp()))})
    assert told_at(sent, datetime.min.replace(tzinfo=UTC)) == NOW
    assert told_at(Payload(body=b""), NOW) == NOW
