"""Orders whose parcels or refunds came first: the shop tells everything in any order."""

from typing import Any

import orjson

from shared.clients.shopify_account import shopify_account_id
from shared.envelope import Payload
from shared.errors import Retryable
from shared.handling import FollowUp, Run
from shared.tasks import TaskType
from sync_worker.shopify.orders import Order
from sync_worker.store import states

AWAITED = "orders/awaited"
ORDER_AWAITED = "The order this belongs to has not come from the shop yet"
NEWER_AWAITED = "A parcel holds goods the order does not have here: its newer state has not come yet"
PATIENCE_MS = 15_000


async def awaited_order(run: Run, order_id: str) -> Order:
    """The newest state. Raises Retryable while the order is not known, Obsolete when it was deleted."""
    order = await states.known_order(run.pool, run.task.shop_id, order_id)
    if order is None:
        raise Retryable(ORDER_AWAITED, kind="awaited")
    return order


async def asked_for_later(connection: Any, shop_id: int, order_id: str) -> tuple[FollowUp, ...]:
    """A task that asks the shop for an unknown order, unless it comes in the meantime by itself."""
    if await states.is_told_of(connection, shop_id, order_id):
        return ()
    account_id = await shopify_account_id(connection, shop_id)
    if account_id is None:
        return ()
    payload = Payload(body=orjson.dumps({"id": int(order_id)}), topic=AWAITED)
    kind = TaskType.ORDER_WEBHOOK
    return (FollowUp(kind, payload, order_id, account_id=account_id, delay_ms=PATIENCE_MS),)
