"""What the shop sells."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random

_GOODS = (
    ("Fjällkåpa", "Jackets", "2495.00", 620),
    ("Vindtät anorak", "Jackets", "1349.00", 480),
    ("Ullunderställ", "Base layers", "899.00", 310),
    ("Vandringskänga Höga Kusten", "Boots", "2199.00", 1350),
    ("Gaskök, lätt", "Stoves", "549.50", 95),
    ("Tunneltält 2 p", "Tents", "6995.00", 2650),
    ("Sovsäck −7 °C", "Sleeping bags", "3290.00", 1120),
    ("Kåsa av masur", "Kitchen", "389.00", 70),
    ("Emaljmugg", "Kitchen", "129.00", 140),
    ("Myggnät", "Accessories", "79.90", 45),
    ("Karta Sarek 1:100 000", "Maps", "189.00", 80),
    ("Presentkort", "Gift cards", "500.00", 0),
)
_SIZES = ("S", "M", "L")
_SIZED = frozenset({"Jackets", "Base layers", "Boots"})


@dataclass(frozen=True)
class Variant:
    id: int
    product_id: int
    product_title: str
    title: str | None
    product_type: str
    sku: str | None
    price: Decimal
    grams: int

    @property
    def is_gift_card(self) -> bool:
        return self.product_type == "Gift cards"

    @property
    def name(self) -> str:
        return f"{self.product_title} - {self.title}" if self.title else self.product_title


def stock_shop(rng: Random) -> tuple[Variant, ...]:
    """All variants; about half of the products have ids above 2^53."""
    variants: list[Variant] = []
    for number, (title, product_type, price, grams) in enumerate(_GOODS, start=1):
        product_id = rng.randrange(2**53, 2**60) if number % 2 else rng.randrange(10**12, 10**13)
        for size in _SIZES if product_type in _SIZED else (None,):
            sku = f"SL-{number:03}" + (f"-{size}" if size else "")
            variant_id = rng.randrange(10**13, 10**14)
            variants.append(
                Variant(
                    id=variant_id,
                    product_id=product_id,
                    product_title=title,
                    title=size,
                    product_type=product_type,
                    sku=sku,
                    price=Decimal(price),
                    grams=grams,
                )
            )
    return tuple(variants)
