"""Tokens in memory: few, good ones only, and known for as long as the database is away."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from ingest import tokens
from ingest.tokens import TokenDirectory, Unverifiable
from shared.api_tokens import Role, hash_of
from shared.db.pool import open_pool

ADD = "INSERT INTO admin.api_tokens (name, token_hash, prefix, role, shop_ids) VALUES ($1, $2, 'x', $3, $4)"


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with await open_pool(database_url, max_size=2) as pool:
        for name in ("one", "two", "three"):
            await pool.execute(ADD, name, hash_of(name), "operator", None)
        yield pool


def _directory(pool: asyncpg.Pool) -> TokenDirectory:
    return TokenDirectory(pool, refresh_s=1, lookup_timeout_s=5)


async def _name(directory: TokenDirectory, token: str) -> str | None:
    found = await directory.find(token, datetime.now(UTC))
    return None if found is None else found.name


async def test_roles_and_shops_decide_what_a_token_may(pool: asyncpg.Pool) -> None:
    await pool.execute(ADD, "narrow", hash_of("narrow"), "admin", [7])
    await pool.execute(ADD, "reader", hash_of("reader"), "viewer", None)
    directory, now = _directory(pool), datetime.now(UTC)
    narrow, reader, one = [await directory.find(name, now) for name in ("narrow", "reader", "one")]
    assert narrow is not None
    assert reader is not None
    assert one is not None
    assert narrow.role is Role.ADMIN
    assert (narrow.may_report_for(7), narrow.may_report_for(8)) == (True, False)
    assert (reader.may_report_for(7), one.may_report_for(7)) == (False, True)


async def test_only_so_many_tokens_are_remembered_and_those_in_use_stay(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_TOKENS", 2)
    directory = _directory(pool)
    for name in ("one", "two", "one", "three"):
        assert await _name(directory, name) == name
    assert [bearer.name for bearer in directory._bearers.values()] == ["one", "three"]


async def test_a_token_in_memory_is_good_while_the_database_is_away_and_others_are_not_known(
    pool: asyncpg.Pool,
) -> None:
    directory = _directory(pool)
    assert await _name(directory, "one") == "one"
    assert await _name(directory, "nobody") is None
    await pool.close()
    assert await _name(directory, "one") == "one"
    with pytest.raises(Unverifiable):
        await directory.find("two", datetime.now(UTC))


async def test_what_is_no_longer_good_is_forgotten_at_the_next_refresh(pool: asyncpg.Pool) -> None:
    directory = _directory(pool)
    assert await _name(directory, "one") == "one"
    await pool.execute("UPDATE admin.api_tokens SET revoked_at = now() WHERE name = 'one'")
    await directory.refresh()
    assert await _name(directory, "one") is None
