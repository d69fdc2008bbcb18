"""Products and their variants."""

from dataclasses import dataclass
from typing import Any

from sandbox.shopify.admin.context import Args, Context
from sandbox.shopify.admin.fields.field_readers import Fields, attributes, dated, identified, read
from sandbox.shopify.admin.finding import by_gid, count, searched
from sandbox.shopify.admin.gids import gid
from sandbox.shopify.admin.search import Searchable
from sandbox.shopify.admin.sources import ListSource, Source
from sandbox.shopify.catalogue import Product, Variant
from sandbox.shopify.variant_shelf import SoldVariant, variants_of

HEAVY = 1_000
SEARCHABLE = Searchable(
    times={"created_at": lambda p: p.created_at, "updated_at": lambda p: p.updated_at},
    texts={
        "id": lambda p: p.id,
        "title": lambda p: p.title,
        "vendor": lambda p: p.vendor,
        "product_type": lambda p: p.product_type,
        "status": lambda p: p.status,
        "tag": lambda p: p.tags,
        "sku": lambda p: tuple(variant.sku for variant in p.variants),
    },
    plain=lambda p: (p.title, p.vendor),
)


VARIANT_SEARCHABLE = Searchable(
    times={"updated_at": lambda one: one.updated_at},
    texts={
        "sku": lambda one: one.variant.sku,
        "product_id": lambda one: one.product.id,
        "title": lambda one: one.variant.title,
        "vendor": lambda one: one.product.vendor,
    },
    plain=lambda one: (one.variant.name, one.variant.sku),
    numbers={"id": lambda one: one.id},
)


@dataclass(frozen=True)
class Picture:
    product: Product


def stock_of(variant: Variant) -> int:
    """How many are in stock; a shop that nobody counts has always the same."""
    return 5 + variant.id % 90


def _product(_root: Any, ctx: Context, args: Args) -> Any:
    return by_gid(ctx.shop.records.products, "Product", args["id"])


def _products(_root: Any, ctx: Context, args: Args) -> Source:
    return searched(ctx.shop.records.products, SEARCHABLE, ctx, args)


def _count(_root: Any, ctx: Context, args: Args) -> Any:
    return count(_products(None, ctx, args), args)


def _variants(product: Product, _ctx: Context, args: Args) -> Source:
    return ListSource([SoldVariant(product, variant) for variant in product.variants], args)


def _all_variants(_root: Any, ctx: Context, args: Args) -> Source:
    return searched(variants_of(ctx.shop.records.products), VARIANT_SEARCHABLE, ctx, args)


def _picture(product: Product) -> Picture | None:
    """Gift cards have none."""
    return None if product.variants[0].is_gift_card else Picture(product)


FIELDS: Fields = {
    "QueryRoot": {"product": _product, "productsCount": _count},
    "Product": {
        **identified("Product"),
        **attributes("title", "handle", "product_type", "vendor", "status", "tags"),
        **dated(),
        "descriptionHtml": read(lambda product: f"<p>{product.title}</p>"),
        "totalInventory": read(lambda product: sum(map(stock_of, product.variants))),
        "featuredMedia": read(_picture),
    },
    "MediaImage": {
        "id": read(lambda picture: gid("MediaImage", picture.product.id)),
        "preview": read(lambda picture: picture),
    },
    "MediaPreviewImage": {"image": read(lambda picture: picture)},
    "Image": {"url": read(lambda picture: f"https://cdn.example/{picture.product.handle}.jpg")},
    "InventoryItem": {
        "id": read(lambda one: gid("InventoryItem", one.id)),
        "measurement": read(lambda one: one),
    },
    "InventoryItemMeasurement": {"weight": read(lambda one: one.variant)},
    "Weight": {
        "unit": read(lambda variant: "GRAMS" if variant.grams < HEAVY else "KILOGRAMS"),
        "value": read(lambda variant: variant.grams if variant.grams < HEAVY else variant.grams / 1000),
    },
    "ProductVariant": {
        "id": read(lambda one: gid("ProductVariant", one.variant.id)),
        "legacyResourceId": read(lambda one: one.variant.id),
        "title": read(lambda one: one.variant.title or "Default Title"),
        "displayName": read(lambda one: f"{one.product.title} - {one.variant.title or 'Default Title'}"),
        "sku": read(lambda one: one.variant.sku),
        "barcode": read(lambda _: None),
        "price": read(lambda one: str(one.variant.price)),
        "compareAtPrice": read(lambda _: None),
        "taxable": read(lambda one: not one.variant.is_gift_card),
        "inventoryQuantity": read(lambda one: stock_of(one.variant)),
        "product": read(lambda one: one.product),
        "inventoryItem": read(lambda one: one),
    },
}
CONNECTIONS = {
    "QueryRoot": {"products": _products, "productVariants": _all_variants},
    "Product": {"variants": _variants},
}
