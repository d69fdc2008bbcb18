"""Parcels and refunds as the shop tells them, and the receipts an order would get."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from sync_worker.mapping.stated import Draft, Receipt
from sync_worker.shopify.fulfilments import Fulfilment
from sync_worker.shopify.reading import read
from sync_worker.shopify.refunds import Refund, read_refund
from tests.unit.sync_worker.bodies import ORDER_ID

PARCEL_ID = 4400110022
REFUND_ID = 890088186047
LINE_ID = 13001


def parcel_body(**changes: Any) -> dict[str, Any]:
    return {
        "id": PARCEL_ID,
        "order_id": ORDER_ID,
        "status": "success",
        "name": "#1042.1",
        "created_at": "2026-11-21T08:00:00+01:00",
        "updated_at": "2026-11-21T08:00:00+01:00",
        "tracking_company": "PostNord",
        "tracking_number": "UA123456789SE",
        "tracking_numbers": ["UA123456789SE"],
        "tracking_url": "https://example.test/t/UA123456789SE",
        "tracking_urls": ["https://example.test/t/UA123456789SE"],
        "shipment_status": None,
        "line_items": [{"id": LINE_ID, "quantity": 2}],
        **changes,
    }


def refund_body(**changes: Any) -> dict[str, Any]:
    """One of two mugs came back, and its money went back."""
    return {
        "id": REFUND_ID,
        "order_id": ORDER_ID,
        "created_at": "2026-11-25T10:00:00+01:00",
        "processed_at": "2026-11-25T10:00:00+01:00",
        "note": "Things were damaged",
        "refund_line_items": [refund_line()],
        "transactions": [transaction("225.00")],
        "order_adjustments": [],
        "refund_shipping_lines": [],
        **changes,
    }


def refund_line(**changes: Any) -> dict[str, Any]:
    return {
        "id": 487817672276,
        "line_item_id": LINE_ID,
        "quantity": 1,
        "restock_type": "return",
        "subtotal": 225.0,
        "total_tax": 45.0,
        "line_item": {"id": LINE_ID, "title": "Mug", "sku": "MUG-1"},
        **changes,
    }


def transaction(amount: str, **changes: Any) -> dict[str, Any]:
    return {"kind": "refund", "status": "success", "gateway": "klarna", "amount": amount, **changes}


def parcel(**changes: Any) -> Fulfilment:
    return read(Fulfilment, orjson.dumps(parcel_body(**changes)), what="fulfilment")


def refund(**changes: Any) -> Refund:
    return read_refund(orjson.dumps(refund_body(**changes)))


@dataclass
class Books:
    """The receipts of one order, as the store keeps them."""

    receipts: list[Receipt] = field(default_factory=list)

    def settle(self, draft: Draft) -> Receipt | None:
        """The draft's receipt, settled before or now; None when it states nothing."""
        known = next((receipt for receipt in self.receipts if receipt.id == draft.id), None)
        if known is not None:
            return known
        lines = draft.lines(self.receipts)
        if not lines:
            return None
        made = Receipt(draft.id, draft.kind, draft.created_at, lines)
        self.receipts.append(replace(made, is_sent=True))
        return made

    def settle_all(self, drafts: Iterable[Draft]) -> None:
        for draft in drafts:
            self.settle(draft)
