"""A thousand shipments, every fifth request goes wrong, the service is killed twice: never two effects."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

from sandbox.app import build_app
from sandbox.settings import Settings
from shared.clients.http import build_http_client
from shared.db.pool import open_pool
from shared.retry import FIVE_ATTEMPTS
from shared.vault import Vault
from tests.acceptance.packed import Packed, sellers
from tests.acceptance.write_backs import (
    Service,
    bringing_forward,
    start_write_backs,
    until_told,
    write_back_service,
)
from tests.integration.sync_worker.storefront import open_storefront
from tests.integration.sync_worker.world import add_shop
from tests.integration.writeback.accounts import Market
from tests.integration.writeback.shipping import Shipping
from tests.sandbox.running import served_aside
from writeback.clients.systems import build_systems

pytestmark = [pytest.mark.acceptance, pytest.mark.long, pytest.mark.xdist_group("write-backs")]

# Two packages each, a thousand in all; two sellers at eBay.
ORDERS = {"shop": 166, "amazon": 166, "ebay": 84}
PATIENCE_S = 240
TROUBLE: tuple[dict[str, Any], ...] = (
    {"fault": "unauthorised", "probability": 0.01, "times": 2},
    {"fault": "rate_limited", "probability": 0.03, "retry_after": "1"},
    {"fault": "unavailable", "probability": 0.03},
    {"fault": "server_error", "probability": 0.03},
    {"fault": "reset_before", "probability": 0.03},
    {"fault": "reset_after_effect", "probability": 0.05},
    {"fault": "malformed", "probability": 0.02},
    {"fault": "slow", "probability": 0.02, "delay_ms": 2_500},
)
SYSTEMS = ("shopify", "amazon", "ebay")
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Scene:
    packed: Packed
    outside: httpx.AsyncClient
    secret_keys: str

    @property
    def pool(self) -> Any:
        return self.packed.shipping.pool

    async def trouble(self) -> None:
        rules = [{"system": system, **rule} for system in SYSTEMS for rule in TROUBLE]
        (await self.outside.put("/faults", json=rules)).raise_for_status()

    async def injected(self) -> tuple[int, int]:
        """How many requests met a fault, and how many there were."""
        rules = (await self.outside.delete("/faults")).json()
        asked = sum(rule["considered"] for rule in rules if rule["fault"] == TROUBLE[0]["fault"])
        return sum(rule["injected"] for rule in rules), asked

    async def rows(self) -> Rows:
        return [dict(row) for row in await self.pool.fetch("SELECT * FROM store.shipments")]


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
        shipping = Shipping(pool, build_systems(client, vault), store, shop_id)
        packed = await sellers(Market(pool, vault, control, outside_url, shop_id), shipping)
        yield Scene(packed, control, key)


async def _kill_twice(scene: Scene, service: Service, total: int) -> None:
    """The leases of what ran then end half a minute later."""
    for told in (0.1, 0.3):
        await until_told(scene.pool, round(total * (1 - told)), PATIENCE_S)
        service.kill()
        await service.start()


async def _keep_credentials_fresh(scene: Scene) -> None:
    """As when somebody enters them again whenever they were refused: what was held goes on."""
    while True:
        await scene.pool.execute("DELETE FROM store.throttles WHERE is_hold")
        await asyncio.sleep(0.5)


@asynccontextmanager
async def _beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Goes on meanwhile, and ends with it."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _check(rows: Rows, effects: Counter[str]) -> None:
    assert max(effects.values()) == 1
    for row in rows:
        times = effects[row["tracking_numbers"][0]]
        if row["state"] == "synced":
            assert times == 1, row
        else:
            assert row["state"] == "failed", row
            assert row["error_message"], row
            assert row["error_kind"], row
            assert 0 < row["error_count"] <= FIVE_ATTEMPTS.attempts, row


async def test_no_shipment_is_told_twice_and_none_is_forgotten(
    scene: Scene, database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    total = await scene.packed.pack(**ORDERS)
    await scene.trouble()
    log = tmp_path / "writeback.log"
    async with (
        write_back_service(database_url, rabbitmq_url, scene.secret_keys, log) as service,
        _beside(_keep_credentials_fresh(scene), bringing_forward(rabbitmq_url)),
    ):
        assert await start_write_backs(rabbitmq_url, scene.pool) == total == 1_000
        await _kill_twice(scene, service, total)
        await until_told(scene.pool, 0, PATIENCE_S)
        assert service.kills == 2

        rows = await scene.rows()
        states = Counter(row["state"] for row in rows)
        _check(rows, await scene.packed.effects())
        met, asked = await scene.injected()
        assert met > asked * 0.15
        assert states["synced"] > total * 0.85, states

        # A person synchronises the failed ones: what was heard before is found, not told again.
        assert await start_write_backs(rabbitmq_url, scene.pool, "failed") == states["failed"]
        await until_told(scene.pool, 0, PATIENCE_S)

    rows = await scene.rows()
    assert {row["state"] for row in rows} == {"synced"}
    _check(rows, await scene.packed.effects())
