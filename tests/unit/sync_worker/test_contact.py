"""Customers as contacts: nothing empty is ever sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.mapping.contact import buyer_fields, changed_fields, contact_fields, international_phone
from sync_worker.mapping.matching import ContactMatch, best_match
from tests.unit.sync_worker.bodies import CUSTOMER_ID, customer, order


def test_a_customer_becomes_a_contact() -> None:
    assert contact_fields(customer()) == {
        "externalId": str(CUSTOMER_ID),
        "email": "kim@example.com",
        "mobilePhone": "+46700000000",
        "firstName": "Kim",
        "lastName": "Åberg",
        "street": "Storgatan 1",
        "zipCode": "211 34",
        "city": "Malmö",
        "countryCode": "SE",
    }


def test_a_customer_of_whom_nothing_is_known_has_an_external_id() -> None:
    bare = customer(email=None, phone=" ", first_name="", last_name=None, default_address=None)
    assert contact_fields(bare) == {"externalId": str(CUSTOMER_ID)}


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("+46 (70) 000-00.00", "+46700000000"),
        ("555-555-5555", None),
        ("+0123456789", None),
        ("+46x700000000", None),
        (None, None),
    ],
)
def test_a_phone_is_taken_only_in_international_form(phone: str | None, expected: str | None) -> None:
    assert international_phone(phone) == expected


def test_only_what_differs_is_sent() -> None:
    wanted = {"email": "Kim@Example.com", "city": "Malmö", "firstName": "Kim"}
    assert changed_fields(wanted, {"email": "kim@example.com", "city": "Lund", "lastName": "Åberg"}) == {
        "city": "Malmö",
        "firstName": "Kim",
    }


FIELDS = st.dictionaries(st.sampled_from(["email", "city", "street", "externalId"]), st.text(max_size=3))


@given(wanted=FIELDS, known=FIELDS)
def test_a_change_never_blanks_and_leaves_nothing_to_do(
    wanted: dict[str, str], known: dict[str, str]
) -> None:
    changes = changed_fields(wanted, known)
    assert all(changes.values())
    assert changes.items() <= wanted.items()
    assert changed_fields(wanted, known | changes) == {}


def test_the_buyer_is_the_customer_with_what_only_the_order_knows() -> None:
    ordered = order(
        email="other@example.com",
        phone="+46700000001",
        customer_locale="sv-SE",
        billing_address={"first_name": "K"},
    )
    assert buyer_fields(ordered) == {
        "email": "kim@example.com",
        "mobilePhone": "+46700000001",
        "firstName": "K",
        "lang": "sv-SE",
        "externalId": str(CUSTOMER_ID),
    }


def test_an_order_without_a_customer_belongs_to_its_address() -> None:
    guest = order(customer=None, email=None, contact_email="guest@example.com")
    assert best_match(buyer_fields(guest)) == ContactMatch("guest@example.com", "Email")


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"email": "k@x.io", "mobilePhone": "+461", "externalId": "7"}, ContactMatch("k@x.io", "Email")),
        ({"mobilePhone": "+461", "externalId": "7"}, ContactMatch("+461", "MobilePhone")),
        ({"externalId": "7", "email": None}, ContactMatch("7", "ExternalId")),
        ({"firstName": "Kim"}, None),
    ],
)
def test_the_best_known_key_is_used(fields: dict[str, str], match: ContactMatch | None) -> None:
    assert best_match(fields) == match
