"""A recorder's parts on this test's own database."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from cryptography.fernet import Fernet

from query_api.recorder.settings import RecorderSettings
from query_api.recorder.shop_keys import ShopKeys
from shared.db.pool import open_pool
from shared.vault import Vault
from tests.integration.recorder.running import Queue, open_queue, recorder_settings
from tests.integration.recorder.shops import add_shop


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with await open_pool(database_url, max_size=8) as opened:
        yield opened


@pytest.fixture
def secret_keys() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture
def vault(secret_keys: str) -> Vault:
    return Vault(secret_keys)


@pytest.fixture
def keys(vault: Vault) -> ShopKeys:
    return ShopKeys(vault)


@pytest.fixture
async def shop_id(pool: asyncpg.Pool, vault: Vault) -> int:
    return await add_shop(pool, vault)


@pytest.fixture
async def queue(rabbitmq_url: str) -> AsyncIterator[Queue]:
    async with open_queue(rabbitmq_url) as opened:
        yield opened


@pytest.fixture
def options(database_url: str, rabbitmq_url: str, secret_keys: str) -> RecorderSettings:
    return recorder_settings(database_url, rabbitmq_url, secret_keys=secret_keys)
