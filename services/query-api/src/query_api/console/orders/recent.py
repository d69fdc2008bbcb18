"""The orders that something happened to last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from query_api.repository.pages import list_page
from query_api.repository.records import Shop, TaskRow
from query_api.task_query import TaskQuery
from shared.envelope import State
from shared.tasks import TaskType

LOOKED_AT = 200
SHOWN = 25
_TYPES = (TaskType.INDEX_ORDER, TaskType.SYNC_ORDER, TaskType.PUBLISH_ORDER, TaskType.WRITEBACK_SHIPMENT)


@dataclass(frozen=True, slots=True)
class RecentOrder:
    """`task` is the newest about it."""

    number: str
    shop: str
    at: datetime
    task: TaskRow

    @property
    def state(self) -> State:
        return self.task.state


async def recent_orders(
    connection: Any, shop_ids: tuple[int, ...] | None, shops: Iterable[Shop]
) -> list[RecentOrder]:
    """Each order once, the newest first."""
    page = await list_page(connection, TaskQuery(types=_TYPES, shop_ids=shop_ids), None, limit=LOOKED_AT)
    domains = {shop.id: shop.domain for shop in shops}
    found: dict[tuple[int, str], RecentOrder] = {}
    for task in page.tasks:
        if task.order_number and task.shop_id in domains:
            order = RecentOrder(task.order_number, domains[task.shop_id], task.updated_at, task)
            found.setdefault((task.shop_id, task.order_number), order)
    return list(found.values())[:SHOWN]
