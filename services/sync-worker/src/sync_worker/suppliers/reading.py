"""A supplier's products and orders, read as its account's format says. Pure.

What can not be used becomes a `BadItem` that names the field; it never stops the rest.
"""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.suppliers.calls import OrderFields, ProductsCall
from shared.suppliers.paths import value_at, values_at
from shared.suppliers.vocabulary import OrderStatus
from sync_worker.suppliers.port import BadItem, OrderState, Product

LONGEST_ID = 200
_CURRENCY = re.compile(r"[A-Z]{3}")
_LARGEST_PRICE = Decimal(10) ** 12
_LARGEST_STOCK = Decimal(10) ** 12


class _Unusable(Exception):
    """The sentence that becomes the reason."""


def product_of(item: Any, call: ProductsCall) -> Product | BadItem:
    """One product of the supplier's catalogue."""
    fields = call.fields
    try:
        product_id = _text(item, fields.id, "id")
    except _Unusable as error:
        return BadItem(None, str(error))
    try:
        stock = _stock(item, fields.stock)
        return Product(
            id=product_id,
            sku=_text(item, fields.sku, "sku"),
            title=_text(item, fields.title, "title", longest=2_000),
            price=_price(item, fields.price, call.price_divisor),
            currency=_currency(item, fields.currency),
            is_available=_is_available(item, call, stock),
            description=_optional_text(value_at(item, fields.description)),
            stock=stock,
            images=_images(item, fields.images),
        )
    except _Unusable as error:
        return BadItem(product_id, str(error))


def order_of(item: Any, fields: OrderFields, statuses: dict[str, OrderStatus]) -> OrderState | BadItem:
    """One order as the supplier has it."""
    try:
        reference = _text(item, fields.reference, "reference")
    except _Unusable as error:
        return BadItem(None, str(error))
    try:
        return OrderState(
            reference=reference,
            status=_status(item, fields.status, statuses),
            number=_optional_text(value_at(item, fields.number)),
            tracking_numbers=_texts(item, fields.tracking_numbers),
            tracking_url=_optional_text(value_at(item, fields.tracking_url)),
            delivery_date=_date(item, fields),
        )
    except _Unusable as error:
        return BadItem(reference, str(error))


def plain(value: Any) -> str | None:
    """A number or a text as text, without what Postgres keeps in no text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).replace("\x00", "").strip() or None


def _text(item: Any, path: str, name: str, *, longest: int = LONGEST_ID) -> str:
    text = plain(value_at(item, path))
    if text is None:
        raise _Unusable(f"'{name}' is missing (looked at {path})")
    if len(text) > longest:
        raise _Unusable(f"'{name}' is longer than {longest} characters")
    return text


def _optional_text(value: Any) -> str | None:
    return plain(value) if value is not None else None


def _texts(item: Any, path: str | None) -> tuple[str, ...]:
    found = [plain(value) for value in values_at(item, path)] if path else []
    return tuple(dict.fromkeys(text for text in found if text))


def _price(item: Any, path: str, divisor: int) -> Decimal:
    text = _text(item, path, "price")
    try:
        price = Decimal(text) / divisor
    except ArithmeticError:
        raise _Unusable(f"'price' is no number: {text[:40]!r}") from None
    if not price.is_finite() or not 0 <= price < _LARGEST_PRICE:
        raise _Unusable(f"'price' is no price: {text[:40]!r}")
    return price


def _currency(item: Any, path: str) -> str:
    text = _text(item, path, "currency").upper()
    if not _CURRENCY.fullmatch(text):
        raise _Unusable(f"'currency' is no currency of three letters: {text[:40]!r}")
    return text


def _stock(item: Any, path: str | None) -> int | None:
    value = value_at(item, path)
    if value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise _Unusable(f"'stock' is no number: {str(value)[:40]!r}") from None
    if not number.is_finite() or not -_LARGEST_STOCK < number < _LARGEST_STOCK:
        raise _Unusable(f"'stock' is no number: {str(value)[:40]!r}")
    stock = int(number)
    if stock < 0:
        raise _Unusable(f"'stock' is negative: {stock}")
    return stock


def _is_available(item: Any, call: ProductsCall, stock: int | None) -> bool:
    if call.fields.available is not None:
        word = value_at(item, call.fields.available)
        if word is not None:
            return str(word).lower() in {known.lower() for known in call.in_stock} and (
                stock is None or stock > 0
            )
    if stock is None:
        raise _Unusable("it says neither its stock nor whether it is available")
    return stock > 0


def _images(item: Any, path: str | None) -> tuple[str, ...]:
    images = _texts(item, path)
    wrong = next((image for image in images if not image.startswith(("https://", "http://"))), None)
    if wrong is not None:
        raise _Unusable(f"'images' holds something that is no address: {wrong[:60]!r}")
    return images


def _status(item: Any, path: str, statuses: dict[str, OrderStatus]) -> OrderStatus:
    word = _text(item, path, "status")
    known = {name.lower(): status for name, status in statuses.items()}
    if word.lower() not in known:
        raise _Unusable(f"its status {word[:40]!r} is not in the account's 'format.statuses': add it there")
    return known[word.lower()]


def _date(item: Any, fields: OrderFields) -> date | None:
    text = plain(value_at(item, fields.delivery_date))
    if text is None:
        return None
    try:
        if fields.date_format is not None:
            return datetime.strptime(text, fields.date_format).date()  # noqa: DTZ007 - a day has no zone
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise _Unusable(f"'delivery_date' is no date: {text[:40]!r}") from None
