"""The CRM's contacts: how they are made, found, changed and refused."""

from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import API_KEY


async def counts(control: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await control.get("/engage/counts")).json()
    return found


async def test_a_call_without_the_right_key_is_unauthorised(crm: httpx.AsyncClient) -> None:
    answer = await crm.get("/api/v3/stores", headers={"apikey": "wrong"})
    assert (answer.status_code, answer.json()["errorCode"]) == (401, "Unauthorized")


async def test_a_call_that_does_not_name_its_application_is_refused(crm: httpx.AsyncClient) -> None:
    answer = await crm.get("/api/v3/stores", headers={"User-Agent": ""})
    assert (answer.status_code, answer.json()["errorCode"]) == (403, "UserAgentRequired")


async def test_a_write_without_a_json_content_type_gets_the_documented_500(crm: httpx.AsyncClient) -> None:
    answer = await crm.post("/api/v3/contacts", content=b'{"email":"a@example.com"}')
    assert (answer.status_code, answer.json()["message"]) == (500, "An error has occurred")


async def test_a_new_contact_keeps_its_fields_and_where_it_came_from(crm: httpx.AsyncClient) -> None:
    query = {"source": "ECOM", "storeExternalId": "600", "createAsUnapproved": "true"}
    body = {"firstName": "Åsa", "email": "asa@example.com", "preferences": {"acceptsEmail": True}}
    created = await crm.post("/api/v3/contacts", params=query, json=body)
    assert created.status_code == 201
    contact = (await crm.get(f"/api/v3/contacts/{created.json()}")).json()
    assert contact["firstName"] == "Åsa"
    assert contact["contactType"] == "Member"
    assert contact["preferences"] == {"acceptsEmail": True, "acceptsSms": False, "acceptsPostal": False}
    assert (contact["source"], contact["recruitedByStore"], contact["isApproved"]) == ("ECOM", "600", False)


@pytest.mark.parametrize(
    "taken", [{"email": "KIM@example.com"}, {"mobilePhone": "+46700000001"}, {"externalId": "77"}]
)
async def test_a_taken_key_is_a_conflict(crm: httpx.AsyncClient, taken: dict[str, str]) -> None:
    first = {"email": "kim@example.com", "mobilePhone": "+46700000001", "externalId": "77"}
    assert (await crm.post("/api/v3/contacts", json=first)).status_code == 201
    answer = await crm.post("/api/v3/contacts", json=taken)
    assert answer.status_code == 409
    assert answer.json()["field"] == next(iter(taken))


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"firstName": "Nobody"}, "MissingKey", "email"),
        ({"email": "no-at-sign"}, "InvalidEmailAddress", "email"),
        ({"mobilePhone": "0700-000000"}, "InvalidPhoneNumber", "mobilePhone"),
        ({"email": "a@example.com", "contactType": "Robot"}, "InvalidContactType", "contactType"),
        ({"email": "a@example.com", "shoeSize": 44}, "ValidationFailed", "shoeSize"),
        ({"email": "a@example.com", "firstName": 7}, "ValidationFailed", "firstName"),
        (
            {"email": "a@example.com", "preferences": {"acceptsFax": True}},
            "ValidationFailed",
            "preferences.acceptsFax",
        ),
    ],
)
async def test_an_ill_formed_contact_is_refused_naming_the_field(
    crm: httpx.AsyncClient, body: dict[str, Any], code: str, field: str
) -> None:
    answer = await crm.post("/api/v3/contacts", json=body)
    assert (answer.status_code, answer.json()["errorCode"], answer.json()["field"]) == (400, code, field)


async def test_a_body_that_is_not_json_is_refused(crm: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await crm.post("/api/v3/contacts", content=b"{", headers=headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "InvalidBody")


@pytest.mark.parametrize(
    "query", [{"email": "KIM@example.com"}, {"customKey": "6148732321001"}, {"any": "kim@example.com"}]
)
async def test_the_id_lookup_answers_a_bare_json_string(
    crm: httpx.AsyncClient, kim: dict[str, Any], query: dict[str, str]
) -> None:
    answer = await crm.get("/api/v3/contacts/id", params=query)
    assert (answer.status_code, answer.json()) == (200, kim["id"])


async def test_a_custom_key_that_looks_like_a_phone_number_is_not_found_by_any(
    crm: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    answer = await crm.get("/api/v3/contacts/id", params={"any": kim["externalId"]})
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "ContactNotFound")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({}, 400, "InvalidSearchQuery"),
        ({"email": "nonsense"}, 400, "InvalidEmailAddress"),
        ({"mobilePhone": "nonsense"}, 400, "InvalidPhoneNumber"),
        ({"email": "who@example.com"}, 404, "ContactNotFound"),
        ({"email": "kim@example.com", "contactType": "Robot"}, 400, "InvalidContactType"),
        ({"email": "kim@example.com", "contactType": "Contact"}, 404, "ContactNotFound"),
    ],
)
async def test_the_id_lookup_says_why_it_finds_nothing(
    crm: httpx.AsyncClient, kim: dict[str, Any], query: dict[str, str], status: int, code: str
) -> None:
    answer = await crm.get("/api/v3/contacts/id", params=query)
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)


