"""What a supplier sells, made from the product's number and the catalogue's version."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sandbox.mixing import Draw, mixed
from sandbox.supplier.terms import Terms

ALWAYS_IN_STOCK = 10
_FIRST_VERSION = datetime(2026, 1, 1, tzinfo=UTC)
_SHARES = 10_000
_GOODS = ("Gift card", "Head torch", "Water filter", "Dry bag", "Camp mug", "Rain cover", "Power bank")
_BRANDS = ("Norrsken", "Höga Kusten", "Lynx & Co", "Fjällglimt", "Śnieżka")


@dataclass(frozen=True)
class Product:
    """`changed_in` is the version that last made it different."""

    index: int
    sku: str
    name: str
    brand: str
    description: str
    price: Decimal
    stock: int
    images: tuple[str, ...]
    changed_in: int

    @property
    def updated_at(self) -> datetime:
        return _FIRST_VERSION + timedelta(days=self.changed_in, minutes=self.index % 1_000)


@dataclass(frozen=True)
class Catalogue:
    """The catalogue as its terms say; two with the same terms are equal in every product."""

    terms: Terms

    def __len__(self) -> int:
        return self.terms.products + self.terms.growth * self.terms.version

    def at(self, index: int) -> Product:
        changed = self._changed_in(index)
        draw = Draw(self.terms.seed + 31 * changed, index)
        fixed = Draw(self.terms.seed, index)
        kind, sku = fixed.one_of(_GOODS), self.sku_of(index)
        price, stock = draw.below(20_000), draw.below(500)
        sold_out = draw.below(12) == 0 and index >= ALWAYS_IN_STOCK
        return Product(
            index=index,
            sku=sku,
            name=f"{kind} {index + 1}",
            brand=fixed.one_of(_BRANDS),
            description=f"{kind} no. {index + 1}, edition {changed // 2 + 1}.",
            price=Decimal(500 + price) / 100,
            stock=0 if sold_out or sku in self.terms.out_of_stock else stock + 1,
            images=(f"https://images.example/{sku}/{changed // 3}.jpg",),
            changed_in=changed,
        )

    def by_sku(self, sku: str) -> Product | None:
        prefix, _, number = sku.rpartition("-")
        if prefix != self.terms.prefix or not number.isdecimal():
            return None
        index = int(number) - 1
        return self.at(index) if 0 <= index < len(self) and self.sku_of(index) == sku else None

    def sku_of(self, index: int) -> str:
        return f"{self.terms.prefix}-{index + 1:06}"

    def is_broken(self, index: int) -> bool:
        every = self.terms.invalid_every
        return every > 0 and index % every == every - 1

    def slice(self, start: int, count: int) -> Iterator[Product]:
        return (self.at(index) for index in range(start, min(start + count, len(self))))

    def _changed_in(self, index: int) -> int:
        """The last version that changed this product, or the one that brought it."""
        brought = (
            max(0, -(-(index + 1 - self.terms.products) // self.terms.growth)) if self.terms.growth else 0
        )
        limit = self.terms.change_rate * _SHARES
        for version in range(self.terms.version, brought, -1):
            if mixed(self.terms.seed + 7_907 * version, index) % _SHARES < limit:
                return version
        return brought
