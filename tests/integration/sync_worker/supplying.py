"""Supplier accounts of a world, as the examples in the documentation describe them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from shared.tasks import TaskType
from tests.integration.sync_worker.world import Done, World
from tests.unit.sync_worker.bodies import line_body, order_body

EXAMPLES = Path(__file__).parents[3] / "docs" / "suppliers"
TOKENS = {"token": "sandbox-supplier-token", "token2": "sandbox-supplier-token-2"}
ADDRESS = {
    "first_name": "Kim",
    "last_name": "Åberg",
    "address1": "Storgatan 1",
    "zip": "211 34",
    "city": "Malmö",
    "country_code": "SE",
    "phone": "+46700000000",
}


def example(name: str) -> dict[str, Any]:
    settings: dict[str, Any] = orjson.loads((EXAMPLES / f"{name}.json").read_bytes())
    return settings


def supplied_order(*skus: str, **changes: Any) -> dict[str, Any]:
    """A paid order of two pieces of each SKU."""
    lines = [line_body(id=13001 + place, sku=sku) for place, sku in enumerate(skus)]
    fresh = {"created_at": datetime.now(UTC).isoformat(), "shipping_address": ADDRESS}
    return order_body(**{"line_items": lines, **fresh, **changes})


@dataclass(frozen=True)
class Supplying:
    """One supplier of the sandbox, and the shop's account there."""

    world: World
    name: str
    account_id: int

    async def terms(self, **changes: Any) -> None:
        answer = await self.world.control.patch(f"/supplier/{self.name}/terms", json=changes)
        answer.raise_for_status()

    async def settle(self, **settings: Any) -> None:
        """Changes top-level settings of the account."""
        await self.world.pool.execute(
            "UPDATE store.accounts SET settings = settings || $1 WHERE id = $2", settings, self.account_id
        )

    async def credentials(self, **tokens: str) -> None:
        sealed = self.world.vault.seal(orjson.dumps(tokens))
        statement = "UPDATE store.accounts SET credentials = $1 WHERE id = $2"
        await self.world.pool.execute(statement, sealed, self.account_id)

    async def fault(self, route: str, fault: str, **rule: Any) -> None:
        rules = [{"system": "supplier", "route": f"{route}", "fault": fault, "times": 1, **rule}]
        (await self.world.control.put("/faults", json=rules)).raise_for_status()

    async def run(self, task_type: TaskType, **task: Any) -> Done:
        """One attempt, and the slices it leads to; returns how the last one went."""
        done = await self.world.run(task_type, **{"account_id": self.account_id, **task})
        while done.outcome is not None and done.outcome.follow_ups:
            done = await self.world.follow(done.outcome.follow_ups[0])
        return done

    async def publish(self, order_id: int, **task: Any) -> Done:
        place = {"account_id": self.account_id, "source_id": str(order_id)}
        return await self.world.run(TaskType.PUBLISH_ORDER, **{**place, **task})

    async def orders(self) -> list[dict[str, Any]]:
        answer = await self.world.control.get(f"/supplier/{self.name}/orders")
        found: list[dict[str, Any]] = answer.json()["orders"]
        return found

    async def move(self, stage: str, **facts: Any) -> None:
        """All orders at the supplier."""
        body = {"stage": stage, **facts}
        (await self.world.control.post(f"/supplier/{self.name}/orders/*/move", json=body)).raise_for_status()

    async def placed(self) -> list[dict[str, Any]]:
        """Our orders there, as we know them."""
        query = "SELECT * FROM store.supplier_orders WHERE account_id = $1 ORDER BY order_id"
        return [dict(row) for row in await self.world.pool.fetch(query, self.account_id)]

    async def product(self, source_id: str) -> dict[str, Any] | None:
        query = "SELECT * FROM store.products WHERE account_id = $1 AND source_id = $2"
        row = await self.world.pool.fetchrow(query, self.account_id, source_id)
        return dict(row) if row else None


async def supplying(world: World, name: str, *, called: str = "Primary", **terms: Any) -> Supplying:
    """A connected supplier without orders; `terms` as the sandbox's control takes them."""
    base_url = str(world.control.base_url).replace("/control/", f"/supplier/{name}")
    account_id = await world.pool.fetchval(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials, settings) "
        "VALUES ($1, 'supplier', $2, $3, $4, $5) RETURNING id",
        world.shop_id,
        f"{name.capitalize()} - {called}",
        base_url,
        world.vault.seal(orjson.dumps(TOKENS)),
        example(name),
    )
    supplier = Supplying(world, name, account_id)
    plain: dict[str, Any] = {"products": 30, "version": 0, "growth": 20, "change_rate": 0.05, "step_s": None}
    plain |= {"invalid_every": 0, "out_of_stock": []}
    await supplier.terms(**{**plain, **terms})
    (await world.control.delete(f"/supplier/{name}/orders")).raise_for_status()
    return supplier


def with_pages_of(settings: dict[str, Any], size: int) -> dict[str, Any]:
    """The settings with smaller catalogue pages."""
    changed: dict[str, Any] = orjson.loads(orjson.dumps(settings))
    changed["format"]["products"]["paging"]["size"] = size
    return changed
