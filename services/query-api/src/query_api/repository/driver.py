"""By which index a list is walked. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from query_api.stories.belonging import Order, PartsOfOrder
from query_api.task_query import TaskQuery
from shared.envelope import State


class By(StrEnum):
    """What a list is walked by; the names of columns are the columns'."""

    ALL = "all"
    SHOP = "shop"
    STATE = "state"
    TYPE = "type"
    ACCOUNT = "account_id"
    PARENT = "parent_id"
    RETRY_OF = "retry_of"
    ROOT = "root_id"
    RETRIED = "retried"
    ORDER_NUMBER = "order_number"
    SOURCE_ID = "source_id"
    TARGET_ID = "target_id"
    FINGERPRINT = "fingerprint"
    IDS = "ids"
    RANGE = "range"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Driver:
    """`values`: names or ids in the column, ids of tasks, the ends of their range, or other drivers; the rest
    take the query's own shops, states and types."""

    query: TaskQuery
    by: By
    values: tuple[Any, ...] = ()

    @property
    def covered(self) -> tuple[str, ...]:
        """The filters that all tasks it leads to pass."""
        return _COVERED.get(self.by, ())


def in_states(query: TaskQuery, states: tuple[State, ...]) -> Driver:
    """To the tasks of the query's shops that are in some states, of whatever type."""
    return Driver(replace(query, states=states, types=()), By.STATE)


def of_order(query: TaskQuery, order: Order, parts: PartsOfOrder) -> Driver:
    """To what can tell of an order, and to what is about other things with the same ids."""
    there = replace(query, shop_ids=(order.shop_id,))
    names = (*order.order_ids, *sorted(parts.parcel_ids), *sorted(parts.refund_ids))
    ways = (
        Driver(there, By.ORDER_NUMBER, order.numbers),
        Driver(there, By.SOURCE_ID, names),
        Driver(there, By.IDS, tuple(parts.told_by)),
    )
    return Driver(there, By.ANY, ways)


_COVERED = {
    By.SHOP: ("shop_ids",),
    By.STATE: ("shop_ids", "states"),
    By.TYPE: ("shop_ids", "states", "types"),
}
