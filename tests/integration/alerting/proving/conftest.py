"""A silent shop on a real Postgres and RabbitMQ, and its Admin API behind real HTTP."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest
from cryptography.fernet import Fernet

from alerting.proving.asking import Asking
from alerting.proving.prover import Prover
from sandbox.app import build_app
from sandbox.settings import Settings
from shared.clients.http import RecordedHttp, build_http_client
from shared.clients.shopify_admin import ShopAdmins
from shared.clients.shopify_answers import API
from shared.envelope import utc_now
from shared.vault import Vault
from tests.integration.alerting.proving.silent import INGEST_URL, Silent
from tests.integration.sync_worker.storefront import open_storefront
from tests.integration.sync_worker.world import add_shop
from tests.sandbox.running import served_aside
from tests.workers import open_world

READ_TIMEOUT_S = 1.0


@pytest.fixture(scope="session")
def shops_url() -> Iterator[str]:
    settings = Settings(ingest_url="http://127.0.0.1:9", seed="silence", traffic_rate=0)
    with served_aside(build_app(settings)) as url:
        yield url


@pytest.fixture
async def shops_control(shops_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The control API of shops that behave."""
    async with httpx.AsyncClient(base_url=f"{shops_url}/control", trust_env=False, timeout=30) as client:
        await client.delete("/faults")
        yield client
        await client.delete("/faults")


@pytest.fixture
async def silent(
    database_url: str, rabbitmq_url: str, shops_control: httpx.AsyncClient
) -> AsyncIterator[Silent]:
    vault = Vault(Fernet.generate_key().decode())
    client = build_http_client(connections=20, read_timeout_s=READ_TIMEOUT_S)
    async with client, open_world(database_url, rabbitmq_url) as world:
        shop_id = await add_shop(world.pool)
        store = await open_storefront(world.pool, vault, shops_control, shop_id=shop_id)
        admins = ShopAdmins(RecordedHttp(client, api=API), vault)
        prover = Prover(Asking(world.pool, admins, INGEST_URL), world.pool, world.publisher, "alerting")
        since = (utc_now() - timedelta(hours=6)).replace(second=0, microsecond=0)
        shop = Silent(world, store, admins, prover, vault, shop_id, since)
        await shop.subscribe()
        yield shop
        await prover.end()
