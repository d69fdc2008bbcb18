"""A shop with a CRM account on a real Postgres, and the CRM behind real HTTP."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from cryptography.fernet import Fernet

from sandbox.app import build_app
from sandbox.settings import Settings
from shared.clients.http import build_http_client
from shared.db.pool import open_pool
from shared.vault import Vault
from sync_worker.clients.systems import build_systems
from tests.integration.sync_worker.storefront import Storefront, open_storefront
from tests.integration.sync_worker.world import API_KEY, World, add_account, add_shop
from tests.sandbox.running import served_aside

READ_TIMEOUT_S = 1.0


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    settings = Settings(engage_api_key=API_KEY, ingest_url="http://127.0.0.1:9", seed="test", traffic_rate=0)
    with served_aside(build_app(settings)) as url:
        yield url


@pytest.fixture
async def control(sandbox_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The control API of a CRM that is empty and behaves."""
    async with httpx.AsyncClient(base_url=f"{sandbox_url}/control", trust_env=False) as client:
        await client.delete("/faults")
        await client.post("/engage/reset")
        yield client


@pytest.fixture
async def world(database_url: str, sandbox_url: str, control: httpx.AsyncClient) -> AsyncIterator[World]:
    vault = Vault(Fernet.generate_key().decode())
    client = build_http_client(connections=10, read_timeout_s=READ_TIMEOUT_S)
    async with client, await open_pool(database_url, max_size=4) as pool:
        shop_id = await add_shop(pool)
        account_id = await add_account(pool, vault, shop_id=shop_id, base_url=f"{sandbox_url}/engage")
        systems = build_systems(client, vault, crm_requests_per_second=50)
        yield World(pool, systems, vault=vault, control=control, shop_id=shop_id, account_id=account_id)


@pytest.fixture
async def storefront(world: World) -> Storefront:
    """The world's shop at its Admin API."""
    return await open_storefront(world.pool, world.vault, world.control, shop_id=world.shop_id)
