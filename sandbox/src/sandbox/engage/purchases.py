"""Receipt and order endpoints."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_object
from sandbox.engage.book import Book, ReceiptRecord
from sandbox.engage.order_model import Order, check_order
from sandbox.engage.receipt_model import Receipt, check_receipt
from sandbox.engage.refusals import Refusal
from sandbox.engage.wire import ContactMatch

_MATCH_FIELDS = {
    "email": "email",
    "socialsecuritynumber": "socialSecurityNumber",
    "mobilephone": "mobilePhone",
    "externalid": "externalId",
    "membernumber": "memberNumber",
}
_MATCHLESS = frozenset({"cardid", "membernumberwithcardnumberasfallback"})


def matched_contact(book: Book, match: ContactMatch) -> str:
    """The contact's id; the type defaults to Member. Raises Refusal 400, 404 or 409."""
    kind = match.match_key_type.lower()
    if kind == "contactid":
        return str(book.contacts.get(match.match_key)["id"])
    if kind in _MATCH_FIELDS:
        return book.contacts.find(
            _MATCH_FIELDS[kind], match.match_key, contact_type=match.contact_type or "Member"
        )
    if kind in _MATCHLESS:
        return book.contacts.find(
            "memberNumber", match.match_key, contact_type=match.contact_type or "Member"
        )
    raise Refusal(400, "InvalidMatchKeyType", repr(match.match_key_type), field="contact.matchKeyType")


async def take_receipt(request: Request) -> Response:
    """202, empty: accepted, also when the id is known and the content is therefore ignored."""
    book: Book = request.app.state.book
    content = await json_object(request)
    receipt = Receipt.read(content)
    check_receipt(receipt)
    known = book.receipts.get(receipt.unique_receipt_id)
    if known:
        known.times_received += 1
        known.times_different += content != known.content
        fields = content.keys() | known.content.keys()
        known.differing_fields = sorted(f for f in fields if content.get(f) != known.content.get(f))
        return Response(status_code=202)
    contact_id = matched_contact(book, receipt.contact)
    _create_store_by_accident(book, receipt.store_external_id)
    book.receipts[receipt.unique_receipt_id] = ReceiptRecord(content, contact_id)
    return Response(status_code=202)


def _create_store_by_accident(book: Book, external_id: str) -> None:
    if external_id not in book.stores:
        book.stores[external_id] = {"externalId": external_id, "name": external_id, "active": True}
        book.counts["stores_created_by_accident"] += 1


async def take_order(request: Request) -> Response:
    """200, empty: one e-mail went to the customer, each time."""
    book: Book = request.app.state.book
    content = await json_object(request)
    order = Order.read(content)
    check_order(order, statuses=book.statuses)
    contact_id = matched_contact(book, order.contact)
    book.mails[(order.order_number, order.order_status)] += 1
    book.orders.append({"contactId": contact_id, **content})
    return Response(status_code=200)


ROUTES = [
    Route("/api/v3/receipts", take_receipt, methods=["POST"]),
    Route("/api/v2/receipts", take_receipt, methods=["POST"]),
    Route("/api/v2/orders", take_order, methods=["POST"]),
]
