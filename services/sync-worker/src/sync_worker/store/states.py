"""Newest states of customers and orders: older ones never overwrite newer ones, deleted ones stay deleted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db.queries import load_queries
from shared.errors import Obsolete
from sync_worker.freshness import Freshness, Known, Stamp, content_hash, freshness
from sync_worker.shopify.customers import Customer
from sync_worker.shopify.orders import Order

_customers = load_queries(__file__, "customers")
_orders = load_queries(__file__, "orders")


@dataclass(frozen=True, slots=True)
class StoredCustomer:
    """`synced`: the fields the CRM last accepted for contact `contact_id`."""

    customer: Customer
    contact_id: str | None
    synced: dict[str, Any]


async def keep_customer(
    connection: Any, shop_id: int, customer: Customer, *, triggered_at: datetime | None
) -> Freshness:
    """Stores the state if it is newer. Inside the caller's transaction."""
    place = {"shop_id": shop_id, "source_id": customer.id}
    await _customers.ensure_customer(connection, **place)
    known = _known(await _customers.lock_customer(connection, **place))
    verdict, facts = _judge(known, customer, Stamp(customer.updated_at, triggered_at))
    if facts is not None:
        await _customers.keep_customer(connection, **place, **facts)
    return verdict


async def keep_order(
    connection: Any, shop_id: int, order: Order, *, triggered_at: datetime | None
) -> Freshness:
    """Stores the state if it is newer. Inside the caller's transaction."""
    place = {"shop_id": shop_id, "source_id": order.id}
    await _orders.ensure_order(connection, **place)
    known = _known(await _orders.lock_order(connection, **place))
    verdict, facts = _judge(known, order, Stamp(order.updated_at, triggered_at))
    if facts is not None:
        facts |= {"order_number": order.label, "customer_id": order.customer.id if order.customer else None}
        await _orders.keep_order(connection, **place, **facts)
    return verdict


async def bury_customer(
    connection: Any, shop_id: int, source_id: str, *, deleted_at: datetime | None
) -> None:
    """Leaves a tombstone, also for a customer nobody knew: an old state may still arrive."""
    await _customers.ensure_customer(connection, shop_id=shop_id, source_id=source_id)
    await _customers.bury_customer(connection, shop_id=shop_id, source_id=source_id, deleted_at=deleted_at)


async def bury_order(connection: Any, shop_id: int, source_id: str, *, deleted_at: datetime | None) -> None:
    """Leaves a tombstone, also for an order nobody knew: an old state may still arrive."""
    await _orders.ensure_order(connection, shop_id=shop_id, source_id=source_id)
    await _orders.bury_order(connection, shop_id=shop_id, source_id=source_id, deleted_at=deleted_at)


async def newest_customer(connection: Any, shop_id: int, source_id: str) -> StoredCustomer:
    """Raises Obsolete when there is none any more."""
    row = await _customers.customer(connection, shop_id=shop_id, source_id=source_id)
    data = _data(row, "customer")
    return StoredCustomer(Customer.model_validate(data), row["contact_id"], row["synced"] or {})


async def newest_order(connection: Any, shop_id: int, source_id: str) -> Order:
    """Raises Obsolete when there is none any more."""
    row = await _orders.order(connection, shop_id=shop_id, source_id=source_id)
    return Order.model_validate(_data(row, "order"))


async def is_told_of(connection: Any, shop_id: int, source_id: str) -> bool:
    """Whether the shop has told of the order, be it only that it was deleted."""
    row = await _orders.order(connection, shop_id=shop_id, source_id=source_id)
    return row is not None and (row["data"] is not None or row["deleted_at"] is not None)


async def known_order(connection: Any, shop_id: int, source_id: str) -> Order | None:
    """None: it has not come from the shop yet. Raises Obsolete when it was deleted there."""
    if not await is_told_of(connection, shop_id, source_id):
        return None
    return await newest_order(connection, shop_id, source_id)


async def known_link(connection: Any, shop_id: int, customer_id: str) -> dict[str, Any]:
    """The fields under which the CRM is known to have the customer as a contact; empty when it is not."""
    row = await _customers.customer(connection, shop_id=shop_id, source_id=customer_id)
    return (row["synced"] or {}) if row is not None and row["contact_id"] else {}


async def keep_link(
    connection: Any, shop_id: int, source_id: str, *, contact_id: str, synced: dict[str, Any]
) -> None:
    """Remembers which contact the customer is."""
    await _customers.keep_link(
        connection, shop_id=shop_id, source_id=source_id, contact_id=contact_id, synced=synced
    )


def _known(row: Any) -> Known:
    stamp = Stamp(row["updated_at"], row["triggered_at"])
    return Known(stamp, row["content_hash"], is_deleted=row["deleted_at"] is not None)


def _judge(known: Known, state: Customer | Order, stamp: Stamp) -> tuple[Freshness, dict[str, Any] | None]:
    """The verdict, and what to write down: also an unchanged state moves the stamps on."""
    digest = content_hash(state)
    verdict = freshness(known, stamp, digest)
    if verdict in (Freshness.OLDER, Freshness.DELETED):
        return verdict, None
    return verdict, {
        "updated_at": stamp.updated_at or known.stamp.updated_at,
        "triggered_at": stamp.triggered_at or known.stamp.triggered_at,
        "content_hash": digest,
        "data": state.model_dump(mode="json", exclude_none=True),
    }


def _data(row: Any, what: str) -> Any:
    if row is None or row["data"] is None:
        is_deleted = row is not None and row["deleted_at"] is not None
        raise Obsolete(
            f"The {what} was deleted in the shop" if is_deleted else f"The {what} is not known here"
        )
    return row["data"]
