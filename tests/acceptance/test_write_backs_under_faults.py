"""A thousand shipments, every fifth request goes wrong, the service is killed twice: never two effects."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.fernet import Fernet

from sandbox.app import build_app
from sandbox.settings import Settings
from shared.clients.http import build_http_client
from shared.db.pool import open_pool
from shared.tasks import CATALOGUE, TaskType
from shared.vault import Vault
from tests.acceptance.write_backs import (
    Service,
    bringing_forward,
    start_all,
    until_told,
    write_back_service,
)
from tests.integration.sync_worker.storefront import open_storefront
from tests.integration.sync_worker.world import add_shop
from tests.integration.writeback.shipping import Shipping
from tests.sandbox.running import served_aside
from writeback.clients.systems import build_systems

pytestmark = pytest.mark.acceptance

ORDERS_OF_A_TARGET = 167
PATIENCE_S = 240
TROUBLE: tuple[dict[str, Any], ...] = (
    {"fault": "unauthorised", "probability": 0.02, "times": 2},
    {"fault": "rate_limited", "probability": 0.03, "retry_after": "1"},
    {"fault": "unavailable", "probability": 0.03},
    {"fault": "server_error", "probability": 0.03},
    {"fault": "reset_before", "probability": 0.03},
    {"fault": "reset_after_effect", "probability": 0.05},
    {"fault": "malformed", "probability": 0.02},
    {"fault": "slow", "probability": 0.02, "delay_ms": 2_500},
)


@dataclass(frozen=True)
class Scene:
    shipping: Shipping
    outside: httpx.AsyncClient
    secret_keys: str

    async def trouble(self, system: str) -> None:
        rules = [{"system": system, **rule} for rule in TROUBLE]
        (await self.outside.put("/faults", json=rules)).raise_for_status()

    async def let_go(self) -> None:
        """As when somebody enters the credentials again: what was held goes on."""
        await self.shipping.pool.execute("DELETE FROM store.throttles WHERE is_hold")


@pytest.fixture(scope="module")
def outside_url() -> Iterator[str]:
    settings = Settings(ingest_url="http://127.0.0.1:9", seed="under-faults", traffic_rate=0)
    with served_aside(build_app(settings)) as url:
        yield url


@pytest.fixture
async def scene(database_url: str, outside_url: str) -> AsyncIterator[Scene]:
    key = Fernet.generate_key().decode()
    client = build_http_client(connections=4, read_timeout_s=20)
    control = httpx.AsyncClient(base_url=f"{outside_url}/control", trust_env=False, timeout=60)
    async with client, control, await open_pool(database_url, max_size=4) as pool:
        vault, shop_id = Vault(key), await add_shop(pool)
        store = await open_storefront(pool, vault, control, shop_id=shop_id)
        quiet = {"bucket_size": 100_000, "restore_rate": 10_000, "enforce_subscriptions": True}
        await store.say("PATCH", "admin", **quiet)
        yield Scene(Shipping(pool, build_systems(client, vault), store, shop_id), control, key)


async def _shopify_packages(shipping: Shipping) -> list[UUID]:
    """Two packages of each order."""
    packages = []
    for number in range(ORDERS_OF_A_TARGET):
        order = await shipping.store.buy(lines=[{"sku": "SL-001", "quantity": 2}])
        for part in (1, 2):
            numbers = [f"SHOP{number:04}P{part}"]
            packages.append(
                await shipping.pack(order, {"SL-001": 1}, package_id=str(part), tracking_numbers=numbers)
            )
    return packages


async def _calamities(scene: Scene, service: Service, total: int) -> None:
    """Two kills: the leases of what ran then end half a minute later."""
    for told in (0.1, 0.3):
        await until_told(scene.shipping, round(total * (1 - told)), PATIENCE_S)
        service.kill()
        await service.start()


async def _keeping_credentials_fresh(scene: Scene) -> None:
    while True:
        await scene.let_go()
        await asyncio.sleep(0.5)


async def _shopify_effects(scene: Scene) -> Counter[str]:
    """How many fulfilments the shop has under each tracking number."""
    answer = await scene.shipping.store.say("GET", f"orders?limit={2 * ORDERS_OF_A_TARGET}")
    made = [one for order in answer["orders"] for one in order["fulfillments"]]
    return Counter(number for one in made for number in one["tracking_numbers"])


async def test_no_shipment_is_told_twice_and_none_is_forgotten(
    scene: Scene, database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    shipping = scene.shipping
    packages = await _shopify_packages(shipping)
    await scene.trouble("shopify")
    log = tmp_path / "writeback.log"
    async with write_back_service(database_url, rabbitmq_url, scene.secret_keys, log) as service:
        beside = [
            asyncio.create_task(_keeping_credentials_fresh(scene)),
            asyncio.create_task(bringing_forward(rabbitmq_url)),
        ]
        await start_all(rabbitmq_url, shipping, packages)
        await _calamities(scene, service, len(packages))
        await until_told(shipping, 0, PATIENCE_S)
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        assert service.kills == 2

    rows = await shipping.pool.fetch("SELECT * FROM store.shipments")
    effects = await _shopify_effects(scene)
    states = Counter(row["state"] for row in rows)
    assert states["synced"] + states["failed"] == len(packages), states
    assert max(effects.values()) == 1
    for row in rows:
        assert row["error_count"] <= CATALOGUE[TaskType.WRITEBACK_SHIPMENT].retry.attempts
        times = effects[row["tracking_numbers"][0]]
        if row["state"] == "synced":
            assert times == 1, dict(row)
        else:
            assert row["error_message"], dict(row)
            assert row["error_kind"], dict(row)
    assert states["synced"] > len(packages) * 0.9, states
