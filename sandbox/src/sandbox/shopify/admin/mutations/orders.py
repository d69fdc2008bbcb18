"""Notes, tags, attributes and metafields of orders; tags of customers."""

from typing import Any

from sandbox.shopify.admin.context import Args, Context
from sandbox.shopify.admin.fields.field_readers import Fields, payload, refused
from sandbox.shopify.admin.finding import by_gid
from sandbox.shopify.admin.gids import read_gid
from sandbox.shopify.admin.values import Problem
from sandbox.shopify.entities import Customer, Order

MOST_METAFIELDS = 25
MOST_TAGS = 250
LONGEST_TAG = 40


def _order_update(_root: Any, ctx: Context, args: Args) -> Any:
    given = args["input"]
    order = by_gid(ctx.shop.records.orders, "Order", given["id"])
    if order is None:
        return refused(Problem("Order does not exist", ["id"]))
    fields: dict[str, Any] = {}
    if "note" in given:
        fields["note"] = given["note"]
    if given.get("tags") is not None:
        fields["tags"] = _clean(given["tags"])
    if given.get("customAttributes") is not None:
        fields["attributes"] = tuple((pair["key"], pair["value"]) for pair in given["customAttributes"])
    changed = ctx.shop.order_desk.change(order, fields)
    for metafield in given.get("metafields") or ():
        _write(ctx, changed, metafield)
        changed = ctx.shop.records.orders.get(order.id) or changed
    return {"order": changed}


def _clean(tags: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))


def _tag_change(*, add: bool) -> Any:
    def change(_root: Any, ctx: Context, args: Args) -> Any:
        kind, number = read_gid(args["id"])
        found = _tagged_by(ctx, kind, number)
        if found is None:
            return refused(Problem(f"{kind} does not exist", ["id"]))
        wanted = _clean(args["tags"])
        if any(len(tag) > LONGEST_TAG for tag in wanted):
            return refused(Problem(f"Tag is too long (maximum is {LONGEST_TAG} characters)", ["tags"]))
        kept = tuple(tag for tag in found.tags if tag not in wanted)
        after = (*found.tags, *(tag for tag in wanted if tag not in found.tags)) if add else kept
        if len(after) > MOST_TAGS:
            return refused(Problem(f"Too many tags (maximum is {MOST_TAGS})", ["tags"]))
        return {"node": _tagged(ctx, found, after)}

    return change


def _tagged_by(ctx: Context, kind: str, number: int) -> Order | Customer | None:
    if kind == "Order":
        return ctx.shop.records.orders.get(number)
    return ctx.shop.records.customers.get(number) if kind == "Customer" else None


def _tagged(ctx: Context, found: Order | Customer, tags: tuple[str, ...]) -> Order | Customer:
    if isinstance(found, Order):
        return ctx.shop.order_desk.change(found, {"tags": tags})
    return ctx.shop.customer_desk.tag(found, tags)


def _metafields_set(_root: Any, ctx: Context, args: Args) -> Any:
    """All or none; only orders have metafields here."""
    given = args["metafields"]
    if len(given) > MOST_METAFIELDS:
        message = f"Exceeded the maximum metafields input limit of {MOST_METAFIELDS}."
        return refused(Problem(message, ["metafields"], "LESS_THAN_OR_EQUAL_TO"))
    problems = [p for index, one in enumerate(given) if (p := _metafield_problem(ctx, one, index))]
    if problems:
        return refused(*problems)
    written = []
    for one in given:
        order = by_gid(ctx.shop.records.orders, "Order", one["ownerId"])
        written.append(_write(ctx, order, one))
    return {"metafields": written}


def _metafield_problem(ctx: Context, given: Any, index: int) -> Problem | None:
    place = ["metafields", str(index)]
    if by_gid(ctx.shop.records.orders, "Order", given["ownerId"]) is None:
        return Problem("Owner does not exist.", [*place, "ownerId"], "INVALID", index)
    if not given["value"]:
        return Problem("may not be empty", [*place, "value"], "BLANK", index)
    return None


def _write(ctx: Context, order: Order, given: Any) -> Any:
    key = (given.get("namespace") or "custom", given["key"])
    kind = given.get("type") or "single_line_text_field"
    return ctx.shop.order_desk.set_metafield(order, key, kind=kind, value=given["value"])


FIELDS: Fields = {
    "Mutation": {
        "orderUpdate": _order_update,
        "tagsAdd": _tag_change(add=True),
        "tagsRemove": _tag_change(add=False),
        "metafieldsSet": _metafields_set,
    },
    "OrderUpdatePayload": payload(order="order"),
    "TagsAddPayload": payload(node="node"),
    "TagsRemovePayload": payload(node="node"),
    "MetafieldsSetPayload": payload(metafields="metafields"),
}
