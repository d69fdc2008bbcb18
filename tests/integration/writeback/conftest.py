"""A shop whose orders are told of, on a real Postgres, and the shops and marketplaces behind real HTTP."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from cryptography.fernet import Fernet

from sandbox.app import build_app
from sandbox.settings import Settings
from shared.clients.http import build_http_client
from shared.db.pool import open_pool
from shared.vault import Vault
from tests.integration.sync_worker.storefront import open_storefront
from tests.integration.sync_worker.world import add_shop
from tests.integration.writeback.shipping import Shipping
from tests.sandbox.running import served_aside
from writeback.clients.systems import build_systems

READ_TIMEOUT_S = 1.0


@pytest.fixture(scope="session")
def outside_url() -> Iterator[str]:
    settings = Settings(ingest_url="http://127.0.0.1:9", seed="write-back", traffic_rate=0)
    with served_aside(build_app(settings)) as url:
        yield url


@pytest.fixture
async def outside(outside_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The control API of an outside world that behaves."""
    async with httpx.AsyncClient(base_url=f"{outside_url}/control", trust_env=False, timeout=30) as client:
        await client.delete("/faults")
        yield client
        await client.delete("/faults")


@pytest.fixture
async def shipping(database_url: str, outside: httpx.AsyncClient) -> AsyncIterator[Shipping]:
    vault = Vault(Fernet.generate_key().decode())
    client = build_http_client(connections=20, read_timeout_s=READ_TIMEOUT_S)
    async with client, await open_pool(database_url, max_size=6) as pool:
        shop_id = await add_shop(pool)
        store = await open_storefront(pool, vault, outside, shop_id=shop_id)
        yield Shipping(pool, build_systems(client, vault), store, shop_id)
