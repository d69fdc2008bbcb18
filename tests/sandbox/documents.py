"""Bodies the CRM accepts, with room to spoil them."""

from copy import deepcopy
from typing import Any

_RECEIPT: dict[str, Any] = {
    "contact": {"matchKey": "kim@example.com", "matchKeyType": "Email", "contactType": "Member"},
    "uniqueReceiptId": "shopify-5523001122334",
    "receiptNumber": "1042",
    "createdDate": "2026-11-21T08:00:00+01:00",
    "storeExternalId": "ecom",
    "currency": "SEK",
    "totalGrossPrice": 499.5,
    "paymentMethods": [{"type": "CARD", "description": "Card", "value": 499.5}],
    "items": [
        {
            "type": "PURCHASE",
            "sku": "MUG-1",
            "articleNumber": "MUG-1",
            "articleName": "Mugg",
            "quantity": 2,
            "grossPaidPrice": 499.5,
            "taxAmount": 99.9,
            "taxPercent": 25,
            "awardsBonus": True,
        }
    ],
}
_ORDER: dict[str, Any] = {
    "contact": {"matchKey": "6148732321001", "matchKeyType": "ExternalId"},
    "orderNumber": "1042",
    "orderStatus": "Confirmed",
    "paymentStatus": "Paid",
    "createdDate": "2026-11-20T17:10:00+01:00",
    "storeId": "ecom",
    "currency": "SEK",
    "totalGrossPrice": 549.5,
    "items": [
        {
            "type": "Purchase",
            "sku": "MUG-1",
            "quantity": 2,
            "grossPaidPrice": 499.5,
            "description": "Mugg",
            "taxAmount": 99.9,
            "taxPercent": 25,
        }
    ],
    "freightFee": {"value": 50},
}


def receipt(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(_RECEIPT), **changes}


def receipt_item(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(_RECEIPT["items"][0]), **changes}


def order(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(_ORDER), **changes}


def order_item(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(_ORDER["items"][0]), **changes}


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}
