"""How resolvers find what a query asks for."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sandbox.shopify.admin.context import Args, Context
from sandbox.shopify.admin.gids import number_of
from sandbox.shopify.admin.search import Searchable, parse
from sandbox.shopify.admin.sources import ShelfSource, Source
from sandbox.shopify.shelf import Place, Shelf, by_update

ORDERS_VISIBLE_FOR = timedelta(days=60)


def by_gid(shelf: Shelf[Any], kind: str, text: str) -> Any:
    """What this id names on the shelf, or None."""
    number = number_of(text, kind)
    return None if number is None else shelf.get(number)


def _by_creation(resource: Any) -> Place:
    return (resource.created_at, resource.id)


def _by_id(resource: Any) -> Place:
    return (resource.id, resource.id)


_RANKS = {
    "UPDATED_AT": (by_update, "updated_at"),
    "CREATED_AT": (_by_creation, "created_at"),
    "PROCESSED_AT": (_by_creation, "created_at"),
}


def searched(shelf: Shelf[Any], searchable: Searchable, ctx: Context, args: Args) -> Source:
    """What the query's search text finds on the shelf; what it does not understand goes to the extensions."""
    search = parse(args.get("query"), searchable)
    if search.warnings:
        warned = {
            "path": ctx.path.as_list() if ctx.path else [],
            "query": search.text,
            "warnings": search.warnings,
        }
        ctx.searches.append(warned)
    rank, ranked_by = _RANKS.get(str(args.get("sortKey")), (_by_id, "id"))
    return ShelfSource(shelf, search, rank=rank, ranked_by=ranked_by, reverse=bool(args.get("reverse")))


def count(source: Source, args: Args) -> tuple[int, str]:
    """How many there are, counted up to the limit."""
    limit = args.get("limit") or 10_000
    found = sum(1 for _ in islice(iter(source), limit + 1))
    return min(found, limit), "EXACT" if found <= limit else "AT_LEAST"


def visible_since(ctx: Context) -> datetime | None:
    """Without the right to all orders an app sees those of the last 60 days."""
    return None if ctx.shop.behaviour.all_orders else datetime.now(UTC) - ORDERS_VISIBLE_FOR
