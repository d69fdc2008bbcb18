"""One GraphQL request from its text to its answer: validation, cost, bucket, execution."""

import asyncio
import re
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
    get_variable_values,
    parse,
    validate,
)

from sandbox.shopify.admin.context import Context
from sandbox.shopify.admin.cost import Costing
from sandbox.shopify.admin.resolving import EXECUTABLE
from sandbox.shopify.behaviour import GraphRefusal, ShopStatus

LARGE = 50
LIMITS_PAGE = "https://shopify.dev/api/usage/rate-limits"
SCOPES_PAGE = "https://shopify.dev/api/usage/access-scopes"
_UNKNOWN_FIELD = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'\.")
_MESSAGES = {
    "ACCESS_DENIED": "Access denied for {field} field.",
    "THROTTLED": "Throttled",
    "SHOP_INACTIVE": "The shop is inactive.",
}


@dataclass(frozen=True)
class Asked:
    text: str
    variables: dict[str, Any]
    operation_name: str | None


async def answer(asked: Asked, ctx: Context) -> dict[str, Any]:
    """The body of the answer; whatever goes wrong, its HTTP status is 200."""
    document, problems = _read(asked.text)
    if problems or document is None:
        return {"errors": problems}
    operation = get_operation_ast(document, asked.operation_name)
    if operation is None:
        return {"errors": [{"message": "No operation to execute was named."}]}
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    if undeclared := _undeclared(operation, asked.variables):
        return {"errors": [{"message": f"Variables are not declared: {', '.join(undeclared)}"}]}
    variables = get_variable_values(EXECUTABLE, operation.variable_definitions or (), asked.variables)
    if isinstance(variables, list):
        return {"errors": [error.formatted for error in variables]}
    costing = Costing(EXECUTABLE, operation, fragments, variables)
    requested = costing.requested()
    if refusal := _limit(costing, requested, ctx):
        return refusal
    ctx.shop.bucket.charge(requested)
    result = await _executed(document, costing, asked, ctx)
    spent = min(costing.actual(result.data), requested)
    ctx.shop.bucket.give_back(requested - spent)
    return _told(result, _cost(ctx, requested, spent), ctx)


def _undeclared(operation: OperationDefinitionNode, given: dict[str, Any]) -> list[str]:
    """The real API leaves them unread; here they are taken for the mistake they are."""
    declared = {one.variable.name.value for one in operation.variable_definitions or ()}
    return sorted(given.keys() - declared)


@lru_cache(maxsize=512)
def _read(text: str) -> tuple[DocumentNode | None, list[dict[str, Any]]]:
    try:
        document = parse(text)
    except GraphQLError as error:
        return None, [_formatted(error)]
    return document, [_formatted(error) for error in validate(EXECUTABLE, document)]


@lru_cache(maxsize=512)
def root_fields(text: str) -> frozenset[str]:
    """What a document asks for at its top; nothing when it is no GraphQL."""
    document, _ = _read(text)
    nodes = document.definitions if document else ()
    operations = (node for node in nodes if isinstance(node, OperationDefinitionNode))
    fields = (field for one in operations for field in one.selection_set.selections)
    return frozenset(field.name.value for field in fields if isinstance(field, FieldNode))


def _formatted(error: GraphQLError) -> dict[str, Any]:
    """As Shopify says it where its words matter, else as the library does."""
    told: dict[str, Any] = dict(error.formatted)
    if match := _UNKNOWN_FIELD.match(error.message):
        told["message"] = f"Field '{match[1]}' doesn't exist on type '{match[2]}'"
        told["extensions"] = {"code": "undefinedField", "typeName": match[2], "fieldName": match[1]}
    return told


def _limit(costing: Costing, requested: int, ctx: Context) -> dict[str, Any] | None:
    """Why this may not run now, if so."""
    shop = ctx.shop
    if requested > shop.behaviour.max_query_cost:
        return _too_expensive(requested, shop.behaviour.max_query_cost)
    if refusal := _refusal(costing.operation, ctx):
        return refusal
    if requested > shop.bucket.available():
        code = {"code": "THROTTLED", "documentation": LIMITS_PAGE}
        told = {"errors": [{"message": "Throttled", "extensions": code}]}
        return {**told, "extensions": {"cost": _cost(ctx, requested, None)}}
    return None


async def _executed(document: DocumentNode, costing: Costing, asked: Asked, ctx: Context) -> ExecutionResult:
    """Run it; a large query in a thread, so that the sandbox's other answers do not wait for it."""
    run = partial(
        execute,
        EXECUTABLE,
        document,
        context_value=ctx,
        variable_values=asked.variables,
        operation_name=asked.operation_name,
    )
    aside = costing.operation.operation is OperationType.QUERY and costing.requested() > LARGE
    result = await asyncio.to_thread(run) if aside else run()
    assert isinstance(result, ExecutionResult)
    return result


def _told(result: ExecutionResult, cost: dict[str, Any], ctx: Context) -> dict[str, Any]:
    extensions: dict[str, Any] = {"cost": cost}
    if ctx.searches:
        extensions["search"] = ctx.searches
    errors = {"errors": [_formatted(error) for error in result.errors]} if result.errors else {}
    return {"data": result.data, **errors, "extensions": extensions}


def _cost(ctx: Context, requested: int, actual: int | None) -> dict[str, Any]:
    bucket = ctx.shop.bucket
    return {
        "requestedQueryCost": requested,
        "actualQueryCost": actual,
        "throttleStatus": {
            "maximumAvailable": float(bucket.size),
            "currentlyAvailable": int(bucket.available()),
            "restoreRate": float(bucket.rate),
        },
    }


def _too_expensive(cost: int, limit: int) -> dict[str, Any]:
    message = f"Query cost is {cost}, which exceeds the single query max cost limit ({limit})."
    extensions = {"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": limit, "documentation": LIMITS_PAGE}
    return {"errors": [{"message": message, "extensions": extensions}]}


def _refusal(operation: OperationDefinitionNode, ctx: Context) -> dict[str, Any] | None:
    """What the shop was told to refuse, if this operation asks for it."""
    if ctx.shop.behaviour.shop_status is ShopStatus.INACTIVE:
        return _refused(GraphRefusal(field="shop", code="SHOP_INACTIVE"), ctx, data=False)
    asked = {node.name.value for node in operation.selection_set.selections if isinstance(node, FieldNode)}
    for rule in ctx.shop.behaviour.refusals:
        if rule.field in asked and rule.times != 0:
            rule.times = None if rule.times is None else rule.times - 1
            return _refused(rule, ctx, data=rule.code == "ACCESS_DENIED")
    return None


def _refused(rule: GraphRefusal, ctx: Context, *, data: bool) -> dict[str, Any]:
    message = _MESSAGES.get(rule.code, "Internal error. Looks like something went wrong on our end.")
    extensions: dict[str, Any] = {"code": rule.code}
    if rule.code == "ACCESS_DENIED":
        extensions["documentation"] = SCOPES_PAGE
    told = {"message": message.format(field=rule.field), "path": [rule.field], "extensions": extensions}
    if data:
        return {"data": {rule.field: None}, "errors": [told]}
    return {"errors": [told], "extensions": {"cost": _cost(ctx, 1, None)}}
