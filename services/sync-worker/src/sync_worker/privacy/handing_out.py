"""What a person is told that we hold of them. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson

from shared.identity import created_at
from sync_worker.store.privacy import Held, Task

COPIES = (
    "Each task below kept what it received and sent, encrypted, for a limited time: copies of the data above "
    "as they were then. They may hold other people's data as well and are therefore not a part of this."
)


def document(shop_domain: str, held: Held, tasks: Iterable[Task], *, now: datetime) -> bytes:
    """JSON for people and programs."""
    content = {
        "shop": shop_domain,
        "collected_at": now.astimezone(UTC).isoformat(),
        "customer": _plain(held.customer),
        "orders": [_plain(row) for row in held.orders],
        "refunds": [_plain(row) for row in held.refunds],
        "fulfilments": [_plain(row) for row in held.fulfilments],
        "orders_at_suppliers": [_plain(row) for row in held.supplier_orders],
        "shipments": [_plain(row) for row in held.shipments],
        "about_tasks": COPIES,
        "tasks": [_task(task) for task in tasks],
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2, default=_text)


def _plain(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {name: value for name, value in dict(row).items() if value is not None}


def _task(task: Task) -> dict[str, Any]:
    return {"id": str(task.id), "type": task.type, "created_at": created_at(task.id).isoformat()}


def _text(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} in a document of personal data")
