"""What the shop's bodies of parcels and refunds say."""

from decimal import Decimal
from typing import Any

import orjson
import pytest

from shared.errors import Rejected
from sync_worker.shopify.fulfilments import ParcelState
from sync_worker.shopify.refunds import read_refund
from tests.unit.sync_worker.movements import parcel, refund, refund_body, refund_line


@pytest.mark.parametrize(
    ("fields", "numbers"),
    [
        ({}, ["UA123456789SE"]),
        ({"tracking_number": "A", "tracking_numbers": []}, ["A"]),
        ({"tracking_number": "A", "tracking_numbers": None}, ["A"]),
        ({"tracking_number": None, "tracking_numbers": ["A", "B"]}, ["A", "B"]),
        ({"tracking_number": "A", "tracking_numbers": ["A", "B", "", None, "A"]}, ["A", "B"]),
        ({"tracking_number": None, "tracking_numbers": []}, []),
    ],
)
def test_tracking_numbers_come_in_the_plural_the_singular_or_not_at_all(
    fields: dict[str, Any], numbers: list[str]
) -> None:
    assert parcel(**fields).all_tracking_numbers == numbers


@pytest.mark.parametrize(
    ("status", "shipment_status", "state"),
    [
        ("success", None, ParcelState.SHIPPED),
        ("success", "in_transit", ParcelState.SHIPPED),
        ("success", "delivered", ParcelState.DELIVERED),
        ("success", "picked_up", ParcelState.DELIVERED),
        ("cancelled", "delivered", ParcelState.CANCELLED),
        ("pending", None, ParcelState.WAITING),
        ("error", None, ParcelState.WAITING),
        ("invented_in_2027", "delivered", ParcelState.WAITING),
        (None, None, ParcelState.WAITING),
    ],
)
def test_where_a_parcel_is(status: str | None, shipment_status: str | None, state: ParcelState) -> None:
    assert parcel(status=status, shipment_status=shipment_status).state is state


@pytest.mark.parametrize(
    ("name", "label"), [("#1042.1", "#1042"), ("SE-1042.v2.13", "SE-1042.v2"), ("#1042", None), (None, None)]
)
def test_a_parcels_name_holds_its_orders(name: str | None, label: str | None) -> None:
    assert parcel(name=name).order_label == label


def test_a_line_told_in_two_pieces_counts_as_one() -> None:
    lines = [{"id": 1, "quantity": 1}, {"id": 1, "quantity": 2}, {"id": 2, "quantity": 0}]
    assert parcel(line_items=lines).quantities == {"1": 3}


def test_amounts_given_as_json_numbers_are_exact() -> None:
    number = "1234567890123.456789"
    body = orjson.dumps(refund_body()).replace(b'"subtotal":225.0', f'"subtotal":{number}'.encode())
    assert read_refund(body).refund_line_items[0].subtotal == Decimal(number)
    assert refund(refund_line_items=[refund_line(subtotal=89.99)]).refund_line_items[0].subtotal == Decimal(
        "89.99"
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b'{"id": NaN}', "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"id": 1}', "has no field 'order_id'"),
        (b'{"id": 1.5, "order_id": 2, "created_at": "2026-11-25T10:00:00Z"}', "field 'id' should be a whole"),
        (
            orjson.dumps(refund_body(refund_line_items=[refund_line(subtotal=-1)])),
            "field 'refund_line_items.0.subtotal' should be greater than or equal to 0",
        ),
    ],
)
def test_a_refund_nobody_can_use_says_why(body: bytes, words: str) -> None:
    with pytest.raises(Rejected) as error:
        read_refund(body)
    assert words in error.value.message


@pytest.mark.parametrize(
    "absent",
    [
        {"order_adjustments": None, "refund_shipping_lines": None, "transactions": None},
        {"total_duties_set": None, "processed_at": None, "refund_line_items": None},
    ],
)
def test_lists_that_are_null_are_empty(absent: dict[str, Any]) -> None:
    assert refund(**absent).order_id == "5523001122334"
