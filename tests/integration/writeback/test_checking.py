"""Accounts at marketplaces are tried: each part is asked one harmless question."""

from collections.abc import AsyncIterator

import httpx
import orjson
import pytest
from cryptography.fernet import Fernet

from shared.clients.http import build_http_client
from shared.db.pool import open_pool
from shared.envelope import Payload
from shared.errors import Misconfigured
from shared.handling import Outcome, Run
from shared.tasks import Api, TaskType
from shared.trials import NOTHING_TO_TRY, wish
from shared.vault import Vault
from tests.factories import header
from tests.integration.sync_worker.world import add_shop
from tests.integration.writeback.accounts import Market
from writeback.clients.systems import Systems, build_systems
from writeback.handlers import registry


@pytest.fixture
async def market(database_url: str, outside_url: str, outside: httpx.AsyncClient) -> AsyncIterator[Market]:
    async with await open_pool(database_url, max_size=4) as pool:
        vault = Vault(Fernet.generate_key().decode())
        yield Market(pool, vault, outside, outside_url, await add_shop(pool))


@pytest.fixture
async def systems(market: Market) -> AsyncIterator[Systems]:
    async with build_http_client(connections=10, read_timeout_s=5) as client:
        yield build_systems(client, market.vault)


async def _check(
    market: Market, systems: Systems, account_id: int, payload: bytes = b"{}"
) -> tuple[Outcome, Run]:
    task = header(type=TaskType.CHECK_ACCOUNT, shop_id=market.shop_id, account_id=account_id)
    run = Run(task, Payload(body=payload), 1, False, market.pool)
    run.observe_calls()
    return await registry(systems)[TaskType.CHECK_ACCOUNT](run), run


async def test_amazon_is_asked_for_an_order_an_item_and_a_token(market: Market, systems: Systems) -> None:
    outcome, run = await _check(market, systems, (await market.amazon()).account_id)
    assert (outcome.note or "").startswith("It works: ")
    assert {call.category for call in run.calls} == {Api.PRODUCTS, Api.ORDERS, Api.WRITEBACK}


@pytest.mark.parametrize(("uses", "parts"), [("fulfillment", set()), ("trading", {Api.TRADING})])
async def test_ebay_is_asked_over_the_interfaces_the_account_uses(
    market: Market, systems: Systems, uses: str, parts: set[Api]
) -> None:
    seller = await market.ebay(uses=uses)
    outcome, run = await _check(market, systems, seller.account_id)
    assert (outcome.note or "").startswith("It works: ")
    assert {call.category for call in run.calls} >= {Api.PRODUCTS, Api.ORDERS, Api.WRITEBACK} | parts


async def test_a_part_can_be_tried_by_itself(market: Market, systems: Systems) -> None:
    seller = await market.ebay()
    _, run = await _check(market, systems, seller.account_id, wish([Api.ORDERS]))
    assert {call.category for call in run.calls} == {Api.ORDERS}


@pytest.mark.parametrize("kind", ["amazon", "ebay"])
async def test_a_consent_that_is_over_is_the_accounts_problem(
    market: Market, systems: Systems, kind: str
) -> None:
    seller = await (market.amazon() if kind == "amazon" else market.ebay())
    await seller.say("PATCH", "terms", is_revoked=True)
    with pytest.raises(Misconfigured):
        await _check(market, systems, seller.account_id)


async def test_a_system_that_is_never_asked_has_nothing_to_try(market: Market, systems: Systems) -> None:
    account_id = await market.pool.fetchval(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials) "
        "VALUES ($1, 'standard', 'W', 'https://w.example', $2) RETURNING id",
        market.shop_id,
        market.vault.seal(orjson.dumps({})),
    )
    outcome, run = await _check(market, systems, account_id)
    assert outcome.note == NOTHING_TO_TRY
    assert run.calls == []
