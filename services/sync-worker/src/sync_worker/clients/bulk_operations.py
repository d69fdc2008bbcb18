"""The shop's bulk operations: an export is asked for, looked at, given up."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.clients.shopify_admin import ShopAdmin
from shared.errors import Rejected, Retryable
from sync_worker.clients.documents import load_document

_RUN = load_document("bulk_run", cost=10, repeatable=True)
_LOOK = load_document("bulk_operation", cost=1)
_CANCEL = load_document("bulk_cancel", cost=10, repeatable=True)

UNDER_WAY = frozenset({"CREATED", "RUNNING", "CANCELING"})
BUSY_WAIT = timedelta(minutes=1)
_BUSY = ("LIMIT_REACHED", "OPERATION_IN_PROGRESS")


@dataclass(frozen=True, slots=True)
class Operation:
    """`url` None: nothing was found, or it is not done. `roots`: objects that are nobody's children."""

    id: str
    status: str
    error_code: str | None
    url: str | None
    size: int | None
    roots: int | None

    @property
    def is_under_way(self) -> bool:
        return self.status in UNDER_WAY

    @property
    def is_complete(self) -> bool:
        return self.status == "COMPLETED"


async def run_export(admin: ShopAdmin, query: str) -> str:
    """The id of the operation. Asking twice makes two exports, which harms nothing.

    Raises Retryable while the shop writes as many exports as it may at once.
    """
    try:
        data = await admin.call(_RUN, {"query": query})
    except Rejected as error:
        if any(code in (error.answer.excerpt or "") for code in _BUSY):
            text = "The shop is writing other exports, and may not write more at once"
            raise Retryable(text, after=BUSY_WAIT, answer=error.answer, kind="rate_limit") from error
        raise
    operation: str = data["bulkOperationRunQuery"]["bulkOperation"]["id"]
    return operation


async def look(admin: ShopAdmin, operation_id: str) -> Operation | None:
    """How an operation stands; None when the shop knows none of that id."""
    node = (await admin.call(_LOOK, {"id": operation_id}))["node"]
    if not node:
        return None
    return Operation(
        id=node["id"],
        status=node["status"],
        error_code=node["errorCode"],
        url=node["url"],
        size=_number(node["fileSize"]),
        roots=_number(node["rootObjectCount"]),
    )


async def give_up(admin: ShopAdmin, operation_id: str) -> None:
    """Tells the shop that the export is not wanted any more; one that is done already stays."""
    try:
        await admin.call(_CANCEL, {"id": operation_id})
    except Rejected:
        return


def _number(text: Any) -> int | None:
    """Shopify: numbers of 64 bits come as text."""
    return None if text is None else int(text)
