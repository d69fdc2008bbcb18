"""A shop's order as one supplier's order. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.errors import Rejected
from shared.suppliers.calls import PlaceOrderCall
from shared.suppliers.paths import FIXED, put_at
from shared.suppliers.vocabulary import Word
from sync_worker.shopify.orders import Order
from sync_worker.suppliers.port import Line, Purchase

_PREFIX = "recipient."


@dataclass(frozen=True, slots=True)
class Offered:
    """A product that a supplier offers, by the SKU the shop sells it under."""

    sku: str
    product: str


def why_not_deliverable(order: Order) -> str | None:
    """Why no supplier may get this order, for people; None when one may."""
    if order.cancelled_at is not None:
        return "the order was cancelled"
    if order.test:
        return "it is a test order"
    if order.financial_status != "paid":
        return f"the order is not paid (its payment is {order.financial_status or 'unknown'})"
    if order.fulfillment_status not in (None, "unfulfilled", "partial"):
        return f"the order is {order.fulfillment_status}"
    return None


def purchase_of(order: Order, offered: Iterable[Offered], *, prefix: str) -> Purchase:
    """Only what this supplier offers and is still to be delivered; equal SKUs become one line."""
    by_sku = {item.sku: item.product for item in offered}
    lines: dict[str, Line] = {}
    for line in order.line_items:
        quantity, sku = line.to_deliver, line.sku or ""
        if quantity and sku in by_sku:
            known = lines[sku].quantity if sku in lines else 0
            lines[sku] = Line(sku, by_sku[sku], known + quantity, line.title, line.price)
    return Purchase(
        number=f"{prefix}{order.number}",
        lines=tuple(lines.values()),
        email=order.email or order.contact_email,
        currency=order.currency,
        recipient=_recipient(order),
    )


def body_of(purchase: Purchase, call: PlaceOrderCall) -> dict[str, Any]:
    """The body of the supplier's order. Raises Rejected naming each required field the order lacks."""
    _refuse_gaps(purchase, call)
    body: dict[str, Any] = {}
    words = _words(purchase)
    for target, source in call.body.items():
        if "[]" not in target and (value := _value(words, source)) is not None:
            put_at(body, target, value)
    for place, mapping in _line_targets(call).items():
        put_at(body, place, [_line_body(line, mapping) for line in purchase.lines])
    return body


def _refuse_gaps(purchase: Purchase, call: PlaceOrderCall) -> None:
    words = _words(purchase)
    for line in purchase.lines:
        words |= _line_words(line)
    gaps = [word.value for word in call.required if words.get(word) is None]
    if gaps:
        names = ", ".join(f"'{name}'" for name in gaps)
        raise Rejected(
            f"The order is incomplete: the supplier needs {names}. Fill it in in the shop's order, then retry"
        )


def _line_targets(call: PlaceOrderCall) -> dict[str, dict[str, str]]:
    """Where lists of lines stand, and what each of their elements gets."""
    places: dict[str, dict[str, str]] = {}
    for target, source in call.body.items():
        place, is_list, field = target.partition("[].")
        if is_list:
            places.setdefault(place, {})[field] = source
    return places


def _line_body(line: Line, mapping: Mapping[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    words = _line_words(line)
    for target, source in mapping.items():
        if (value := _value(words, source)) is not None:
            put_at(body, target, value)
    return body


def _value(words: Mapping[Word, Any], source: str) -> Any:
    return source.removeprefix(FIXED) if source.startswith(FIXED) else words.get(Word(source))


def _words(purchase: Purchase) -> dict[Word, Any]:
    words: dict[Word, Any] = {
        Word.NUMBER: purchase.number,
        Word.EMAIL: purchase.email,
        Word.CURRENCY: purchase.currency,
    }
    return words | {Word(f"{_PREFIX}{name}"): text for name, text in purchase.recipient.items()}


def _line_words(line: Line) -> dict[Word, Any]:
    return {
        Word.LINE_SKU: line.sku,
        Word.LINE_PRODUCT: line.product,
        Word.LINE_QUANTITY: line.quantity,
        Word.LINE_TITLE: line.title,
        Word.LINE_PRICE: _amount(line.price),
    }


def _amount(price: Decimal) -> str:
    return format(price, "f")


def _recipient(order: Order) -> dict[str, str]:
    """Where it goes: the delivery address, else the billing address; only what is filled in."""
    address = order.shipping_address or order.billing_address
    if address is None:
        return {}
    found = address.model_dump(exclude_none=True)
    name = " ".join(part for part in (found.get("first_name"), found.get("last_name")) if part)
    phone = found.get("phone") or order.phone
    texts = {"name": name, "phone": phone, **{key: found.get(key) for key in _ADDRESS_WORDS}}
    return {key: text for key, text in texts.items() if text}


_ADDRESS_WORDS = (
    *("first_name", "last_name", "company", "address1", "address2"),
    *("zip", "city", "province", "country_code"),
)
