"""Which tasks tell of an order. Pure."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from shared.tasks import TaskType

_OF_ORDERS = {
    TaskType.ORDER_WEBHOOK,
    TaskType.INDEX_ORDER,
    TaskType.SYNC_ORDER,
    TaskType.SYNC_ORDER_NOTIFICATION,
    TaskType.PUBLISH_ORDER,
    TaskType.WRITEBACK_SHIPMENT,
}
_OF_PARCELS = {TaskType.FULFILLMENT_WEBHOOK, TaskType.SYNC_ORDER_FULFILLMENT_NOTIFICATION}
_OF_REFUNDS = {
    TaskType.REFUND_WEBHOOK,
    TaskType.INDEX_REFUND,
    TaskType.SYNC_REFUND,
    TaskType.SYNC_REFUND_NOTIFICATION,
}


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a shop. `numbers`: how its number may be written."""

    shop_id: int
    order_ids: tuple[str, ...]
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartsOfOrder:
    """`told_by`: tasks that are known to have told of its packages, or brought them."""

    parcel_ids: frozenset[str] = frozenset()
    refund_ids: frozenset[str] = frozenset()
    told_by: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class OfOrder:
    """What belongs to the order with an id; `found`: it where it is stored, to be looked up."""

    order_id: str
    found: tuple[tuple[Order, PartsOfOrder], ...] = ()


class About(Protocol):
    @property
    def task_id(self) -> UUID: ...
    @property
    def shop_id(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def source_id(self) -> str | None: ...
    @property
    def order_number(self) -> str | None: ...


def is_of_orders(task_type: str) -> bool:
    """Whether the source id of such tasks is an order's."""
    return task_type in _OF_ORDERS


def belongs_to(task: About, wanted: OfOrder) -> bool:
    """Orders that are not stored, because they failed or were erased, are known by their id alone."""
    is_it = is_of_orders(task.type) and task.source_id == wanted.order_id
    return is_it or any(tells_of(task, order, parts) for order, parts in wanted.found)


def tells_of(task: About, order: Order, parts: PartsOfOrder) -> bool:
    """Ids of orders, parcels and refunds are numbers of their own: equal ones need not mean the same."""
    if task.shop_id != order.shop_id:
        return False
    return (
        task.task_id in parts.told_by
        or task.order_number in order.numbers
        or (task.type in _OF_ORDERS and task.source_id in order.order_ids)
        or (task.type in _OF_PARCELS and task.source_id in parts.parcel_ids)
        or (task.type in _OF_REFUNDS and task.source_id in parts.refund_ids)
    )
