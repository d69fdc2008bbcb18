"""Broken products: what a careful reader must survive, one kind after the other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Names:
    """What a style calls the fields that are broken, and the price it would never send."""

    sku: str
    price: str
    stock: str
    name: str


def broken(shown: dict[str, Any], number: int, names: Names) -> Any:
    """The product with one thing wrong; `number` chooses what."""
    return _WAYS[number % len(_WAYS)](shown, names)


def _without_sku(shown: dict[str, Any], names: Names) -> Any:
    return {name: value for name, value in shown.items() if name != names.sku}


def _priced_in_words(shown: dict[str, Any], names: Names) -> Any:
    return {**shown, names.price: "on request"}


def _without_price(shown: dict[str, Any], names: Names) -> Any:
    return {**shown, names.price: None}


def _stock_unknown(shown: dict[str, Any], names: Names) -> Any:
    return {**shown, names.stock: "many"}


def _empty_sku(shown: dict[str, Any], names: Names) -> Any:
    return {**shown, names.sku: ""}


def _no_object(_shown: dict[str, Any], _names: Names) -> Any:
    return None


def _negative_stock(shown: dict[str, Any], names: Names) -> Any:
    return {**shown, names.stock: -3}


_WAYS: tuple[Callable[[dict[str, Any], Names], Any], ...] = (
    _without_sku,
    _priced_in_words,
    _without_price,
    _stock_unknown,
    _empty_sku,
    _no_object,
    _negative_stock,
)
