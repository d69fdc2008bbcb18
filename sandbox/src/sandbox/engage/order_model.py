"""An order as POST /api/v2/orders takes it, and the rules it must keep."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from sandbox.engage.amounts import CurrencyCode, FilledText, Number, WireDateTime, minor_unit, too_fine
from sandbox.engage.receipt_model import ItemDiscount, TaxDetail
from sandbox.engage.refusals import Refusal
from sandbox.engage.wire import ContactMatch, WireModel


class OrderItemType(StrEnum):
    PURCHASE = "Purchase"
    RETURN = "Return"


def _item_type(value: Any) -> OrderItemType:
    return OrderItemType(value.capitalize() if isinstance(value, str) else value)


class OrderItem(WireModel):
    type: Annotated[OrderItemType, BeforeValidator(_item_type)]
    sku: FilledText
    quantity: Number
    gross_paid_price: Number
    description: FilledText
    gross_paid_price_per_unit: Number | None = None
    tax_amount: Number | None = None
    tax_percent: Number | None = None
    image_url: str | None = None
    target_url: str | None = None
    extra_data: dict[str, Any] | None = None
    total_discount: Number | None = None
    original_price: Number | None = None
    original_price_per_unit: Number | None = None
    discounts: list[ItemDiscount] | None = None
    discounted: bool | None = None


class OrderPayment(WireModel):
    value: Number
    description: FilledText
    type: str | None = None
    extra_data: dict[str, Any] | None = None


class Fee(WireModel):
    value: Number
    tax: Number | None = None
    tax_percent: Number | None = None


class Order(WireModel):
    contact: ContactMatch
    order_number: FilledText
    order_status: FilledText
    payment_status: FilledText
    created_date: WireDateTime
    store_id: FilledText
    currency: CurrencyCode
    total_gross_price: Number
    items: list[OrderItem] = Field(min_length=1)
    language: str | None = None
    shipping_date: WireDateTime | None = None
    status_changed_date: WireDateTime | None = None
    exchange_rate_to_group_currency: Number | None = None
    extra_data: dict[str, Any] | None = None
    total_tax: Number | None = None
    tax_details: list[TaxDetail] | None = None
    payment_methods: list[OrderPayment] | None = None
    freight_fee: Fee | None = None
    handling_fee: Fee | None = None
    total_round_off: Fee | None = None
    total_discounts: Number | None = None
    total_original_price: Number | None = None
    total_items_price: Number | None = None
    total_net_price: Number | None = None
    any_return_items: bool | None = None


def check_order(order: Order, *, statuses: Mapping[str, frozenset[str]]) -> None:
    """Known statuses, signs, decimals and sums; raises Refusal 400 for a value and 422 for a sum."""
    _check_status("orderStatus", order.order_status, statuses)
    _check_status("paymentStatus", order.payment_status, statuses)
    fine = too_fine(_amounts(order), order.currency)
    if fine:
        raise Refusal(
            400, "TooManyDecimals", f"more decimals than {order.currency} has: {fine}", field=fine[0]
        )
    for index, item in enumerate(order.items):
        _check_item(f"items.{index}", item, minor_unit(order.currency))
    _check_sums(order)


def _check_status(field: str, value: str, statuses: Mapping[str, frozenset[str]]) -> None:
    if value.lower() not in {known.lower() for known in statuses[field]}:
        raise Refusal(400, "UnknownStatus", f"{value!r} does not exist in this Engage", field=field)


def _check_item(place: str, item: OrderItem, unit: Decimal) -> None:
    is_return = item.type is OrderItemType.RETURN
    if item.quantity == 0 or (item.quantity < 0) is not is_return:
        raise Refusal(400, "InvalidQuantity", f"{item.quantity} on a {item.type}", field=f"{place}.quantity")
    if item.tax_amount is None or item.tax_percent is None:
        return
    expected = item.gross_paid_price - item.gross_paid_price / (1 + item.tax_percent / 100)
    if abs(expected - item.tax_amount) > unit * (abs(item.quantity) + 1):
        text = f"{item.tax_amount} is not {item.tax_percent} % inside {item.gross_paid_price}"
        raise Refusal(422, "TaxMismatch", text, field=f"{place}.taxAmount")


def _check_sums(order: Order) -> None:
    fees = (order.freight_fee, order.handling_fee, order.total_round_off)
    total = sum((fee.value for fee in fees if fee), Decimal(0))
    total += sum(
        -i.gross_paid_price if i.type is OrderItemType.RETURN else i.gross_paid_price for i in order.items
    )
    if total != order.total_gross_price:
        text = f"items and fees add up to {total}, totalGrossPrice is {order.total_gross_price}"
        raise Refusal(422, "TotalMismatch", text, field="totalGrossPrice")
    paid = sum((method.value for method in order.payment_methods or ()), Decimal(0))
    if order.payment_methods and paid != order.total_gross_price:
        text = f"payment methods add up to {paid}, totalGrossPrice is {order.total_gross_price}"
        raise Refusal(422, "PaymentMismatch", text, field="paymentMethods")


def _amounts(order: Order) -> Iterator[tuple[str, Decimal | None]]:
    yield "totalGrossPrice", order.total_gross_price
    yield "totalTax", order.total_tax
    for index, method in enumerate(order.payment_methods or ()):
        yield f"paymentMethods.{index}.value", method.value
    for index, item in enumerate(order.items):
        yield f"items.{index}.grossPaidPrice", item.gross_paid_price
        yield f"items.{index}.taxAmount", item.tax_amount
