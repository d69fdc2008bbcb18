"""`/tasks/{id}/tree` and `/orders/{order}/timeline`: what belongs together, told as one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from query_api.auth import Reader
from query_api.backend import ApiReader, BackendOf
from query_api.problems import documented, invalid, not_found
from query_api.repository.connections import snapshot
from query_api.repository.order_story import order_story
from query_api.repository.orders_called import orders_called
from query_api.repository.shops import names_for, visible_shops
from query_api.repository.task_tree import tree_of
from query_api.repository.tasks import find_task
from query_api.routes.freshness import answered_as_of
from query_api.routes.parameters import AsOfParameter, Name, named_shops, past
from query_api.routes.tasks import visible
from query_api.schemas.stories import OrderTimelineAnswer, TaskTreeAnswer
from query_api.schemas.story_shaping import order_stages, order_step, tree_tasks
from query_api.stories.belonging import Order
from shared.envelope import utc_now

router = APIRouter()


class TimelineParameters(AsOfParameter):
    shop: str | None = Field(default=None, description="The shop's domain, where several have such an order")


@router.get(
    "/tasks/{task_id}/tree",
    tags=["tasks"],
    summary="All that a task belongs to",
    responses=documented(400, 401, 404, 503),
)
async def get_tree(
    task_id: UUID,
    parameters: Annotated[AsOfParameter, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> TaskTreeAnswer:
    """What led to the task, what it led to, and people's retries of any of these, as one tree. Of very many
    tasks those above and below the one asked for are listed first."""
    as_of = past(parameters.as_of, utc_now())
    async with snapshot(backend.pool) as connection:
        task = visible(await find_task(connection, task_id, as_of=as_of), reader)
        tree = await tree_of(connection, task, as_of=as_of)
        return TaskTreeAnswer(
            as_of=await answered_as_of(connection, response, as_of),
            task_id=task_id,
            tasks=tree_tasks(tree.tasks, await names_for(connection, tree.tasks)),
            is_cut=tree.is_cut,
        )


@router.get(
    "/orders/{order}/timeline",
    tags=["orders"],
    summary="An order's whole story",
    responses=documented(400, 401, 404, 503),
)
async def get_timeline(
    order: Annotated[Name, Path(description="Its id or its number, with or without #", examples=["1042"])],
    parameters: Annotated[TimelineParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> OrderTimelineAnswer:
    """From the webhook over index, CRM and supplier to the write-back and its confirmation: every task about
    the order, its parcels, refunds and packages, each in one line with its time, its state and who did it."""
    as_of = past(parameters.as_of, utc_now())
    async with snapshot(backend.pool) as connection:
        found = await _the_one(connection, order, parameters.shop, reader)
        story = await order_story(connection, found, as_of=as_of)
        shops = await visible_shops(connection, [found.shop_id])
        return OrderTimelineAnswer(
            as_of=await answered_as_of(connection, response, as_of),
            shop=shops[0].domain if shops else str(found.shop_id),
            shop_id=str(found.shop_id),
            order_ids=list(found.order_ids),
            order_number=max(found.numbers, key=len, default=None),
            stages=order_stages(story.steps),
            steps=[order_step(step, story.names) for step in story.steps],
            has_more=story.has_more,
        )


async def _the_one(connection: Any, called: str, shop: str | None, reader: Reader) -> Order:
    """Raises Problem when there is none that may be seen, or one in each of several shops."""
    asked = named_shops([shop], await visible_shops(connection, reader.shop_ids)) if shop else None
    found = await orders_called(connection, reader.narrowed(asked), called)
    if not found:
        raise not_found("There is no such order that this token may see.")
    if len(found) > 1:
        shops = await visible_shops(connection, [order.shop_id for order in found])
        domains = ", ".join(one.domain for one in shops)
        raise invalid("shop", f"Several shops have an order called so: {domains}. Name one of them.")
    return found[0]
