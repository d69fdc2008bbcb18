"""Refunds and parcels of the Admin API as `refunds/create` and `fulfillments/update` carry them. Pure."""

from typing import Any

from sync_worker.mapping.nodes import Node, amount, lowered, number_of, shop_amount

_NOT_A_PLACE = frozenset({"FULFILLED", "CANCELED", "SUBMITTED", "MARKED_AS_FULFILLED"})
_DISCREPANCY = "REFUND_DISCREPANCY"


def refund_body(refund: Node, *, order: Node) -> dict[str, Any]:
    """Transactions in the currency the buyer paid in, everything else in the shop's."""
    return {
        "id": number_of(refund["id"]),
        "order_id": number_of(order["id"]),
        "created_at": refund["createdAt"],
        "processed_at": refund["createdAt"],
        "note": refund["note"],
        "refund_line_items": [_refunded_line(line) for line in refund["refundLineItems"]["nodes"]],
        "order_adjustments": [_adjustment(one) for one in refund["orderAdjustments"]["nodes"]],
        "refund_shipping_lines": [_refunded_shipping(one) for one in refund["refundShippingLines"]["nodes"]],
        "transactions": [_transaction(one) for one in refund["transactions"]["nodes"]],
    }


def parcel_body(parcel: Node, *, order: Node) -> dict[str, Any]:
    tracking = parcel["trackingInfo"]
    numbers = [info["number"] for info in tracking if info["number"]]
    urls = [info["url"] for info in tracking if info["url"]]
    return {
        "id": number_of(parcel["id"]),
        "order_id": number_of(order["id"]),
        "name": parcel["name"],
        "status": lowered(parcel["status"]),
        "shipment_status": _place(parcel["displayStatus"]),
        "created_at": parcel["createdAt"],
        "updated_at": parcel["updatedAt"],
        "tracking_company": next((info["company"] for info in tracking), None),
        "tracking_number": next(iter(numbers), None),
        "tracking_numbers": numbers,
        "tracking_url": next(iter(urls), None),
        "tracking_urls": urls,
        "line_items": [
            {"id": number_of(line["lineItem"]["id"]), "quantity": line["quantity"]}
            for line in parcel["fulfillmentLineItems"]["nodes"]
        ],
    }


def _place(displayed: str | None) -> str | None:
    """Webhooks tell where the parcel is only once the carrier has told."""
    return None if displayed in _NOT_A_PLACE else lowered(displayed)


def _refunded_line(line: Node) -> dict[str, Any]:
    item = line["lineItem"]
    return {
        "line_item_id": number_of(item["id"]),
        "quantity": line["quantity"],
        "restock_type": lowered(line["restockType"]),
        "subtotal": shop_amount(line["subtotalSet"]),
        "total_tax": shop_amount(line["totalTaxSet"]),
        "line_item": {"sku": item["sku"], "name": item["name"], "title": item["title"]},
    }


def _adjustment(adjustment: Node) -> dict[str, Any]:
    is_discrepancy = adjustment["reason"] == _DISCREPANCY
    return {
        "kind": "refund_discrepancy" if is_discrepancy else lowered(adjustment["reason"]),
        "amount": shop_amount(adjustment["amountSet"]),
        "tax_amount": shop_amount(adjustment["taxAmountSet"]),
    }


def _refunded_shipping(line: Node) -> dict[str, Any]:
    names = {"subtotal_amount_set": "subtotalAmountSet", "tax_amount_set": "taxAmountSet"}
    return {ours: {"shop_money": {"amount": shop_amount(line[theirs])}} for ours, theirs in names.items()}


def _transaction(transaction: Node) -> dict[str, Any]:
    paid = transaction["amountSet"]["presentmentMoney"]
    return {
        "id": number_of(transaction["id"]),
        "kind": lowered(transaction["kind"]),
        "status": lowered(transaction["status"]),
        "gateway": transaction["gateway"],
        "amount": amount(paid),
        "currency": paid["currencyCode"],
    }
