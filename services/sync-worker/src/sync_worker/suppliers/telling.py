"""Marks the shop's order with the supplier that delivers it and the supplier's reference."""

import orjson

from shared.clients.shopify_admin import ShopAdmins
from shared.errors import Rejected, Retryable, TaskError
from shared.handling import Run
from sync_worker.clients.documents import load_document
from sync_worker.store.supplier_accounts import SupplierAccount

# Same input, same end: a metafield is replaced and a tag is there once.
_MARK = load_document("supplier_mark", cost=20, repeatable=True)
NAMESPACE = "syncledger"
LONGEST_TAG = 40


async def mark_order(shops: ShopAdmins, run: Run, account: SupplierAccount, reference: str) -> None:
    """Errors are told as the shop's: the task's account is the supplier's, and it has done its part."""
    variables = _variables(f"gid://shopify/Order/{run.task.source_id}", account, reference)
    try:
        admin = await shops.open(run.pool, run.task)
        await admin.call(_MARK, variables)
    except TaskError as error:
        raise _of_the_shop(error, reference) from error


def _variables(order: str, account: SupplierAccount, reference: str) -> dict[str, object]:
    value = {"supplier": account.name, "type": account.settings.type, "reference": reference}
    mark = {
        "ownerId": order,
        "namespace": NAMESPACE,
        "key": f"supplier_{account.id}",
        "type": "json",
        "value": orjson.dumps(value).decode(),
    }
    tag = f"Supplier: {account.name}"[:LONGEST_TAG].strip()
    return {"order": order, "tags": [tag], "metafields": [mark]}


def _of_the_shop(error: TaskError, reference: str) -> TaskError:
    """A rate limit or wrong credentials of the shop must not pause or mark the supplier's account."""
    text = f"The supplier has the order ({reference}), but the shop's was not marked: {error.message}"
    if isinstance(error, Retryable):
        return Retryable(text, after=error.after, answer=error.answer, kind=error.kind)
    return Rejected(text, answer=error.answer, kind=error.kind)
