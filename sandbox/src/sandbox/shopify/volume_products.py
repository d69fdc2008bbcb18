"""Products of a catalogue of any size."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from sandbox.mixing import Draw
from sandbox.shopify.catalogue import OPENED, Product, Variant
from sandbox.shopify.volume import Numbering, VolumeOrder

_BASE = 9_000_000_000_000
_VARIANT_BASE = 44_000_000_000_000
_SALT = 104_729
_KINDS = ("Jackets", "Boots", "Tents", "Stoves", "Kitchen", "Accessories", "Maps")


@dataclass(frozen=True)
class PastProducts:
    order: VolumeOrder

    @cached_property
    def numbering(self) -> Numbering:
        span = timedelta(days=self.order.span_days)
        return Numbering(_BASE, self.order.products, self.order.newest, span)

    def __len__(self) -> int:
        return self.order.products

    def index_of(self, resource_id: int) -> int | None:
        return self.numbering.index_of(resource_id)

    def at(self, index: int) -> Product:
        draw = Draw(self.order.seed + _SALT, index)
        kind, product_id = draw.one_of(_KINDS), self.numbering.id_of(index)
        variant = Variant(
            id=_VARIANT_BASE + index,
            product_id=product_id,
            product_title=f"{kind} no. {index}",
            title=None,
            product_type=kind,
            sku=f"VOL-{index:07}",
            price=Decimal(990 + draw.below(500_000)) / 100,
            grams=50 + draw.below(2_000),
        )
        changed = self.numbering.moment(index)
        return Product(
            id=product_id,
            title=variant.product_title,
            product_type=kind,
            vendor=variant.vendor,
            variants=(variant,),
            created_at=min(OPENED, changed),
            updated_at=changed,
        )
