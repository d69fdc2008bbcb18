"""What CompleteSale has to say so that a sale has the right tracking and loses none."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from shared.errors import Rejected
from tests.unit.writeback.test_ebay_packages import package
from writeback.mapping import ebay_sales as sales
from writeback.mapping.ebay_sales import Change, SaleLine, Tracking
from writeback.mapping.ebay_xml import Node, element
from writeback.targets.port import Line, Package

A, B, C = (Tracking("DHL", number) for number in ("A1", "B1", "C1"))
ONE = SaleLine("1-1", 2, is_shipped=False, tracking=())
TWO = SaleLine("1-2", 1, is_shipped=False, tracking=())


def packed(*quantities: tuple[str, int], **changes: Any) -> Package:
    return package(lines=tuple(Line(line_id, None, quantity) for line_id, quantity in quantities), **changes)


def shipped(line: SaleLine, *tracking: Tracking) -> SaleLine:
    return replace(line, is_shipped=True, tracking=tracking)


BOTH, FIRST, SECOND = packed(("1-1", 2), ("1-2", 1)), packed(("1-1", 2)), packed(("1-2", 1))


def test_a_package_with_the_whole_order_is_told_at_once() -> None:
    assert sales.added([ONE, TWO], BOTH, [A]) == [Change(None, True, (A,))]


def test_a_package_with_one_line_is_told_for_that_line() -> None:
    assert sales.added([ONE, TWO], FIRST, [A]) == [Change("1-1", True, (A,))]


def test_what_another_package_brought_is_told_again() -> None:
    rest = packed(("1-1", 1))
    assert sales.added([shipped(ONE, A), TWO], rest, [B]) == [Change("1-1", True, (A, B))]


def test_lines_that_would_differ_are_told_one_by_one() -> None:
    changes = sales.added([shipped(ONE, A), TWO], BOTH, [B])
    assert changes == [Change("1-1", True, (A, B)), Change("1-2", True, (B,))]


def test_what_is_there_already_is_not_told() -> None:
    assert sales.added([shipped(ONE, B, A), TWO], FIRST, [A]) == []
    lower = Tracking("dhl", "a-1")
    assert sales.added([shipped(ONE, lower), TWO], FIRST, [A]) == []


def test_half_of_it_there_leaves_the_other_half() -> None:
    assert sales.added([shipped(ONE, A), TWO], BOTH, [A]) == [Change("1-2", True, (A,))]


def test_a_correction_replaces_the_old_number_and_no_other() -> None:
    assert sales.added([shipped(ONE, A, C), TWO], FIRST, [B], old=["a-1"]) == [Change("1-1", True, (C, B))]


def test_another_carrier_for_the_same_number_is_a_correction() -> None:
    ups = Tracking("UPS", "A1")
    assert sales.added([shipped(ONE, A), TWO], FIRST, [ups]) == [Change("1-1", True, (ups,))]


def test_without_a_number_a_line_is_marked_as_shipped_once() -> None:
    assert sales.added([ONE, TWO], SECOND, []) == [Change("1-2", True, ())]
    assert sales.added([ONE, shipped(TWO)], SECOND, []) == []


def test_taking_back_leaves_what_is_of_others() -> None:
    lines = [shipped(ONE, A, B), shipped(TWO, A)]
    assert sales.taken_back(lines, BOTH, ["A1"]) == [Change("1-1", True, (B,)), Change("1-2", False, ())]


def test_taking_back_the_only_package_makes_the_order_unshipped() -> None:
    lines = [shipped(ONE, A), shipped(TWO, A)]
    assert sales.taken_back(lines, BOTH, ["A1"]) == [Change(None, False, ())]


def test_what_was_taken_back_is_not_taken_back_again() -> None:
    assert sales.taken_back([ONE, TWO], BOTH, ["A1"]) == []
    assert sales.taken_back([shipped(ONE, B), TWO], FIRST, ["A1"]) == []


def test_a_line_that_the_order_has_not_is_refused() -> None:
    with pytest.raises(Rejected, match="no line 9-9"):
        sales.added([ONE], packed(("9-9", 1)), [A])


def test_part_of_a_line_is_noticed() -> None:
    assert sales.splits_a_line([ONE, TWO], packed(("1-1", 1)))
    assert not sales.splits_a_line([ONE, TWO], FIRST)


def shown(content: list[Element]) -> list[tuple[str, str]]:
    """Every element with its text, in the order of the document."""
    elements = (inner for part in content for inner in part.iter())
    return [(str(one.tag).rsplit("}", 1)[-1], one.text or "") for one in elements]


def test_a_sale_is_completed_with_the_documented_elements() -> None:
    at = datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert shown(sales.complete_sale("12-34567-89012", Change(None, True, (A,)), at)) == [
        ("OrderID", "12-34567-89012"),
        ("Shipped", "true"),
        ("Shipment", ""),
        ("ShipmentTrackingDetails", ""),
        ("ShippingCarrierUsed", "DHL"),
        ("ShipmentTrackingNumber", "A1"),
        ("ShippedTime", "2026-11-21T08:00:00.000Z"),
    ]


def test_tracking_is_deleted_by_empty_shipment_tags() -> None:
    at = datetime(2026, 11, 21, 8, tzinfo=UTC)
    content = sales.complete_sale("12-34567-89012", Change("1-1", False, ()), at)
    assert shown(content) == [("OrderLineItemID", "1-1"), ("Shipped", "false"), ("Shipment", "")]


def test_lines_are_read_with_their_tracking() -> None:
    details = element(
        "ShipmentTrackingDetails",
        element("ShippingCarrierUsed", "DHL"),
        element("ShipmentTrackingNumber", "A1"),
    )
    transaction = element(
        "Transaction",
        element("OrderLineItemID", "1-1"),
        element("QuantityPurchased", "2"),
        element("ShippingDetails", details, element("ShipmentTrackingDetails")),
        element("ShippedTime", "2026-11-21T08:00:00.000Z"),
    )
    odd = element("Transaction", element("QuantityPurchased", "many"))
    order = element("Order", element("TransactionArray", transaction, odd))
    assert sales.sale_lines(Node(order)) == [shipped(ONE, A), SaleLine("", 1, False, ())]
