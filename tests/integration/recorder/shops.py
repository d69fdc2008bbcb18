"""Shops with a key for their payloads."""

import asyncpg

from shared.vault import DataKey, Vault


async def add_shop(pool: asyncpg.Pool, vault: Vault) -> int:
    shop_id: int = await pool.fetchval(
        "INSERT INTO store.shops (domain, name, email, data_key) "
        "VALUES ('s-' || gen_random_uuid() || '.example', 'S', 's@s.example', $1) RETURNING id",
        vault.new_data_key(),
    )
    return shop_id


async def data_key(pool: asyncpg.Pool, vault: Vault, shop_id: int) -> DataKey:
    return vault.open_data_key(await pool.fetchval("SELECT data_key FROM store.shops WHERE id = $1", shop_id))
