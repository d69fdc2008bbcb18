"""What the shop sells."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from random import Random

OPENED = datetime(2025, 3, 1, 8, tzinfo=UTC)
OWN_VENDOR = "Sandbox Outdoor"
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
# The first products of the suppliers' own catalogues, which the shop sells on.
_SUPPLIED = (
    ("Presentkort lekbutik 250 kr", "Gift cards", "250.00", "G4C-000001", "Gate4cards"),
    ("Presentkort spel 500 kr", "Gift cards", "500.00", "G4C-000002", "Gate4cards"),
    ("Pannlampa 400 lm", "Accessories", "449.00", "TRI-000001", "Trinavo"),
    ("Vattenfilter", "Accessories", "329.00", "TRI-000002", "Trinavo"),
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
    vendor: str = OWN_VENDOR

    @property
    def is_gift_card(self) -> bool:
        return self.product_type == "Gift cards"

    @property
    def name(self) -> str:
        return f"{self.product_title} - {self.title}" if self.title else self.product_title


@dataclass(frozen=True)
class Product:
    """What belongs together; the variants carry SKU and price."""

    id: int
    title: str
    product_type: str
    vendor: str
    variants: tuple[Variant, ...]
    created_at: datetime
    updated_at: datetime
    status: str = "ACTIVE"
    tags: tuple[str, ...] = ()

    @property
    def handle(self) -> str:
        return f"{self.product_type.lower().replace(' ', '-')}-{self.id}"


def products_of(variants: Iterable[Variant]) -> list[Product]:
    """The products the variants make up; they have been on sale since the shop opened."""
    ordered = sorted(variants, key=lambda variant: variant.product_id)
    return [_product(list(group)) for _, group in groupby(ordered, key=lambda v: v.product_id)]


def _product(variants: list[Variant]) -> Product:
    first = variants[0]
    return Product(
        id=first.product_id,
        title=first.product_title,
        product_type=first.product_type,
        vendor=first.vendor,
        variants=tuple(variants),
        created_at=OPENED,
        updated_at=OPENED,
    )


def stock_shop(rng: Random) -> tuple[Variant, ...]:
    """All variants, own and supplied; about half of the own products have ids above 2^53."""
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
    return (*variants, *(_supplied(rng, product) for product in _SUPPLIED))


def _supplied(rng: Random, product: tuple[str, str, str, str, str]) -> Variant:
    title, product_type, price, sku, vendor = product
    return Variant(
        id=rng.randrange(10**13, 10**14),
        product_id=rng.randrange(10**12, 10**13),
        product_title=title,
        title=None,
        product_type=product_type,
        sku=sku,
        price=Decimal(price),
        grams=0 if product_type == "Gift cards" else 150,
        vendor=vendor,
    )
