"""Line totals: tax inside or on top, discounts, currencies, and what was really bought."""

from decimal import Decimal
from typing import Any

import pytest

from sync_worker.mapping.amounts import PricedLine, minor_unit, priced_lines, shipping_price
from tests.unit.sync_worker.bodies import line_body, order


def only_line(order_fields: dict[str, Any] | None = None, **line_fields: Any) -> PricedLine:
    (line,) = priced_lines(
        order(line_items=[line_body(**line_fields)], **(order_fields or {})), with_tips=True
    )
    return line


def test_tax_that_is_included_stays_inside() -> None:
    line = only_line()
    assert (line.gross, line.tax, line.tax_percent) == (Decimal("450.00"), Decimal("90.00"), Decimal(25))


def test_tax_on_top_is_added() -> None:
    line = only_line(
        {"taxes_included": False},
        price="19.99",
        quantity=3,
        current_quantity=3,
        tax_lines=[{"price": "3.67", "rate": 0.06125}, {"price": "1.50", "rate": 0.025}],
    )
    assert (line.gross, line.tax) == (Decimal("65.14"), Decimal("5.17"))
    assert line.tax_percent == Decimal("8.625")


def test_a_rate_that_does_not_explain_the_tax_is_replaced_by_what_the_amounts_say() -> None:
    line = only_line(tax_lines=[{"price": "10.00", "rate": 0.25}])
    assert line.tax_percent == Decimal("2.27")


def test_no_tax_is_no_percent_whatever_the_rate() -> None:
    assert only_line(tax_lines=[{"price": "0.00", "rate": 0.25}]).tax_percent == 0
    assert only_line(tax_lines=[]).tax_percent == 0


def test_every_discount_of_the_line_is_taken_off() -> None:
    line = only_line(
        discount_allocations=[{"amount": "33.33"}, {"amount": "16.67"}], total_discount="16.67", tax_lines=[]
    )
    assert line.gross == Decimal("400.00")


def test_a_discount_made_on_the_line_counts_when_nothing_is_allocated() -> None:
    assert only_line(total_discount="50.00", tax_lines=[]).gross == Decimal("400.00")


def test_a_discount_never_makes_a_price_negative() -> None:
    line = only_line(discount_allocations=[{"amount": "999.00"}])
    assert (line.gross, line.tax) == (Decimal("0.00"), Decimal("0.00"))


@pytest.mark.parametrize(
    ("currency", "price", "gross"),
    [("JPY", "1000.00", "2000"), ("JPY", "0.25", "1"), ("KWD", "1.2345", "2.469"), ("SEK", "0.0025", "0.01")],
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, price: str, gross: str) -> None:
    line = only_line({"currency": currency}, price=price, tax_lines=[])
    assert str(line.gross) == gross
    assert line.gross % minor_unit(currency) == 0


def test_what_was_given_back_was_bought_but_what_was_edited_out_was_not() -> None:
    refunds = [{"refund_line_items": [{"line_item_id": 13001, "quantity": 1}]}]
    given_back = only_line({"refunds": refunds}, quantity=3, current_quantity=1, tax_lines=[])
    assert (given_back.quantity, given_back.gross) == (2, Decimal("450.00"))
    assert priced_lines(order(line_items=[line_body(current_quantity=0)]), with_tips=True) == []


def test_tax_of_a_line_is_scaled_to_what_was_bought() -> None:
    line = only_line(quantity=4, current_quantity=2, tax_lines=[{"price": "180.00", "rate": 0.25}])
    assert (line.gross, line.tax, line.tax_percent) == (Decimal("450.00"), Decimal("90.00"), Decimal(25))


def test_lines_of_nothing_and_tips_are_left_out() -> None:
    lines = [
        line_body(quantity=0, current_quantity=0),
        line_body(id=2, tip={"payment_gateway": "x"}),
        line_body(id=3),
    ]
    body = order(line_items=lines)
    assert [line.item.id for line in priced_lines(body, with_tips=False)] == ["3"]
    assert [line.item.id for line in priced_lines(body, with_tips=True)] == ["2", "3"]


def test_shipping_is_what_was_paid_for_it() -> None:
    shipping = [
        {
            "price": "49.00",
            "discount_allocations": [{"amount": "9.00"}],
            "tax_lines": [{"price": "10.00"}],
        },
        {"price": "100.00", "is_removed": True},
    ]
    assert shipping_price(order(shipping_lines=shipping)) == Decimal("40.00")
    assert shipping_price(order(shipping_lines=shipping, taxes_included=False)) == Decimal("50.00")
