"""What a seller has for sale: listings with their item numbers."""

from dataclasses import dataclass, replace
from typing import Any

from sandbox.answers import InvalidInput

_GOODS = ("Head torch", "Water filter", "Dry bag", "Camp mug", "Rain cover", "Power bank")


@dataclass(frozen=True)
class Item:
    """`pounds` and `ounces`: as the seller entered the weight; both 0: not at all."""

    id: str
    sku: str
    title: str
    pounds: int = 0
    ounces: int = 0
    image: str = "https://images.example/ebay.jpg"


def first_items() -> dict[str, Item]:
    """By SKU."""
    items = [
        Item(
            id=str(110_043_584_630 + number),
            sku=f"EBY-{number:03}",
            title=f"{name}, green",
            pounds=number // 4,
            ounces=3 * number,
            image=f"https://images.example/EBY-{number:03}.jpg",
        )
        for number, name in enumerate(_GOODS, 1)
    ]
    return {item.sku: item for item in items}


def changed(known: Item | None, sku: str, wanted: dict[str, Any]) -> Item:
    """The item with what is wanted; a new one needs an id and a title. Raises InvalidInput."""
    try:
        return Item(sku=sku, **wanted) if known is None else replace(known, **wanted)
    except TypeError as error:
        raise InvalidInput(str(error)) from error
