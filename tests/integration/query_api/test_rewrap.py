"""The master key is changed: everything is sealed anew, and the old key can be dropped."""

import re
from importlib.resources import files
from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet

from query_api.rewrapping.rewrap import PLACES, Found, rewrap
from shared.vault import SealBroken, Vault
from tests.integration.query_api.world import World

# Columns of bytes that no master key has sealed.
OTHERS = {
    "store.inbox.outcome": "transitions, as they travel",
    "ledger.payloads.sent": "sealed with the shop's key",
    "ledger.payloads.received": "sealed with the shop's key",
    "admin.privacy_requests.export": "sealed with the shop's key",
    "ingest.spool.body": "transitions, as they travel",
    "store.import_lines.body": "lines of a shop's export, for the time of an import",
    "store.runs.seen": "hashes",
    "admin.idempotency_keys.request": "a hash",
}


def _sealed_columns() -> set[str]:
    schema = files("shared.db").joinpath("schema.sql").read_text()
    tables = re.findall(r"CREATE TABLE ([\w.]+) \((.*?)^\)", schema, re.DOTALL | re.MULTILINE)
    columns = {
        f"{table}.{name}"
        for table, body in tables
        for name in re.findall(r"^    (\w+) +bytea", body, re.MULTILINE)
    }
    return {one for one in columns if not one.endswith("_hash")} - set(OTHERS)


def test_every_sealed_column_is_sealed_anew() -> None:
    statements = " ".join(put.sql for _, put in PLACES.values())
    written = {f"{table}.{column}" for table, column in re.findall(r"UPDATE ([\w.]+) SET (\w+)", statements)}
    assert written == _sealed_columns()


@pytest.fixture
def keys() -> tuple[str, str]:
    return Fernet.generate_key().decode(), Fernet.generate_key().decode()


async def _fill(world: World, vault: Vault, shop: int) -> None:
    pool, sealed = world.pool, vault.seal(b"secret")
    await pool.execute("UPDATE store.shops SET webhook_secrets = ARRAY[$1::bytea, $1], data_key = $1", sealed)
    await pool.execute(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials) "
        "VALUES ($1, 'engage', 'a', '', $2), ($1, 'engage', 'erased', '', '')",
        shop,
        sealed,
    )
    await pool.execute(
        "INSERT INTO alerts.settings (shop_id, settings, updated_by) VALUES ($1, '{}', '')", shop
    )
    await pool.execute("UPDATE alerts.settings SET channels = $1", sealed)
    await pool.execute(
        "INSERT INTO admin.privacy_requests (shop_domain, kind, task_id, subject, due_at) "
        "VALUES ('', 'customer_redact', $1, $2, now()), ('', 'customer_redact', $3, NULL, now())",
        uuid4(),
        sealed,
        uuid4(),
    )
    await pool.execute(
        "INSERT INTO admin.operations (id, kind, state, selection, requested_by) "
        "VALUES ($1, 'export', 'running', '{}', '')",
        (operation := uuid4()),
    )
    await pool.executemany(
        "INSERT INTO admin.export_parts VALUES ($1, $2, $3)", [(operation, n, sealed) for n in range(205)]
    )
    await pool.execute(
        "INSERT INTO admin.idempotency_keys (token_id, key, request, answer) VALUES (1, 'k', '', $1)", sealed
    )


async def _sealed_now(world: World) -> list[bytes]:
    found: list[bytes] = []
    for read, _ in PLACES.values():
        async for row in read(world.pool, after="", wanted=1_000):
            found += [value for value in row["sealed"] if value]
    return found


async def test_afterwards_the_new_key_opens_everything_and_the_old_nothing(
    world: World, shop: int, keys: tuple[str, str]
) -> None:
    old, new = keys
    await _fill(world, Vault(old), shop)
    async with world.pool.acquire() as connection:
        first: Any = await rewrap(connection, Vault(f"{new},{old}"))
        again: Any = await rewrap(connection, Vault(f"{new},{old}"))
        without: Any = await rewrap(connection, Vault(old))
    assert {state for _, state in first} == {Found.SEALED_ANEW}
    assert first["files of exports", Found.SEALED_ANEW] == 205
    assert first["webhook secrets of shops", Found.SEALED_ANEW] == 2
    assert {state for _, state in again} == {Found.NEWEST}
    assert again.total() == first.total() == len(await _sealed_now(world))
    assert {state for _, state in without} == {Found.BROKEN}
    for value in await _sealed_now(world):
        assert Vault(new).open(value) == b"secret"
        with pytest.raises(SealBroken):
            Vault(old).open(value)
