"""`/orders…`."""

from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query
from starlette.responses import RedirectResponse, Response

from query_api.console.frame import FrameOf
from query_api.console.orders.recent import recent_orders
from query_api.repository.connections import snapshot
from query_api.routes.parameters import Name
from query_api.routes.stories import TimelineParameters, get_timeline

router = APIRouter()


@router.get("/orders")
async def show_orders(frame: FrameOf, order: Annotated[str, Query(max_length=200)] = "") -> Response:
    """A search leads to the order's story."""
    if wanted := order.strip():
        return RedirectResponse(f"/orders/{quote(wanted, safe='')}", 303)
    async with snapshot(frame.backend.pool) as connection:
        shops = await frame.shops(connection)
        orders = await recent_orders(connection, frame.reader.shop_ids, shops)
        return await frame.show(connection, "orders/list.html", orders=orders, has_many_shops=len(shops) > 1)


@router.get("/orders/{order}")
async def show_story(
    order: Annotated[Name, Path()], frame: FrameOf, asked: Annotated[TimelineParameters, Query()]
) -> Response:
    story = await get_timeline(order, asked, frame.reader, frame.backend, Response())
    tasks = "/?" + urlencode({"order_number": story.order_number or order, "shop": story.shop})
    return await frame.show_alone("orders/story.html", story=story, order=order, tasks=tasks)
