"""What one request's resolvers know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql.pyutils import Path

if TYPE_CHECKING:
    from sandbox.shopify.app import ShopifyShop

Args = Mapping[str, Any]


@dataclass
class Context:
    """`path` is that of the field being resolved; `searches` collects what was odd about search texts."""

    shop: "ShopifyShop"
    base_url: str
    api_version: str
    path: Path | None = None
    searches: list[dict[str, Any]] = field(default_factory=list)


Resolver = Callable[[Any, Context, Args], Any]
