"""Rows of shipments and of the accounts that are told of them."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from query_api.shipment_words import ShipmentState


@dataclass(frozen=True, slots=True)
class Shipper:
    """An account that is told of shipments. `problem`: why its calls are refused."""

    id: int
    shop_id: int
    domain: str
    kind: str
    name: str
    settings: dict[str, Any]
    is_active: bool
    is_shop_active: bool
    problem: str | None
    paused_until: datetime | None
    pause_reason: str | None
    is_hold: bool


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """`task_ids`: the write-backs that worked on it, the last one last."""

    id: UUID
    shop_id: int
    account_id: int
    order_id: str
    order_number: str | None
    shipment_id: str
    package_id: str
    package_number: int
    label: str | None
    carrier: str
    service: str | None
    tracking_numbers: list[str]
    tracking_url: str | None
    shipped_at: datetime
    items: list[dict[str, Any]]
    quantity: int
    is_void: bool
    version: int
    told_version: int
    target_id: str | None
    state: ShipmentState
    task_id: UUID
    task_ids: list[UUID]
    error_count: int
    error_kind: str | None
    error_message: str | None
    note: str | None
    last_attempt_at: datetime | None
    synced_at: datetime | None
    created_at: datetime
    updated_at: datetime


_FIELDS = tuple(field.name for field in fields(ShipmentRow))


def shipment_row(record: Any) -> ShipmentRow:
    values = {name: record[name] for name in _FIELDS}
    return ShipmentRow(**(values | {"state": ShipmentState(values["state"])}))
