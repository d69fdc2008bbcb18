"""Packages of a shop's orders, and what its write-backs make of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from shared.attempts import Reporter
from shared.envelope import Call, TaskHeader, Transition, utc_now
from shared.handling import Accountable, Run
from shared.shipments.writing_back import payload_of
from shared.tasks import TaskType
from shared.verdicts import decide
from tests.factories import header
from tests.integration.sync_worker.storefront import Storefront
from writeback.clients.systems import Systems
from writeback.handlers import registry

PACKAGE: dict[str, Any] = {
    "carrier": "PostNord",
    "service": None,
    "tracking_numbers": ["UA123456789SE"],
    "tracking_url": "https://tracking.example/UA123456789SE",
}


@dataclass(frozen=True)
class Ended:
    """How an attempt of a write-back ended."""

    transition: Transition
    calls: list[Call]

    @property
    def note(self) -> str | None:
        return self.transition.detail.note

    @property
    def error(self) -> str | None:
        return self.transition.detail.failure.message if self.transition.detail.failure else None


@dataclass(frozen=True)
class Shipping:
    pool: asyncpg.Pool
    systems: Systems
    store: Storefront
    shop_id: int

    async def pack(self, order: Mapping[str, Any], items: Mapping[str, int], **columns: Any) -> UUID:
        """A package, as a message of the shipping software leaves it; `items`: units by SKU."""
        lines = {line["sku"]: str(line["id"]) for line in order["line_items"]}
        contents = [{"id": lines[sku], "sku": sku, "quantity": units} for sku, units in items.items()]
        return await self.keep(str(order["id"]), contents, **columns)

    async def keep(self, order_id: str, items: list[dict[str, Any]], **columns: Any) -> UUID:
        shipment_id = uuid4()
        values: dict[str, Any] = {
            "id": shipment_id,
            "shop_id": self.shop_id,
            "account_id": self.store.account_id,
            "order_id": order_id,
            "shipment_id": f"S-{shipment_id.hex[:6]}",
            "package_id": "1",
            "package_number": await self._next_number(order_id),
            "shipped_at": utc_now(),
            "items": items,
            "quantity": sum(item["quantity"] for item in items),
            "task_id": uuid4(),
            **PACKAGE,
            **columns,
        }
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        statement = f"INSERT INTO store.shipments ({', '.join(values)}) VALUES ({places})"
        await self.pool.execute(statement, *values.values())
        return shipment_id

    async def _next_number(self, order_id: str) -> int:
        query = "SELECT count(*) FROM store.shipments WHERE account_id = $1 AND order_id = $2"
        return int(await self.pool.fetchval(query, self.store.account_id, order_id)) + 1

    async def change(self, shipment: UUID, **columns: Any) -> None:
        """The sender changes its mind."""
        for name, value in columns.items():
            await self.pool.execute(f"UPDATE store.shipments SET {name} = $2 WHERE id = $1", shipment, value)
        statement = "UPDATE store.shipments SET version = version + 1, state = 'pending' WHERE id = $1"
        await self.pool.execute(statement, shipment)

    async def row(self, shipment: UUID) -> asyncpg.Record:
        row = await self.pool.fetchrow("SELECT * FROM store.shipments WHERE id = $1", shipment)
        assert row is not None
        return row

    async def task(self, shipment: UUID, **fields: Any) -> TaskHeader:
        """A write-back of the package, as its message's follow-up would be."""
        row = await self.row(shipment)
        place = {
            "shop_id": row["shop_id"],
            "account_id": row["account_id"],
            "source_id": row["order_id"],
            "order_number": row["order_number"],
        }
        return header(type=TaskType.WRITEBACK_SHIPMENT, **{**place, **fields})

    async def tell(self, shipment: UUID, *, is_uncertain: bool = False, attempt: int = 1) -> Ended:
        """One attempt, ended as the frame does."""
        task = await self.task(shipment)
        return await self.attempt(task, shipment, is_uncertain=is_uncertain, attempt=attempt)

    async def attempt(
        self, task: TaskHeader, shipment: UUID, *, is_uncertain: bool = False, attempt: int = 1
    ) -> Ended:
        handler = registry(self.systems)[TaskType.WRITEBACK_SHIPMENT]
        assert isinstance(handler, Accountable)
        run = Run(task, payload_of(shipment), attempt, is_uncertain, self.pool)
        run.observe_calls()
        reporter = Reporter("test", started_at=utc_now())
        try:
            outcome = await handler(run)
        except Exception as error:  # noqa: BLE001 - what the frame would see
            await run.end(commit=False)
            step = decide(error, task, attempt, was_calling=bool(run.calls))
            ending = reporter.other(run, step, utc_now())
            await handler.after_trouble(await run.begin(), run, ending.transition)
        else:
            ending = reporter.success(run, outcome, utc_now())
        await run.end(commit=True)
        return Ended(ending.transition, run.calls)

    async def fulfilments(self, order: Mapping[str, Any]) -> list[dict[str, Any]]:
        """As the shop has them."""
        found: dict[str, Any] = await self.store.say("GET", f"orders/{order['id']}")
        return list(found["fulfillments"])

    async def fault(self, operation: str | None, fault: str, **rule: Any) -> None:
        """The next request for this field of the Admin API meets it."""
        route = {"system": "shopify", "route": f"POST /{self.store.domain}/*", "operation": operation}
        rules = [{**route, "fault": fault, "times": 1, **rule}]
        (await self.store.control.put("/faults", json=rules)).raise_for_status()
