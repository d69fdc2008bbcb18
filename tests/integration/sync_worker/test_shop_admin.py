"""The shop's Admin API: budgets shared by replicas, and what its answers turn into over real HTTP."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared import metrics
from shared.clients import shopify_admin
from shared.clients.http import RecordedHttp, build_http_client
from shared.clients.shopify_admin import Document, ShopAdmin, ShopAdmins
from shared.clients.shopify_answers import API, TooExpensive
from shared.errors import (
    Misconfigured,
    Obsolete,
    RateLimited,
    Rejected,
    TaskError,
    Unavailable,
    UnknownOutcome,
)
from shared.handling import Run
from shared.tasks import TaskType
from sync_worker.clients.documents import load_document
from tests.factories import header
from tests.integration.sync_worker.storefront import TOKEN, Storefront, open_storefront
from tests.integration.sync_worker.world import World

SHOP = load_document("shop", cost=2)
DEAR = Document(
    "dear", "query { orders(first: 250) { nodes { id lineItems(first: 250) { nodes { id } } } } }", 40, True
)
TAG = Document(
    "tag",
    "mutation($id: ID!, $tags: [String!]!) "
    "{ tagsAdd(id: $id, tags: $tags) { userErrors { field message } } }",
    10,
    False,
)


async def opened(world: World, storefront: Storefront, shops: ShopAdmins | None = None) -> ShopAdmin:
    task = header(type=TaskType.INDEX_ORDERS, shop_id=world.shop_id, account_id=storefront.account_id)
    return await (shops or world.systems.shops).open(world.pool, task)


async def budget(world: World, storefront: Storefront) -> Any:
    query = "SELECT available, capacity, per_second FROM store.budgets WHERE account_id = $1"
    return await world.pool.fetchrow(query, storefront.account_id)


async def failure(admin: ShopAdmin, document: Document = SHOP, **variables: Any) -> TaskError:
    with pytest.raises(TaskError) as caught:
        await admin.call(document, variables)
    return caught.value


async def test_the_first_answer_tells_the_budget(world: World, storefront: Storefront) -> None:
    admin = await opened(world, storefront)
    assert (await admin.call(SHOP))["shop"]["currencyCode"] == "SEK"
    row = await budget(world, storefront)
    assert (row["capacity"], row["per_second"]) == (2000, 100)
    assert 1998 <= row["available"] <= 2000


async def test_replicas_that_share_a_budget_do_not_run_into_the_limit_together(
    world: World, storefront: Storefront
) -> None:
    await storefront.say("PATCH", "admin", bucket_size=700, restore_rate=400)
    async with build_http_client(connections=20, read_timeout_s=20) as client:
        shops = [ShopAdmins(RecordedHttp(client, api=API), world.vault) for _ in range(3)]
        replicas = [await opened(world, storefront, each) for each in shops]
        for replica in replicas:
            await replica.call(DEAR)
        await asyncio.gather(*(replica.call(DEAR) for replica in replicas for _ in range(4)))
    sent = len(await storefront.requests())
    assert 15 <= sent < 30, "one call each; on a slow machine some arrive late and are sent again"


async def test_throttled_is_waited_for_while_another_shop_goes_on(
    world: World, storefront: Storefront
) -> None:
    other = await open_storefront(world.pool, world.vault, world.control, shop_id=world.shop_id)
    slow, fast = await opened(world, storefront), await opened(world, other)
    await storefront.say("PATCH", "admin", bucket_size=100, restore_rate=50)
    await storefront.say("PUT", "admin/bucket", available=0)
    began = time.monotonic()
    waiting = asyncio.create_task(slow.call(replace(DEAR, text=DEAR.text.replace("250", "10"))))
    for _ in range(5):
        await fast.call(SHOP)
    assert not waiting.done()
    await waiting
    assert 0.5 < time.monotonic() - began < 2


async def test_a_long_wait_is_left_to_the_lanes_with_its_exact_length(
    world: World, storefront: Storefront
) -> None:
    admin = await opened(world, storefront)
    await storefront.say("PATCH", "admin", bucket_size=500, restore_rate=10)
    await storefront.say("PUT", "admin/bucket", available=0)
    throttled = await failure(admin, DEAR)
    assert isinstance(throttled, RateLimited)
    asked = len(await storefront.requests())
    without_asking = await failure(admin, DEAR)
    assert isinstance(without_asking, RateLimited)
    assert len(await storefront.requests()) == asked
    assert throttled.after is not None
    assert without_asking.after is not None
    assert abs(throttled.after - without_asking.after) < timedelta(seconds=1)


async def test_who_has_time_leaves_a_part_of_the_budget_to_others(
    world: World, storefront: Storefront
) -> None:
    admin = await opened(world, storefront)
    await admin.call(SHOP)
    await world.pool.execute("UPDATE store.budgets SET available = 700, capacity = 2000, per_second = 1")
    patient = replace(admin.budget, left_to_others=0.25)
    with pytest.raises(RateLimited):
        await patient.take(300, patience_s=0)
    assert await patient.take(100, patience_s=0) == 0
    assert await admin.budget.take(300, patience_s=0) == 0


async def test_what_was_reserved_in_vain_is_given_back(world: World, storefront: Storefront) -> None:
    admin = await opened(world, storefront)
    await storefront.say("PATCH", "admin", bucket_size=1000, restore_rate=1)
    for _ in range(5):
        await admin.call(DEAR)
    row = await budget(world, storefront)
    assert row["available"] > 980


@pytest.mark.parametrize(
    ("code", "kind"),
    [("ACCESS_DENIED", Misconfigured), ("INTERNAL_SERVER_ERROR", Unavailable)],
)
async def test_a_refused_field_is_told(
    world: World, storefront: Storefront, code: str, kind: type[TaskError]
) -> None:
    await storefront.say("PATCH", "admin", refusals=[{"field": "shop", "code": code, "times": 1}])
    admin = await opened(world, storefront)
    assert type(await failure(admin)) is kind
    await admin.call(SHOP)


@pytest.mark.parametrize("status", ["frozen", "locked", "inactive"])
async def test_a_closed_shop_is_the_accounts_problem(
    world: World, storefront: Storefront, status: str
) -> None:
    await storefront.say("PATCH", "admin", shop_status=status)
    assert isinstance(await failure(await opened(world, storefront)), Misconfigured)


async def test_a_query_that_may_not_cost_so_much_fails_for_good(world: World, storefront: Storefront) -> None:
    await storefront.say("PATCH", "admin", max_query_cost=100)
    assert isinstance(await failure(await opened(world, storefront), DEAR), TooExpensive)


async def test_a_user_error_names_the_field(world: World, storefront: Storefront) -> None:
    admin = await opened(world, storefront)
    refused = await failure(admin, TAG, id="gid://shopify/Order/1", tags=["a"])
    assert type(refused) is Rejected
    assert "'id'" in refused.message


@pytest.mark.parametrize("fault", ["reset_after_effect", "slow"])
async def test_a_lost_answer_to_a_mutation_leaves_a_doubt(
    world: World, storefront: Storefront, fault: str
) -> None:
    rule = {
        "system": "shopify",
        "route": "*",
        "operation": "tagsAdd",
        "fault": fault,
        "times": 1,
        "delay_ms": 1_400,
    }
    await world.control.put("/faults", json=[rule])
    order = await storefront.buy()
    admin = await opened(world, storefront)
    doubt = await failure(admin, TAG, id=order["admin_graphql_api_id"], tags=["a"])
    assert isinstance(doubt, UnknownOutcome)


async def test_a_lost_answer_to_a_query_is_asked_for_again(world: World, storefront: Storefront) -> None:
    await world.control.put(
        "/faults", json=[{"system": "shopify", "route": "*", "fault": "reset_before", "times": 1}]
    )
    assert isinstance(await failure(await opened(world, storefront)), Unavailable)


async def test_an_older_version_that_answers_is_noticed(
    world: World, storefront: Storefront, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = metrics.SHOPIFY_OTHER_VERSION._value.get()
    monkeypatch.setattr(shopify_admin, "API_VERSION", "2025-01")
    await (await opened(world, storefront)).call(SHOP)
    assert metrics.SHOPIFY_OTHER_VERSION._value.get() == before + 1


async def test_the_token_is_never_recorded(world: World, storefront: Storefront) -> None:
    run = Run(header(type=TaskType.INDEX_ORDERS), None, 1, False, world.pool)  # type: ignore[arg-type]
    run.observe_calls()
    await (await opened(world, storefront)).call(SHOP)
    (call,) = run.calls
    assert TOKEN not in str(call)
    assert call.api == "Shopify"


async def test_an_account_that_is_off_or_missing_says_so(world: World, storefront: Storefront) -> None:
    await world.pool.execute("UPDATE store.accounts SET is_active = false WHERE kind = 'shopify'")
    with pytest.raises(Obsolete, match="switched off"):
        await opened(world, storefront)
    await world.pool.execute("DELETE FROM store.accounts WHERE kind = 'shopify'")
    with pytest.raises(Misconfigured, match="no Shopify account"):
        await opened(world, storefront)
