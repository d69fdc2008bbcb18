"""Gives every field of the schema its resolver; a field without one is a mistake found at start."""

from typing import Any

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema

from sandbox.shopify.admin.bulk.desk import BulkOperation
from sandbox.shopify.admin.context import Args, Context, Resolver
from sandbox.shopify.admin.fields.field_readers import attribute, read
from sandbox.shopify.admin.fields.products import Picture
from sandbox.shopify.admin.gids import read_gid
from sandbox.shopify.admin.mutations import bulk, consent, fulfillment, orders, webhooks
from sandbox.shopify.admin.reading import CONNECTIONS, FIELDS, Opener, Registry, merged
from sandbox.shopify.admin.sdl import SCHEMA
from sandbox.shopify.admin.values import Assignment, Location, MoneyBack, Shipment
from sandbox.shopify.catalogue import Product
from sandbox.shopify.entities import Customer, Metafield, Order
from sandbox.shopify.profile import Profile
from sandbox.shopify.subscriptions import Subscription

_KINDS: dict[type, str] = {
    Order: "Order",
    Customer: "Customer",
    Product: "Product",
    Shipment: "Fulfillment",
    MoneyBack: "Refund",
    Assignment: "FulfillmentOrder",
    BulkOperation: "BulkOperation",
    Subscription: "WebhookSubscription",
    Metafield: "Metafield",
    Location: "Location",
    Picture: "MediaImage",
    Profile: "Shop",
}
_BY_NODE = {
    "Order": "order",
    "Customer": "customer",
    "Product": "product",
    "Fulfillment": "fulfillment",
    "Refund": "refund",
    "FulfillmentOrder": "fulfillmentOrder",
    "BulkOperation": "bulkOperation",
    "WebhookSubscription": "webhookSubscription",
}


def _node(_root: Any, ctx: Context, args: Args) -> Any:
    """Whatever this id names, found as its own query would find it."""
    kind, _ = read_gid(args["id"])
    query = _BY_NODE.get(kind)
    return REGISTRY["QueryRoot"][query](None, ctx, {"id": args["id"]}) if query else None


def _nodes(_root: Any, ctx: Context, args: Args) -> Any:
    return [_node(None, ctx, {"id": one}) for one in args["ids"]]


REGISTRY: Registry = merged(
    FIELDS,
    *(module.FIELDS for module in (consent, fulfillment, orders, webhooks, bulk)),
    {"QueryRoot": {"node": _node, "nodes": _nodes}},
)
OPENERS: Registry = merged(CONNECTIONS, webhooks.CONNECTIONS, bulk.CONNECTIONS)
_PAGE: dict[str, Resolver] = {
    "edges": attribute("edges"),
    "nodes": attribute("nodes"),
    "pageInfo": read(lambda p: p),
}
_EDGE: dict[str, Resolver] = {"cursor": attribute("cursor"), "node": attribute("node")}


def resolvable(schema: GraphQLSchema) -> GraphQLSchema:
    """The schema with a resolver on every field; raises LookupError for a field nobody answers."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInterfaceType):
            kind.resolve_type = lambda value, _info, _kind: _KINDS[type(value)]
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                field.resolve = _adapted(_resolver(kind.name, name))
    return schema


def _resolver(kind: str, name: str) -> Resolver:
    if opener := OPENERS.get(kind, {}).get(name):
        return _paged(opener)
    own = _PAGE if kind.endswith("Connection") else _EDGE if kind.endswith("Edge") else REGISTRY.get(kind, {})
    if name not in own:
        raise LookupError(f"nobody answers {kind}.{name}")
    return own[name]


def _paged(opener: Opener) -> Resolver:
    return lambda obj, ctx, args: opener(obj, ctx, args).page(args)


def _adapted(resolver: Resolver) -> Any:
    def resolve(source: Any, info: GraphQLResolveInfo[Context], **args: Any) -> Any:
        info.context.path = info.path
        return resolver(source, info.context, args)

    return resolve


EXECUTABLE = resolvable(SCHEMA)