async def test_one_address_in_two_contact_types_matches_many(
    crm: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    twin = await crm.post("/api/v3/contacts", json={"email": kim["email"], "contactType": "Contact"})
    assert twin.status_code == 201
    answer = await crm.get("/api/v3/contacts/id", params={"email": kim["email"]})
    assert (answer.status_code, answer.json()["errorCode"]) == (409, "MultipleMatches")
    narrowed = await crm.get("/api/v3/contacts/id", params={"email": kim["email"], "contactType": "contact"})
    assert narrowed.json() == twin.json()


async def test_contacts_are_found_by_external_id_and_by_key(
    crm: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    by_external_id = await crm.get(f"/api/v3/contacts/Member/byexternalid/{kim['externalId']}")
    by_key = await crm.get("/api/v3/contacts/Member/bykey", params={"keyValue": kim["email"]})
    assert by_external_id.json()["id"] == by_key.json()["id"] == kim["id"]
    unknown = await crm.get("/api/v3/contacts/Member/byexternalid/1")
    assert (unknown.status_code, unknown.json()["errorCode"]) == (404, "ContactNotFound")


async def test_a_patch_changes_only_what_it_sends(
    crm: httpx.AsyncClient, control: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    patched = await crm.patch(f"/api/v3/contacts/{kim['id']}", json={"lastName": "Öst", "city": "Malmö"})
    assert patched.status_code == 200
    assert (patched.json()["firstName"], patched.json()["lastName"], patched.json()["city"]) == (
        "Kim",
        "Öst",
        "Malmö",
    )
    assert (await counts(control))["fields_blanked"] == 0


@pytest.mark.parametrize("nothing", [None, ""])
async def test_a_patch_with_an_empty_value_erases_and_is_counted(
    crm: httpx.AsyncClient, control: httpx.AsyncClient, kim: dict[str, Any], nothing: str | None
) -> None:
    patched = await crm.patch(f"/api/v3/contacts/{kim['id']}", json={"lastName": nothing})
    assert patched.json()["lastName"] is None
    assert (await counts(control))["fields_blanked"] == 1


async def test_a_patch_with_an_unknown_field_is_refused_naming_it(
    crm: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    answer = await crm.patch(f"/api/v3/contacts/{kim['id']}", json={"contactType": "Contact"})
    assert (answer.status_code, answer.json()["field"]) == (400, "contactType")


async def test_a_patched_key_finds_the_contact_and_the_old_one_no_more(
    crm: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    await crm.patch(f"/api/v3/contacts/{kim['id']}", json={"email": "kim.new@example.com"})
    found = await crm.get("/api/v3/contacts/id", params={"email": "kim.new@example.com"})
    gone = await crm.get("/api/v3/contacts/id", params={"email": "kim@example.com"})
    assert (found.json(), gone.status_code) == (kim["id"], 404)


async def test_a_patch_onto_a_taken_key_is_a_conflict(crm: httpx.AsyncClient, kim: dict[str, Any]) -> None:
    await crm.post("/api/v3/contacts", json={"email": "alex@example.com"})
    answer = await crm.patch(f"/api/v3/contacts/{kim['id']}", json={"email": "alex@example.com"})
    assert answer.status_code == 409


async def test_a_deleted_contact_is_gone(crm: httpx.AsyncClient, kim: dict[str, Any]) -> None:
    assert (await crm.delete(f"/api/v3/contacts/{kim['id']}")).status_code == 204
    assert (await crm.get(f"/api/v3/contacts/{kim['id']}")).status_code == 404
    assert (await crm.get("/api/v3/contacts/id", params={"email": kim["email"]})).status_code == 404


async def test_a_preference_is_set_alone_and_approves_the_contact(crm: httpx.AsyncClient) -> None:
    body = {"email": "a@example.com", "preferences": {"acceptsSms": True}}
    created = await crm.post("/api/v3/contacts", params={"createAsUnapproved": "true"}, json=body)
    contact = await crm.post(
        f"/api/v2/contacts/{created.json()}/preferences/acceptsEmail", json={"value": True}
    )
    given = {"acceptsSms": True, "acceptsEmail": True, "acceptsPostal": False}
    assert contact.json()["preferences"] == given
    assert contact.json()["isApproved"] is True


async def test_the_contact_type_changes_only_through_its_own_endpoint(
    crm: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    answer = await crm.post(
        f"/api/v3/contacts/{kim['id']}/updateContactType", params={"contactTypeId": "Contact"}, json={}
    )
    assert answer.json()["contactType"] == "Contact"


async def test_consents_of_a_patch_merge_by_id(crm: httpx.AsyncClient, kim: dict[str, Any]) -> None:
    path = f"/api/v3/contacts/{kim['id']}"
    await crm.patch(path, json={"consents": [{"id": "memberConsent", "value": True}]})
    patched = await crm.patch(path, json={"consents": [{"id": "newsletter", "value": False}]})
    assert {c["id"]: c["value"] for c in patched.json()["consents"]} == {
        "memberConsent": True,
        "newsletter": False,
    }
    definitions = (await crm.get("/api/v3/consents")).json()
    assert {definition["id"] for definition in definitions} >= {"memberConsent"}


async def test_the_journal_keeps_requests_without_the_key(
    crm: httpx.AsyncClient, control: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    listed = await control.get("/engage/requests", params={"limit": 1})
    (request,) = listed.json()["requests"]
    assert (request["method"], request["path"], request["status"]) == ("POST", "/api/v3/contacts", 201)
    assert request["body"]["email"] == kim["email"]
    assert API_KEY not in listed.text


async def test_a_reset_empties_the_crm(
    crm: httpx.AsyncClient, control: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    assert (await control.get("/engage/contacts", params={"email": kim["email"]})).json()["count"] == 1
    await control.post("/engage/reset")
    found = await counts(control)
    assert (found["contacts"], found["requests"]["total"]) == (0, 0)
