"""Products and their variants."""

from typing import Any

from sandbox.shopify.admin.context import Args, Context
from sandbox.shopify.admin.fields.field_readers import Fields, attributes, dated, identified, read
from sandbox.shopify.admin.finding import by_gid, count, searched
from sandbox.shopify.admin.gids import gid
from sandbox.shopify.admin.search import Searchable
from sandbox.shopify.admin.sources import ListSource, Source
from sandbox.shopify.catalogue import Product, Variant

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
    return ListSource([(product, variant) for variant in product.variants], args)


FIELDS: Fields = {
    "QueryRoot": {"product": _product, "productsCount": _count},
    "Product": {
        **identified("Product"),
        **attributes("title", "handle", "product_type", "vendor", "status", "tags"),
        **dated(),
        "descriptionHtml": read(lambda product: f"<p>{product.title}</p>"),
        "totalInventory": read(lambda product: sum(map(stock_of, product.variants))),
    },
    "ProductVariant": {
        "id": read(lambda pair: gid("ProductVariant", pair[1].id)),
        "legacyResourceId": read(lambda pair: pair[1].id),
        "title": read(lambda pair: pair[1].title or "Default Title"),
        "displayName": read(lambda pair: f"{pair[0].title} - {pair[1].title or 'Default Title'}"),
        "sku": read(lambda pair: pair[1].sku),
        "barcode": read(lambda _: None),
        "price": read(lambda pair: str(pair[1].price)),
        "compareAtPrice": read(lambda _: None),
        "taxable": read(lambda pair: not pair[1].is_gift_card),
        "inventoryQuantity": read(lambda pair: stock_of(pair[1])),
        "product": read(lambda pair: pair[0]),
    },
}
CONNECTIONS = {"QueryRoot": {"products": _products}, "Product": {"variants": _variants}}
