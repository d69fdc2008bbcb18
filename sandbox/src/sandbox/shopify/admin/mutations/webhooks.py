"""Webhook subscriptions: listed, created, deleted."""

from typing import Any
from urllib.parse import urlsplit

from sandbox.shopify.admin.context import Args, Context
from sandbox.shopify.admin.fields.field_readers import (
    Fields,
    attributes,
    dated,
    identified,
    payload,
    read,
    refused,
)
from sandbox.shopify.admin.gids import gid, number_of
from sandbox.shopify.admin.sources import ListSource, Source
from sandbox.shopify.admin.values import Problem
from sandbox.shopify.delivery import API_VERSION
from sandbox.shopify.subscriptions import Subscription
from sandbox.shopify.topics import TOPIC_OF_ENUM, enum_name

_THIS_MACHINE = "127.0.0.1"
LONGEST_NAME = 50


def _find(ctx: Context, text: str) -> Subscription | None:
    return ctx.shop.subscriptions.kept.get(number_of(text, "WebhookSubscription") or -1)


def _one(_root: Any, ctx: Context, args: Args) -> Any:
    return _find(ctx, args["id"])


def _list(_root: Any, ctx: Context, args: Args) -> Source:
    topics, uri = args.get("topics"), args.get("uri")
    kept = [
        subscription
        for subscription in ctx.shop.subscriptions.kept.values()
        if (topics is None or enum_name(subscription.topic) in topics) and uri in (None, subscription.uri)
    ]
    return ListSource(kept, args)


def _create(_root: Any, ctx: Context, args: Args) -> Any:
    given, topic = args["webhookSubscription"], args["topic"]
    uri = given.get("uri") or ""
    place = ["webhookSubscription", "uri"]
    if not _acceptable(uri):
        return refused(Problem("Address is not a valid URL; it must use https", place))
    if len(given.get("name") or "") > LONGEST_NAME:
        message = f"Name is too long (maximum is {LONGEST_NAME} characters)"
        return refused(Problem(message, ["webhookSubscription", "name"]))
    header = TOPIC_OF_ENUM.get(topic, topic.lower())
    if ctx.shop.subscriptions.find(header, uri):
        return refused(Problem("Address for this topic has already been taken", place))
    return {"subscription": ctx.shop.subscriptions.add(header, uri, given.get("name"))}


def _acceptable(uri: str) -> bool:
    """https anywhere, http only on this machine and among containers, whose names have no dot."""
    parts = urlsplit(uri)
    host = parts.hostname or ""
    is_near = host == _THIS_MACHINE or "." not in host
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_near))


def _delete(_root: Any, ctx: Context, args: Args) -> Any:
    found = _find(ctx, args["id"])
    if found is None:
        return refused(Problem("Webhook subscription does not exist", ["id"]))
    ctx.shop.subscriptions.drop(str(found.id))
    return {"deleted": gid("WebhookSubscription", found.id)}


FIELDS: Fields = {
    "QueryRoot": {"webhookSubscription": _one},
    "Mutation": {"webhookSubscriptionCreate": _create, "webhookSubscriptionDelete": _delete},
    "WebhookSubscription": {
        **identified("WebhookSubscription"),
        **attributes("uri", "name"),
        **dated(),
        "topic": read(lambda subscription: enum_name(subscription.topic)),
        "filter": read(lambda _: None),
        "includeFields": read(lambda _: []),
        "format": read(lambda _: "JSON"),
        "apiVersion": read(lambda _: API_VERSION),
    },
    "ApiVersion": {"handle": read(lambda version: version), "supported": read(lambda _: True)},
    "WebhookSubscriptionCreatePayload": payload(webhookSubscription="subscription"),
    "WebhookSubscriptionDeletePayload": payload(deletedWebhookSubscriptionId="deleted"),
}
CONNECTIONS = {"QueryRoot": {"webhookSubscriptions": _list}}
