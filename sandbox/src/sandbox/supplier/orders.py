"""Orders the supplier has taken: one for each PO number, moving on with time or when told to."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

_DELIVERY = timedelta(days=4)


class Stage(IntEnum):
    """How far an order has come; the last two end it."""

    PENDING = 0
    PROCESSING = 1
    SHIPPED = 2
    DELIVERED = 3
    CANCELLED = 8
    FAILED = 9


@dataclass(frozen=True)
class Item:
    sku: str
    quantity: int


@dataclass
class PlacedOrder:
    number: int
    po_number: str
    items: tuple[Item, ...]
    recipient: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    stage: Stage = Stage.PENDING
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    tracking_number: str | None = None
    times_received: int = 1

    @property
    def is_under_way(self) -> bool:
        return self.stage < Stage.DELIVERED

    @property
    def delivery_at(self) -> datetime:
        """When it is expected; moved once it has been sent."""
        return (self.shipped_at or self.created_at + timedelta(days=1)) + _DELIVERY

    def move_to(self, stage: Stage, now: datetime) -> None:
        """Every state passed on the way leaves its mark."""
        if stage >= Stage.SHIPPED and stage <= Stage.DELIVERED and self.shipped_at is None:
            self.shipped_at = now
            self.tracking_number = self.tracking_number or f"SUP{self.number:09}NL"
        if stage is Stage.DELIVERED:
            self.delivered_at = now
        self.stage, self.updated_at = stage, now

    def settle(self, now: datetime, step_s: float | None) -> None:
        """Move on as far as the time since it was placed takes it."""
        while step_s is not None and self.is_under_way:
            due = self.created_at + timedelta(seconds=step_s * (self.stage + 1))
            if due > now:
                return
            self.move_to(Stage(self.stage + 1), max(due, self.updated_at))


@dataclass
class OrderBook:
    by_number: dict[int, PlacedOrder] = field(default_factory=dict)
    _by_po: dict[str, int] = field(default_factory=dict)

    def of_po(self, po_number: str) -> PlacedOrder | None:
        number = self._by_po.get(po_number)
        return None if number is None else self.by_number[number]

    def place(
        self, po_number: str, items: tuple[Item, ...], recipient: dict[str, Any], now: datetime
    ) -> PlacedOrder:
        """Take a new order; the caller has made sure that the PO number is new."""
        number = 100_001 + len(self.by_number)
        order = PlacedOrder(number, po_number, items, recipient, created_at=now, updated_at=now)
        self.by_number[number] = order
        self._by_po[po_number] = number
        return order

    def changed_since(self, since: datetime | None) -> list[PlacedOrder]:
        """In the order of their numbers."""
        return [order for order in self.by_number.values() if since is None or order.updated_at >= since]
