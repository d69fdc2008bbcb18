"""Looking into the CRM, and emptying it: what tests compare with what they expect."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import InvalidInput, count_parameter, json_answer, json_object
from sandbox.engage.app import Engage


async def list_contacts(request: Request) -> Response:
    """All contacts; any query parameter filters by equality of that field."""
    engage: Engage = request.app.state.engage
    wanted = dict(request.query_params)
    found = [contact for contact in engage.book.contacts.contacts.values() if _has(contact, wanted)]
    return json_answer({"count": len(found), "contacts": found})


async def list_receipts(request: Request) -> Response:
    """One entry per uniqueReceiptId; any query parameter filters by a field of the receipt."""
    engage: Engage = request.app.state.engage
    wanted = dict(request.query_params)
    found = [
        {
            "uniqueReceiptId": receipt_id,
            "times_received": record.times_received,
            "times_different": record.times_different,
            "differing_fields": record.differing_fields,
            "contactId": record.contact_id,
            "receipt": record.content,
        }
        for receipt_id, record in engage.book.receipts.items()
        if _has(record.content, wanted)
    ]
    return json_answer({"count": len(found), "receipts": found})


async def list_orders(request: Request) -> Response:
    """How many e-mails each (orderNumber, orderStatus) caused, and the accepted requests."""
    engage: Engage = request.app.state.engage
    wanted = dict(request.query_params)
    mails = [
        {"orderNumber": number, "orderStatus": status, "times": times}
        for (number, status), times in engage.book.mails.items()
        if _has({"orderNumber": number, "orderStatus": status}, wanted)
    ]
    found = [order for order in engage.book.orders if _has(order, wanted)]
    return json_answer({"count": sum(mail["times"] for mail in mails), "mails": mails, "orders": found})


def _has(content: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    return all(str(content.get(name)) == value for name, value in wanted.items())


async def show_counts(request: Request) -> Response:
    engage: Engage = request.app.state.engage
    requests = {"total": engage.journal.total, "by_status": dict(engage.journal.statuses)}
    return json_answer({**engage.book.totals(), "requests": requests})


async def list_requests(request: Request) -> Response:
    """The last requests, newest first; `?limit=`, default 100."""
    engage: Engage = request.app.state.engage
    return json_answer({"requests": engage.journal.last(count_parameter(request, "limit", default=100))})


async def reset(request: Request) -> Response:
    engage: Engage = request.app.state.engage
    engage.reset()
    return json_answer({"reset": True})


async def show_statuses(request: Request) -> Response:
    engage: Engage = request.app.state.engage
    return json_answer({field: sorted(known) for field, known in engage.book.statuses.items()})


async def set_statuses(request: Request) -> Response:
    """Which orderStatus and paymentStatus values exist in this Engage: `{"orderStatus": [...], ...}`."""
    engage: Engage = request.app.state.engage
    for field, known in (await json_object(request)).items():
        if field not in engage.book.statuses or not isinstance(known, list):
            raise InvalidInput("orderStatus and paymentStatus take lists of words")
        engage.book.statuses[field] = frozenset(map(str, known))
    return await show_statuses(request)


ROUTES = [
    Route("/control/engage/contacts", list_contacts, methods=["GET"]),
    Route("/control/engage/receipts", list_receipts, methods=["GET"]),
    Route("/control/engage/orders", list_orders, methods=["GET"]),
    Route("/control/engage/counts", show_counts, methods=["GET"]),
    Route("/control/engage/requests", list_requests, methods=["GET"]),
    Route("/control/engage/statuses", show_statuses, methods=["GET"]),
    Route("/control/engage/statuses", set_statuses, methods=["PUT"]),
    Route("/control/engage/reset", reset, methods=["POST"]),
]
