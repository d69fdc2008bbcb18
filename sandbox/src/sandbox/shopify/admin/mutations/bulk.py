"""Bulk operations: begun, looked at, cancelled."""

from typing import Any

from sandbox.shopify.admin.bulk.desk import BulkOperation
from sandbox.shopify.admin.context import Args, Context
from sandbox.shopify.admin.fields.field_readers import Fields, attributes, payload, read, refused
from sandbox.shopify.admin.gids import gid, number_of
from sandbox.shopify.admin.sources import ListSource, Source
from sandbox.shopify.admin.values import Problem, moment


def find(ctx: Context, text: str) -> BulkOperation | None:
    return ctx.shop.bulk_desk.operations.get(number_of(text, "BulkOperation") or -1)


def _one(_root: Any, ctx: Context, args: Args) -> Any:
    return find(ctx, args["id"])


def _current(_root: Any, ctx: Context, args: Args) -> Any:
    """The last one of this type; only queries are run here."""
    if args.get("type") != "QUERY":
        return None
    return next(reversed(ctx.shop.bulk_desk.operations.values()), None)


def _list(_root: Any, ctx: Context, args: Args) -> Source:
    """Filtered by `status:…` at most."""
    wanted = (args.get("query") or "").lower().removeprefix("status:").strip("'\"")
    operations = ctx.shop.bulk_desk.operations.values()
    return ListSource([o for o in operations if wanted in ("", o.status.lower())], args)


def _run(_root: Any, ctx: Context, args: Args) -> Any:
    begun = ctx.shop.bulk_desk.run(
        args["query"],
        grouped=args["groupObjects"],
        base_url=ctx.base_url,
        api_version=ctx.api_version,
    )
    return refused(begun) if isinstance(begun, Problem) else {"operation": begun}


def _cancel(_root: Any, ctx: Context, args: Args) -> Any:
    operation = find(ctx, args["id"])
    if operation is None:
        return refused(Problem("Bulk operation does not exist", ["id"]))
    problem = ctx.shop.bulk_desk.cancel(operation)
    return {"operation": operation, "problems": [problem] if problem else []}


def _count(getter: Any) -> Any:
    return read(lambda operation: str(getter(operation)))


def _whole(operation: BulkOperation) -> str | None:
    return operation.address if operation.status == "COMPLETED" else None


def _part(operation: BulkOperation) -> str | None:
    return operation.address if operation.status == "FAILED" else None


def _size(operation: BulkOperation) -> str | None:
    return str(operation.tally.size) if operation.address else None


FIELDS: Fields = {
    "QueryRoot": {"bulkOperation": _one, "currentBulkOperation": _current},
    "Mutation": {"bulkOperationRunQuery": _run, "bulkOperationCancel": _cancel},
    "BulkOperation": {
        "id": read(lambda operation: gid("BulkOperation", operation.id)),
        **attributes("status", "query", "error_code"),
        "type": read(lambda _: "QUERY"),
        "url": read(_whole),
        "partialDataUrl": read(_part),
        "objectCount": _count(lambda operation: operation.tally.objects),
        "rootObjectCount": _count(lambda operation: operation.tally.roots),
        "fileSize": read(_size),
        "createdAt": read(lambda operation: moment(operation.created_at)),
        "completedAt": read(lambda operation: moment(operation.completed_at)),
    },
    "BulkOperationRunQueryPayload": payload(bulkOperation="operation"),
    "BulkOperationCancelPayload": payload(bulkOperation="operation"),
}
CONNECTIONS = {"QueryRoot": {"bulkOperations": _list}}
