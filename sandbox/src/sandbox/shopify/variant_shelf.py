"""Variants by themselves, each with the product it belongs to."""

from dataclasses import dataclass
from datetime import datetime

from sandbox.shopify.catalogue import Product, Variant
from sandbox.shopify.shelf import Background, Shelf


@dataclass(frozen=True)
class SoldVariant:
    product: Product
    variant: Variant

    @property
    def id(self) -> int:
        return self.variant.id

    @property
    def created_at(self) -> datetime:
        return self.product.created_at

    @property
    def updated_at(self) -> datetime:
        return self.product.updated_at


@dataclass(frozen=True)
class PastVariants:
    """Those of products that are made on demand, which have one each, in the same order."""

    products: Background[Product]

    def __len__(self) -> int:
        return len(self.products)

    def at(self, index: int) -> SoldVariant:
        product = self.products.at(index)
        return SoldVariant(product, product.variants[0])

    def index_of(self, resource_id: int) -> None:  # noqa: ARG002
        return None


def variants_of(products: Shelf[Product]) -> Shelf[SoldVariant]:
    """All variants of these products."""
    kept = products.kept()
    shelf: Shelf[SoldVariant] = Shelf(limit=sum(len(product.variants) for product in kept) + 1)
    for product in kept:
        for variant in product.variants:
            shelf.put(SoldVariant(product, variant))
    shelf.fill(PastVariants(products.background))
    return shelf
