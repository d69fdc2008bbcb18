"""Contact endpoints."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer, json_object
from sandbox.engage.book import Book
from sandbox.engage.contact_model import (
    PREFERENCES,
    ContactFields,
    NewContact,
    check_keys,
    contact_type_named,
    given_fields,
    is_email,
    is_phone_like,
)
from sandbox.engage.refusals import Refusal
from sandbox.engage.wire import BoolValue


async def create_contact(request: Request) -> Response:
    """201 with the new id as a bare JSON string."""
    book: Book = request.app.state.book
    model = NewContact.read(await json_object(request))
    fields = {"contactType": model.contact_type, **given_fields(model)}
    check_keys(fields)
    contact_id = book.contacts.create(fields, origin=_origin(request))
    location = f"{request.url.replace(query='')}/{contact_id}"
    return json_answer(contact_id, status=201, headers={"Location": location})


def _origin(request: Request) -> dict[str, Any]:
    unapproved = request.query_params.get("createAsUnapproved", "false")
    if unapproved.lower() not in ("true", "false"):
        raise Refusal(400, "ValidationFailed", repr(unapproved), field="createAsUnapproved")
    return {
        "source": request.query_params.get("source"),
        "recruitedByStore": request.query_params.get("storeExternalId"),
        "isApproved": unapproved.lower() == "false",
    }


async def find_contact_id(request: Request) -> Response:
    """200 with a bare JSON string; 400, 404 ContactNotFound or 409 MultipleMatches."""
    book: Book = request.app.state.book
    contact_type = request.query_params.get("contactType")
    for parameter in ("email", "mobilePhone", "socialSecurityNumber", "customKey", "any"):
        value = request.query_params.get(parameter)
        if value is not None:
            return json_answer(_find(book, parameter, value, contact_type))
    raise Refusal(400, "InvalidSearchQuery", "give email, mobilePhone, customKey or any")


def _find(book: Book, parameter: str, value: str, contact_type: str | None) -> str:
    match parameter:
        case "email" if not is_email(value):
            raise Refusal(400, "InvalidEmailAddress", repr(value), field="email")
        case "mobilePhone" if not is_phone_like(value):
            raise Refusal(400, "InvalidPhoneNumber", repr(value), field="mobilePhone")
        case "customKey":
            return book.contacts.find_custom_key(value, contact_type=contact_type)
        case "any":
            return book.contacts.find_any(value, contact_type=contact_type)
        case _:
            return book.contacts.find(parameter, value, contact_type=contact_type)


async def find_by_external_id(request: Request) -> Response:
    book: Book = request.app.state.book
    contact_type, external_id = (request.path_params["contact_type"], request.path_params["external_id"])
    contact_type_named(contact_type)
    return json_answer(
        book.contacts.get(book.contacts.find("externalId", external_id, contact_type=contact_type))
    )


async def find_by_key(request: Request) -> Response:
    """The key of a contact type here is e-mail, else phone, else the custom key."""
    book: Book = request.app.state.book
    value = request.query_params.get("keyValue")
    if not value:
        raise Refusal(400, "InvalidSearchQuery", "keyValue is required", field="keyValue")
    found = book.contacts.find_any(value, contact_type=request.path_params["contact_type"])
    return json_answer(book.contacts.get(found))


async def show_contact(request: Request) -> Response:
    book: Book = request.app.state.book
    return json_answer(book.contacts.get(request.path_params["contact_id"]))


async def patch_contact(request: Request) -> Response:
    """200 with the contact; a null or empty value erases."""
    book: Book = request.app.state.book
    fields = given_fields(ContactFields.read(await json_object(request)))
    check_keys(fields)
    return json_answer(book.contacts.patch(request.path_params["contact_id"], fields))


async def delete_contact(request: Request) -> Response:
    request.app.state.book.contacts.delete(request.path_params["contact_id"])
    return Response(status_code=204)


async def update_contact_type(request: Request) -> Response:
    book: Book = request.app.state.book
    contact = book.contacts.get(request.path_params["contact_id"])
    contact_type = contact_type_named(request.query_params.get("contactTypeId", ""))
    book.contacts.replace(contact["id"], {**contact, "contactType": contact_type})
    return json_answer(book.contacts.get(contact["id"]))


async def set_preference(request: Request) -> Response:
    """Sets one preference and approves the contact."""
    book: Book = request.app.state.book
    contact = book.contacts.get(request.path_params["contact_id"])
    name = request.path_params["preference"]
    if name not in PREFERENCES:
        raise Refusal(404, "NotFound", f"no preference {name!r}")
    value = BoolValue.read(await json_object(request)).value
    preferences = {**(contact.get("preferences") or {}), name: value}
    book.contacts.replace(contact["id"], {**contact, "preferences": preferences, "isApproved": True})
    book.counts["preferences_set"] += 1
    return json_answer(book.contacts.get(contact["id"]))


ROUTES = [
    Route("/api/v3/contacts", create_contact, methods=["POST"]),
    Route("/api/v3/contacts/id", find_contact_id, methods=["GET"]),
    Route("/api/v3/contacts/{contact_type}/byexternalid/{external_id}", find_by_external_id, methods=["GET"]),
    Route("/api/v3/contacts/{contact_type}/bykey", find_by_key, methods=["GET"]),
    Route("/api/v3/contacts/{contact_id}", show_contact, methods=["GET"]),
    Route("/api/v3/contacts/{contact_id}", patch_contact, methods=["PATCH"]),
    Route("/api/v3/contacts/{contact_id}", delete_contact, methods=["DELETE"]),
    Route("/api/v3/contacts/{contact_id}/updateContactType", update_contact_type, methods=["POST"]),
    Route("/api/v2/contacts/{contact_id}/preferences/{preference}", set_preference, methods=["POST"]),
]
