"""A receipt as POST /api/v3/receipts takes it, and the arithmetic it must keep."""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from sandbox.engage.amounts import CurrencyCode, FilledText, Number, WholeNumber, WireDateTime, too_fine
from sandbox.engage.refusals import Refusal
from sandbox.engage.wire import ContactMatch, ExtraDataItem, WireModel


class ItemType(StrEnum):
    PURCHASE = "PURCHASE"
    RETURN = "RETURN"
    ADJUSTMENT = "ADJUSTMENT"


WireItemType = Annotated[ItemType, BeforeValidator(ItemType)]


class PaymentMethod(WireModel):
    type: FilledText
    value: Number
    description: str | None = None
    extra_data: list[ExtraDataItem] | None = None


class ItemDiscount(WireModel):
    value: Number
    type: str | None = None
    description: str | None = None


class TaxDetail(WireModel):
    description: str | None = None
    value: Number | None = None
    percent: Number | None = None
    total_including_tax: Number | None = None
    total_excluding_tax: Number | None = None


class ReceiptItem(WireModel):
    type: WireItemType
    sku: FilledText
    quantity: WholeNumber
    gross_paid_price: Number
    tax_amount: Number
    tax_percent: Number
    article_number: FilledText
    article_name: FilledText
    article_group: str | None = None
    awards_bonus: bool | None = None
    margin_percent: Number | None = None
    pack_quantity: Number | None = None
    discounts: list[ItemDiscount] | None = None
    extra_data: list[ExtraDataItem] | None = None


class Receipt(WireModel):
    contact: ContactMatch
    unique_receipt_id: FilledText
    receipt_number: FilledText
    created_date: WireDateTime
    store_external_id: FilledText
    currency: CurrencyCode
    total_gross_price: Number
    payment_methods: list[PaymentMethod]
    items: list[ReceiptItem] = Field(min_length=1)
    exchange_rate_to_group_currency: Number | None = None
    tax_details: list[TaxDetail] | None = None
    used_bonus_checks: list[dict[str, Any]] | None = None
    used_promotions: list[dict[str, Any]] | None = None
    extra_data: list[ExtraDataItem] | None = None


def signed_price(item_type: ItemType, price: Decimal) -> Decimal:
    """What an item adds to the receipt's total: a return's price is sent positive and counts negative."""
    return -price if item_type is ItemType.RETURN else price


def check_receipt(receipt: Receipt) -> None:
    """Signs, decimals and the sum; raises Refusal 400."""
    for index, item in enumerate(receipt.items):
        _check_signs(f"items.{index}", item)
    fine = too_fine(_amounts(receipt), receipt.currency)
    if fine:
        raise Refusal(
            400, "TooManyDecimals", f"more decimals than {receipt.currency} has: {fine}", field=fine[0]
        )
    total = sum((signed_price(item.type, item.gross_paid_price) for item in receipt.items), Decimal(0))
    if total != receipt.total_gross_price:
        text = f"items add up to {total}, totalGrossPrice is {receipt.total_gross_price}"
        raise Refusal(400, "TotalMismatch", text, field="totalGrossPrice")


def _check_signs(place: str, item: ReceiptItem) -> None:
    wrong_quantity = (item.type is ItemType.PURCHASE and item.quantity <= 0) or (
        item.type is ItemType.RETURN and item.quantity >= 0
    )
    if wrong_quantity:
        raise Refusal(400, "InvalidQuantity", f"{item.quantity} on a {item.type}", field=f"{place}.quantity")
    negative = item.gross_paid_price < 0 or item.tax_amount < 0
    if negative and item.type is not ItemType.ADJUSTMENT:
        raise Refusal(400, "InvalidPrice", "line totals are sent positive", field=f"{place}.grossPaidPrice")


def _amounts(receipt: Receipt) -> Iterator[tuple[str, Decimal | None]]:
    yield "totalGrossPrice", receipt.total_gross_price
    for index, method in enumerate(receipt.payment_methods):
        yield f"paymentMethods.{index}.value", method.value
    for index, item in enumerate(receipt.items):
        yield f"items.{index}.grossPaidPrice", item.gross_paid_price
        yield f"items.{index}.taxAmount", item.tax_amount
