"""Store and consent endpoints."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer, json_object
from sandbox.engage.book import CONSENT_DEFINITIONS, Book
from sandbox.engage.refusals import Refusal
from sandbox.engage.wire import Store


async def list_stores(request: Request) -> Response:
    book: Book = request.app.state.book
    return json_answer(list(book.stores.values()))


async def create_store(request: Request) -> Response:
    """201; 400 without name or externalId, 409 for a known one."""
    book: Book = request.app.state.book
    store = Store.read(await json_object(request))
    if store.external_id in book.stores:
        raise Refusal(409, "StoreAlreadyExists", store.external_id, field="externalId")
    content = store.model_dump(by_alias=True, exclude_none=True)
    book.stores[store.external_id] = content
    return json_answer(content, status=201)


async def update_store(request: Request) -> Response:
    book: Book = request.app.state.book
    external_id = request.path_params["external_id"]
    if external_id not in book.stores:
        raise Refusal(404, "StoreNotFound", external_id)
    merged = Store.read({**book.stores[external_id], **await json_object(request), "externalId": external_id})
    book.stores[external_id] = merged.model_dump(by_alias=True, exclude_none=True)
    return json_answer(book.stores[external_id])


async def list_consents(_request: Request) -> Response:
    return json_answer(CONSENT_DEFINITIONS)


ROUTES = [
    Route("/api/v3/stores", list_stores, methods=["GET"]),
    Route("/api/v3/stores", create_store, methods=["POST"]),
    Route("/api/v3/stores/{external_id}", update_store, methods=["POST"]),
    Route("/api/v3/consents", list_consents, methods=["GET"]),
]
