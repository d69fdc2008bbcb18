"""The shops in memory are those of the database, a moment later."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from cryptography.fernet import Fernet

from ingest.shops import ShopDirectory
from shared.db.pool import open_pool
from shared.vault import Vault
from tests.integration.ingest.running import MASTER_KEY, add_shop

CHANGE = "UPDATE store.shops SET webhook_secrets = $2, updated_at = now() WHERE id = $1"


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with await open_pool(database_url) as pool:
        yield pool


@pytest.fixture
def vault() -> Vault:
    return Vault(MASTER_KEY)


@pytest.fixture
def directory(pool: asyncpg.Pool, vault: Vault) -> ShopDirectory:
    return ShopDirectory(pool, vault, refresh_s=1, lookup_timeout_s=5)


async def _secrets(directory: ShopDirectory, domain: str) -> tuple[bytes, ...]:
    shop = await directory.find(domain)
    assert shop is not None
    return shop.secrets


async def test_secrets_are_opened_in_their_order_and_never_shown(
    directory: ShopDirectory, database_url: str
) -> None:
    stored = await add_shop(database_url, "newer", "older")
    await directory.refresh()
    shop = await directory.find(stored.domain)
    assert shop is not None
    assert (shop.id, shop.is_active, shop.secrets) == (stored.id, True, (b"newer", b"older"))
    assert "newer" not in repr(shop)


async def test_a_shop_that_is_not_in_memory_is_looked_up(directory: ShopDirectory, database_url: str) -> None:
    stored = await add_shop(database_url)
    shop = await directory.find(stored.domain)
    assert shop is not None
    assert shop.id == stored.id
    assert await directory.find("nobody.myshopify.com") is None
    assert not directory.is_loaded


async def test_a_change_that_commits_after_a_newer_one_is_not_missed(
    directory: ShopDirectory, database_url: str, pool: asyncpg.Pool, vault: Vault
) -> None:
    slow, quick = await add_shop(database_url), await add_shop(database_url)
    await directory.refresh()
    async with pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute(CHANGE, slow.id, [vault.seal(b"slow")])
            await pool.execute(CHANGE, quick.id, [vault.seal(b"quick")])
            await directory.refresh()
            assert await _secrets(directory, quick.domain) == (b"quick",)
        await directory.refresh()
    assert await _secrets(directory, slow.domain) == (b"slow",)


async def test_a_secret_nobody_can_open_does_not_hide_the_others(
    directory: ShopDirectory, database_url: str, pool: asyncpg.Pool, vault: Vault
) -> None:
    stored = await add_shop(database_url)
    foreign = Vault(Fernet.generate_key().decode())
    await pool.execute(CHANGE, stored.id, [foreign.seal(b"lost"), vault.seal(b"kept")])
    await directory.refresh()
    assert await _secrets(directory, stored.domain) == (b"kept",)
