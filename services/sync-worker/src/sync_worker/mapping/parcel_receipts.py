"""Which receipts of purchases an order is due, when they are sent parcel by parcel. Pure.

A cancelled parcel whose receipt was sent already is taken back by a receipt of its own, because a receipt can
not be changed; the parcel that replaces it has another id and so gets its own.
"""

from collections.abc import Iterable, Sequence
from functools import partial

from sync_worker.mapping.receipt import bought_lines, order_draft, unique_receipt_id
from sync_worker.mapping.stated import Draft, Kind, Lines, Receipt, balances
from sync_worker.shopify.fulfilments import Fulfilment, ParcelState
from sync_worker.shopify.orders import Order


def parcel_receipt_id(parcel: Fulfilment) -> str:
    return f"shopify-{parcel.order_id}-f-{parcel.id}"


def purchase_drafts(
    order: Order, parcels: Iterable[Fulfilment], receipts: Iterable[Receipt], *, by_parcel: bool
) -> list[Draft]:
    """Receipts that are due by now, sent or not. What was settled once is due for ever: the CRM may have it.

    `by_parcel`: the shop sends receipts on fulfilment, not on payment.
    """
    settled = {receipt.id: receipt for receipt in receipts}
    drafts = [order_draft(order)] if not by_parcel or unique_receipt_id(order) in settled else []
    for parcel in sorted(parcels, key=lambda parcel: int(parcel.id)):
        known = settled.get(parcel_receipt_id(parcel))
        if known or (by_parcel and parcel.has_left):
            drafts.append(_parcel_draft(order, parcel))
        if known and parcel.state is ParcelState.CANCELLED:
            drafts.append(_reversal_draft(parcel, known))
    return drafts


def is_ahead_of(parcel: Fulfilment, order: Order) -> bool:
    """Whether the parcel holds goods the order, as it is known, does not have: a newer state is to come."""
    ordered = {item.id: item.quantity for item in order.line_items}
    return any(quantity > ordered.get(line_id, 0) for line_id, quantity in parcel.quantities.items())


def _parcel_draft(order: Order, parcel: Fulfilment) -> Draft:
    lines = partial(bought_lines, order, wanted=parcel.quantities)
    return Draft(parcel_receipt_id(parcel), Kind.PURCHASE, parcel.created_at, lines)


def _reversal_draft(parcel: Fulfilment, sent: Receipt) -> Draft:
    cancelled_at = parcel.updated_at or parcel.created_at
    return Draft(f"{sent.id}-cancelled", Kind.REVERSAL, cancelled_at, partial(_taken_back, sent))


def _taken_back(sent: Receipt, receipts: Sequence[Receipt]) -> Lines:
    """The receipt's lines the other way round, but for what was given back already."""
    left = balances(receipts)
    return tuple(
        line.model_copy(
            update={
                "quantity": -min(line.quantity, left[line.line_id].quantity),
                "gross": min(line.gross, left[line.line_id].gross),
                "tax": min(line.tax, left[line.line_id].tax),
            }
        )
        for line in sent.lines
        if left[line.line_id].quantity > 0
    )
