"""Steering the shop's Admin API: limits, access, past, subscriptions, bulk operations; what it was asked."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import InvalidInput, count_parameter, json_answer, json_object, read_model
from sandbox.shopify.admin.bulk.desk import BulkOperation
from sandbox.shopify.behaviour import Behaviour
from sandbox.shopify.control import shop_of
from sandbox.shopify.shops import Shops
from sandbox.shopify.subscriptions import Subscription
from sandbox.shopify.telling import shop_told
from sandbox.shopify.topics import enum_name
from sandbox.shopify.volume import VolumeOrder


async def show_behaviour(request: Request) -> Response:
    """How the API behaves, and what is in the bucket."""
    shop = shop_of(request)
    return json_answer({**shop.behaviour.model_dump(mode="json"), "available": shop.bucket.available()})


async def change_behaviour(request: Request) -> Response:
    """Change what the body names; the rest stays."""
    shop = shop_of(request)
    changed = {**shop.behaviour.model_dump(), **await json_object(request)}
    try:
        shop.behave(Behaviour.model_validate(changed))
    except ValidationError as error:
        raise InvalidInput("; ".join(f"{e['loc']}: {e['msg']}" for e in error.errors())) from error
    return await show_behaviour(request)


async def reset_behaviour(request: Request) -> Response:
    """As at the start, with a full bucket."""
    shop = shop_of(request)
    shop.behave(Behaviour())
    shop.bucket.give_back(shop.bucket.size)
    return await show_behaviour(request)


class Fill(BaseModel):
    model_config = ConfigDict(extra="forbid")

    available: float


async def fill_bucket(request: Request) -> Response:
    """Leave at most this many points in the bucket."""
    shop = shop_of(request)
    shop.bucket.fill_to((await read_model(request, Fill)).available)
    return await show_behaviour(request)


async def put_volume(request: Request) -> Response:
    """Give the shop a past of any size: customers, orders with their lines, products."""
    shop = shop_of(request)
    order = await read_model(request, VolumeOrder)
    shop.records.fill(order)
    return json_answer({**order.model_dump(mode="json"), "held": _held(request)})


async def show_records(request: Request) -> Response:
    return json_answer(_held(request))


def _held(request: Request) -> dict[str, int]:
    records = shop_of(request).records
    return {
        "customers": len(records.customers),
        "orders": len(records.orders),
        "products": len(records.products),
    }


def _subscription(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "topic": subscription.topic,
        "enum": enum_name(subscription.topic),
        "uri": subscription.uri,
        "created_at": subscription.created_at.isoformat(),
    }


async def list_subscriptions(request: Request) -> Response:
    kept = shop_of(request).subscriptions.kept.values()
    return json_answer({"subscriptions": [_subscription(one) for one in kept]})


async def drop_subscriptions(request: Request) -> Response:
    """Remove by id, topic, enum value or `*`, as Shopify does after eight failures."""
    dropped = shop_of(request).subscriptions.drop(request.path_params["wanted"])
    return json_answer({"dropped": [_subscription(one) for one in dropped]})


async def list_bulk_operations(request: Request) -> Response:
    """The last fifty, newest first, with the line numbers that are broken on purpose."""
    operations = shop_of(request).bulk_desk.operations.values()
    return json_answer({"operations": [_operation(one) for one in reversed(operations)]})


def _operation(operation: BulkOperation) -> dict[str, Any]:
    tally = operation.tally
    return {
        "id": operation.id,
        "status": operation.status,
        "query": operation.query,
        "url": operation.address,
        "objects": tally.objects,
        "roots": tally.roots,
        "lines": tally.lines,
        "size": tally.size,
        "bad_count": tally.bad_count,
        "bad_lines": tally.bad_lines,
    }


async def change_profile(request: Request) -> Response:
    """Another name, e-mail, currency or time zone; the shop tells it by shop/update."""
    shop = shop_of(request)
    wanted = await json_object(request)
    if unknown := set(wanted) - {"name", "email", "currency", "iana_timezone", "phone", "plan"}:
        raise InvalidInput(f"a profile has no {sorted(unknown)}")
    shop.records.change_profile({name: str(value) for name, value in wanted.items()})
    shop.postbox.post([shop_told("shop/update", shop.records.profile)])
    return json_answer({"id": shop.records.profile.id, **wanted})


async def uninstall(request: Request) -> Response:
    """The merchant removes the app: no token, no subscriptions any more, and app/uninstalled."""
    shop = shop_of(request)
    shop.postbox.post([shop_told("app/uninstalled", shop.records.profile)])
    shop.access_token = None
    shop.subscriptions.drop("*")
    return json_answer({"installed": False})


class Installation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    access_token: str


async def install(request: Request) -> Response:
    """The app is installed (again) and gets this token."""
    shop = shop_of(request)
    shop.access_token = (await read_model(request, Installation)).access_token
    return json_answer({"installed": True})


async def list_requests(request: Request) -> Response:
    """The last requests to the Admin API of all shops, or to the storage, newest first."""
    shops: Shops = request.app.state.shops
    storage = request.url.path.endswith("/storage-requests")
    journal = shops.storage_journal if storage else shops.journal
    return json_answer(
        {"requests": journal.last(count_parameter(request, "limit", default=100)), "total": journal.total}
    )


def routes(prefix: str) -> list[Route]:
    return [
        Route(f"{prefix}/admin", show_behaviour, methods=["GET"]),
        Route(f"{prefix}/admin", change_behaviour, methods=["PATCH"]),
        Route(f"{prefix}/admin", reset_behaviour, methods=["DELETE"]),
        Route(f"{prefix}/admin/bucket", fill_bucket, methods=["PUT"]),
        Route(f"{prefix}/volume", put_volume, methods=["PUT"]),
        Route(f"{prefix}/records", show_records, methods=["GET"]),
        Route(f"{prefix}/subscriptions", list_subscriptions, methods=["GET"]),
        Route(f"{prefix}/subscriptions/{{wanted:path}}", drop_subscriptions, methods=["DELETE"]),
        Route(f"{prefix}/bulk-operations", list_bulk_operations, methods=["GET"]),
        Route(f"{prefix}/profile", change_profile, methods=["PATCH"]),
        Route(f"{prefix}/uninstall", uninstall, methods=["POST"]),
        Route(f"{prefix}/install", install, methods=["POST"]),
        Route(f"{prefix}/requests", list_requests, methods=["GET"]),
        Route(f"{prefix}/storage-requests", list_requests, methods=["GET"]),
    ]
