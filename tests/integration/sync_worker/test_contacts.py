"""The newest state of a customer becomes one contact, whatever the CRM does meanwhile."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from shared.errors import (
    Misconfigured,
    Obsolete,
    RateLimited,
    Rejected,
    Retryable,
    Unavailable,
    UnknownOutcome,
)
from shared.tasks import TaskType
from tests.integration.sync_worker.world import API_KEY, Done, World, once
from tests.unit.sync_worker.bodies import CUSTOMER_ID, customer_body

CREATE, FIND, BY_EXTERNAL_ID = (
    "POST /api/v3/contacts",
    "GET /api/v3/contacts/id",
    f"GET /api/v3/contacts/Member/byexternalid/{CUSTOMER_ID}",
)
LATER = "2026-11-20T18:00:00+01:00"


async def sync(world: World, **changes: Any) -> Done:
    """The customer as it is now, sent to the CRM."""
    await world.deliver("customers/update", customer_body(**changes))
    return await again(world)


async def again(world: World) -> Done:
    return await world.sync(TaskType.SYNC_CONTACT, CUSTOMER_ID)


async def test_an_unknown_customer_is_looked_up_and_created(world: World) -> None:
    done = await sync(world)
    assert done.requests == [BY_EXTERNAL_ID, FIND, CREATE]
    (contact,) = await world.contacts()
    assert (contact["email"], contact["externalId"], contact["source"]) == (
        "kim@example.com",
        str(CUSTOMER_ID),
        "ECOM",
    )
    assert done.outcome is not None
    assert done.outcome.target_id == contact["id"]
    row = await world.customer_row(CUSTOMER_ID)
    assert row["contact_id"] == contact["id"]
    assert row["synced"]["city"] == "Malmö"


async def test_every_call_is_recorded_without_the_key(world: World) -> None:
    done = await sync(world)
    create = done.calls[-1]
    assert (create.status, create.api, orjson.loads(create.request_body)["firstName"]) == (
        201,
        "Engage",
        "Kim",
    )
    assert create.request_headers["user-agent"].startswith("syncledger/")
    assert API_KEY not in repr(done.calls)
    assert create.duration_ms > 0


async def test_a_known_contact_gets_only_what_changed(world: World) -> None:
    await sync(world)
    done = await sync(world, updated_at=LATER, first_name="Kimberly", phone=None)
    (patch,) = done.calls
    assert (patch.method, orjson.loads(patch.request_body)) == ("PATCH", {"firstName": "Kimberly"})
    (contact,) = await world.contacts()
    assert (contact["firstName"], contact["mobilePhone"]) == ("Kimberly", "+46700000000")
    assert (await world.counts())["fields_blanked"] == 0
    assert (await world.customer_row(CUSTOMER_ID))["synced"]["mobilePhone"] == "+46700000000"


async def test_nothing_changed_is_no_call(world: World) -> None:
    await sync(world)
    done = await again(world)
    assert (done.calls, done.note) == ([], "Nothing was sent: the CRM already has these details")


async def test_a_contact_with_the_same_email_is_taken_over_with_what_differs(world: World) -> None:
    theirs = await world.create_contact(email="KIM@example.com", firstName="Kim", city="Lund")
    done = await sync(world)
    assert done.outcome is not None
    assert done.outcome.target_id == theirs
    (contact,) = await world.contacts()
    assert (contact["externalId"], contact["city"]) == (str(CUSTOMER_ID), "Malmö")
    assert "firstName" not in orjson.loads(done.calls[-1].request_body)


async def test_a_contact_with_the_external_id_is_found_first(world: World) -> None:
    theirs = await world.create_contact(externalId=str(CUSTOMER_ID), email="old@example.com")
    done = await sync(world)
    assert done.requests == [BY_EXTERNAL_ID, f"PATCH /api/v3/contacts/{theirs}"]
    assert [contact["email"] for contact in await world.contacts()] == ["kim@example.com"]


async def test_without_an_email_the_phone_finds_the_contact(world: World) -> None:
    theirs = await world.create_contact(mobilePhone="+46700000000")
    done = await sync(world, email=None)
    assert done.outcome is not None
    assert done.outcome.target_id == theirs


async def test_a_customer_of_whom_only_the_id_is_known_is_created_all_the_same(world: World) -> None:
    done = await sync(world, email=None, phone=None)
    assert done.requests == [BY_EXTERNAL_ID, CREATE]
    assert "external id only" in (done.note or "")


async def test_a_phone_that_is_not_international_is_left_out_and_said_so(world: World) -> None:
    done = await sync(world, phone="555-555-5555")
    assert "phone number was left out" in (done.note or "")
    assert "mobilePhone" not in (await world.contacts())[0]


async def test_a_contact_deleted_in_the_crm_is_made_again(world: World) -> None:
    await sync(world)
    (contact,) = await world.contacts()
    await world.delete_contact(contact["id"])
    done = await sync(world, updated_at=LATER, city="x", first_name="Kimberly")
    assert done.requests[1:] == [BY_EXTERNAL_ID, FIND, CREATE]
    (new,) = await world.contacts()
    assert (await world.customer_row(CUSTOMER_ID))["contact_id"] == new["id"] != contact["id"]


async def test_several_matches_are_for_a_person_to_merge(world: World) -> None:
    await world.set_account(settings={"contact_type": "Contact"})
    await world.create_contact(email="kim@example.com", contactType="Contact")
    await world.create_contact(mobilePhone="+46700000000", contactType="Contact")
    done = await sync(world)
    assert isinstance(done.error, Rejected)
    assert "merge the two contacts there" in done.error.message
    assert "kim@" not in done.error.message


async def test_a_customer_deleted_meanwhile_is_obsolete(world: World) -> None:
    await world.deliver("customers/create", customer_body())
    await world.deliver("customers/delete", {"id": CUSTOMER_ID})
    assert isinstance((await again(world)).error, Obsolete)


@pytest.mark.parametrize("route", [BY_EXTERNAL_ID, FIND, CREATE])
@pytest.mark.parametrize("fault", ["reset_before", "reset_after_effect", "slow", "server_error"])
async def test_whatever_breaks_a_repeat_ends_with_exactly_one_contact(
    world: World, route: str, fault: str
) -> None:
    await world.faults(once(route, fault))
    first = await sync(world)
    assert isinstance(first.error, Retryable)
    assert not isinstance(first.error, UnknownOutcome)
    assert first.calls[-1].status in (None, 200, 201, 404, 500)
    second = await again(world)
    assert second.error is None
    (contact,) = await world.contacts()
    assert (await world.customer_row(CUSTOMER_ID))["contact_id"] == contact["id"]


@pytest.mark.parametrize(
    ("route", "theirs"),
    [
        (BY_EXTERNAL_ID, {"externalId": str(CUSTOMER_ID)}),
        (FIND, {"email": "kim@example.com"}),
        ("GET /api/v3/contacts/{theirs}", {"email": "kim@example.com"}),
        (CREATE, None),
    ],
)
async def test_an_answer_that_is_not_json_is_retried(
    world: World, route: str, theirs: dict[str, str] | None
) -> None:
    contact_id = await world.create_contact(**theirs) if theirs else ""
    await world.faults(once(route.replace("{theirs}", contact_id), "malformed"))
    error = (await sync(world)).error
    assert isinstance(error, Retryable)
    assert error.kind == "malformed_answer"
    assert (await again(world)).error is None
    assert len(await world.contacts()) == 1


@pytest.mark.parametrize("fault", ["reset_before", "reset_after_effect", "slow", "server_error"])
async def test_a_broken_patch_is_repeated(world: World, fault: str) -> None:
    await sync(world)
    route = "PATCH /api/v3/contacts/{id}"
    await world.faults(once(route, fault))
    assert isinstance((await sync(world, updated_at=LATER, first_name="New")).error, Unavailable)
    assert (await again(world)).error is None
    assert (await world.contacts())[0]["firstName"] == "New"


@pytest.mark.parametrize(
    ("retry_after", "wanted"),
    [("2", timedelta(seconds=2)), ("2.5", timedelta(seconds=2.5)), (None, None), ("soon", None)],
)
async def test_the_wish_for_a_pause_is_passed_on(
    world: World, retry_after: str | None, wanted: timedelta | None
) -> None:
    for fault, kind in (("rate_limited", RateLimited), ("unavailable", Unavailable)):
        await world.faults({"fault": fault, "retry_after": retry_after})
        done = await sync(world)
        assert isinstance(done.error, kind)
        assert done.error.after == wanted


async def test_a_date_as_the_end_of_the_pause_is_understood(world: World) -> None:
    await world.faults({"fault": "rate_limited", "retry_after": "http-date+30"})
    error = (await sync(world)).error
    assert isinstance(error, RateLimited)
    assert timedelta(seconds=27) < (error.after or timedelta(0)) <= timedelta(seconds=30)


async def test_a_refused_key_is_the_accounts_problem(world: World) -> None:
    await world.faults({"fault": "unauthorised"})
    error = (await sync(world)).error
    assert isinstance(error, Misconfigured)
    assert (error.kind, error.answer.http_status) == ("authentication", 401)


async def test_data_the_crm_refuses_is_rejected_in_its_own_words(world: World) -> None:
    error = (await sync(world, email="kim-at-example")).error
    assert isinstance(error, Rejected)
    assert "Engage refused the data (400)" in error.message


async def test_a_crm_that_is_not_there_is_unavailable(world: World) -> None:
    await world.set_account(base_url="http://127.0.0.1:9/engage")
    done = await sync(world)
    assert isinstance(done.error, Unavailable)
    assert [(call.status, call.error) for call in done.calls] == [(None, "ConnectError")]


@pytest.mark.parametrize(
    "base_url", ["ftp://127.0.0.1/engage", "", "http://127.0.0.1:99999/engage", "http://[/engage"]
)
async def test_an_unusable_address_is_the_accounts_problem(world: World, base_url: str) -> None:
    await world.set_account(base_url=base_url)
    error = (await sync(world)).error
    assert isinstance(error, Misconfigured)
    assert error.kind == "configuration"


async def test_an_address_that_is_not_the_crm_is_the_accounts_problem(world: World) -> None:
    base = await world.pool.fetchval("SELECT base_url FROM store.accounts")
    await world.set_account(base_url=f"{base}/elsewhere/engage")
    error = (await sync(world)).error
    assert isinstance(error, Misconfigured)
    assert "address" in error.message


@pytest.mark.parametrize("credentials", [b"", b"rubbish"])
async def test_a_key_that_can_not_be_opened_is_the_accounts_problem(world: World, credentials: bytes) -> None:
    await world.set_account(credentials=credentials)
    error = (await sync(world)).error
    assert isinstance(error, Misconfigured)
    assert "enter it again" in error.message


async def test_an_account_without_a_key_or_with_unusable_settings_says_so(world: World) -> None:
    await world.set_account(credentials=world.vault.seal(b"{}"))
    assert "has no API key" in str((await sync(world)).error)
    await world.set_account(credentials=world.vault.seal(b'{"api_key": "k"}'), settings={"contact_type": 7})
    assert "The setting 'contact_type'" in str((await again(world)).error)


async def test_an_account_that_was_switched_off_gets_nothing(world: World) -> None:
    await world.deliver("customers/create", customer_body())
    await world.set_account(is_active=False)
    done = await again(world)
    assert isinstance(done.error, Obsolete)
    assert done.calls == []
