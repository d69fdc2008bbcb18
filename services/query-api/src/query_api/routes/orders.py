"""`/orders`: the orders with shipments, and how far their shops and marketplaces know of them."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from query_api.backend import ApiReader, BackendOf
from query_api.places import InvalidCursor, encode
from query_api.problems import documented, invalid
from query_api.repository.connections import snapshot
from query_api.repository.shipped_orders import order_page
from query_api.routes.freshness import answered_as_of
from query_api.routes.shipment_parameters import OrderListParameters, order_query
from query_api.routes.shipments import place_in
from query_api.schemas.shipment_shaping import order_brief
from query_api.schemas.shipments import OrderListAnswer

router = APIRouter(prefix="/orders", tags=["shipments"])


@router.get("", summary="Shipped orders", responses=documented(400, 401, 503))
async def list_orders(
    parameters: Annotated[OrderListParameters, Query()],
    reader: ApiReader,
    backend: BackendOf,
    response: Response,
) -> OrderListAnswer:
    """A page of orders with shipments: whether each requires synchronization, and whether its shop or
    marketplace knows of all of it, a part, or nothing."""
    async with snapshot(backend.pool) as connection:
        query, among = await order_query(connection, parameters, reader)
        place = place_in(parameters.cursor, query.fingerprint)
        try:
            page = await order_page(connection, query, among, place, limit=parameters.limit)
        except InvalidCursor as error:
            raise invalid("cursor", str(error)) from error
        accounts = {shipper.id: shipper for shipper in among}
        return OrderListAnswer(
            as_of=await answered_as_of(connection, response),
            orders=[order_brief(row, accounts[row.account_id]) for row in page.orders],
            next=page.next and encode(page.next, query.fingerprint),
            previous=page.previous and encode(page.previous, query.fingerprint),
        )
