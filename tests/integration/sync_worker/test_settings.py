"""What the other systems say of themselves: stores, currency, the shop's own settings, subscriptions."""

from dataclasses import replace
from typing import Any

import pytest

from shared.tasks import TaskType
from sync_worker.handlers.options import Options
from sync_worker.handlers.settings import NO_ADDRESS
from sync_worker.webhook_topics import TOPICS
from tests.integration.sync_worker.storefront import Storefront
from tests.integration.sync_worker.world import Done, World, delivery

ADDRESS = "http://127.0.0.1:8081"
SHOP = {"id": 1, "name": "Acme", "email": "owner@acme.example", "currency": "EUR", "updated_at": None}


@pytest.fixture
def reachable(world: World) -> World:
    """An installation that knows where shops reach it."""
    return replace(world, options=Options(ingest_url=f"{ADDRESS}/"))


async def check(world: World, storefront: Storefront) -> Done:
    return await world.run(TaskType.CHECK_WEBHOOK_SUBSCRIPTIONS, account_id=storefront.account_id)


async def subscribed(storefront: Storefront) -> dict[str, str]:
    kept = (await storefront.say("GET", "subscriptions"))["subscriptions"]
    return {one["topic"]: one["uri"] for one in kept}


def summary(done: Done) -> dict[str, Any]:
    assert done.outcome is not None, done.error
    return done.outcome.summary or {}


async def shop_row(world: World) -> dict[str, Any]:
    row = await world.pool.fetchrow("SELECT name, email, currency, timezone FROM store.shops")
    assert row is not None
    return dict(row)


async def test_a_new_shop_is_subscribed_to_every_topic(reachable: World, storefront: Storefront) -> None:
    done = await check(reachable, storefront)
    assert done.note == "The shop sent nothing here: subscribed to all topics"
    assert await subscribed(storefront) == dict.fromkeys(TOPICS, f"{ADDRESS}/webhooks/shopify")


async def test_a_subscription_that_is_gone_is_made_again_and_what_was_missed_is_asked_for(
    reachable: World, storefront: Storefront
) -> None:
    await check(reachable, storefront)
    await storefront.say("DELETE", "subscriptions/ORDERS_UPDATED")
    done = await check(reachable, storefront)
    assert done.note == "The shop did not send orders/updated here: subscribed again"
    assert summary(done) == {"made": ["orders/updated"], "kept": len(TOPICS) - 1}
    assert [one.type for one in done.follow_ups] == [TaskType.INDEX_ORDERS, TaskType.INDEX_SHOP_CUSTOMERS]
    assert {one.account_id for one in done.follow_ups} == {storefront.account_id}
    assert set(await subscribed(storefront)) == set(TOPICS)


async def test_subscriptions_that_are_there_are_left_alone(reachable: World, storefront: Storefront) -> None:
    await check(reachable, storefront)
    done = await check(reachable, storefront)
    assert (done.note, done.follow_ups) == (None, ())
    assert summary(done) == {"made": [], "kept": len(TOPICS)}


async def test_subscriptions_to_another_address_do_not_count(
    reachable: World, storefront: Storefront
) -> None:
    await check(reachable, storefront)
    moved = replace(reachable, options=Options(ingest_url="https://hooks.example.com"))
    assert len(summary(await check(moved, storefront))["made"]) == len(TOPICS)


async def test_without_an_address_nothing_is_checked(world: World, storefront: Storefront) -> None:
    done = await check(world, storefront)
    assert (done.note, done.calls) == (NO_ADDRESS, [])


async def test_the_shops_currency_is_asked_for(world: World, storefront: Storefront) -> None:
    await storefront.say("PATCH", "profile", currency="EUR")
    done = await world.run(TaskType.SYNC_SHOP_CURRENCY, account_id=storefront.account_id)
    assert summary(done) == {"currency": "EUR"}
    assert (await shop_row(world))["currency"] == "EUR"


async def test_the_shops_own_settings_are_taken_over(world: World) -> None:
    body = {**SHOP, "name": "Acme Outdoor", "iana_timezone": "Europe/Stockholm", "timezone": "(GMT+01:00)"}
    done = await world.run(TaskType.SHOP_WEBHOOK, delivery("shop/update", body))
    assert summary(done) == {"changed": ["name", "email", "currency", "timezone"]}
    assert await shop_row(world) == {
        "name": "Acme Outdoor",
        "email": "owner@acme.example",
        "currency": "EUR",
        "timezone": "Europe/Stockholm",
    }


async def test_what_the_shop_leaves_out_stays(world: World) -> None:
    await world.run(TaskType.SHOP_WEBHOOK, delivery("shop/update", {**SHOP, "iana_timezone": "Asia/Tokyo"}))
    odd = {"id": 1, "name": None, "email": "", "currency": "money", "iana_timezone": "Mars/Olympus"}
    done = await world.run(TaskType.SHOP_WEBHOOK, delivery("shop/update", odd))
    assert done.note == "Nothing that matters has changed"
    assert (await shop_row(world))["timezone"] == "Asia/Tokyo"


async def test_older_settings_do_not_replace_newer_ones(world: World) -> None:
    newer = {**SHOP, "name": "New", "updated_at": "2026-11-20T10:00:05+01:00"}
    older = {**SHOP, "name": "Old", "updated_at": "2026-11-20T10:00:01+01:00"}
    await world.run(TaskType.SHOP_WEBHOOK, delivery("shop/update", newer))
    done = await world.run(TaskType.SHOP_WEBHOOK, delivery("shop/update", older))
    assert done.note == "Older than what the shop told before: left as it is"
    assert (await shop_row(world))["name"] == "New"


async def test_the_crms_stores_are_remembered_and_forgotten(world: World) -> None:
    await world.pool.execute(
        "INSERT INTO store.crm_stores (account_id, external_id, name) VALUES ($1, 'closed', 'Closed')",
        world.account_id,
    )
    done = await world.run(TaskType.INDEX_STORES, account_id=world.account_id)
    assert summary(done) == {"stores": 1, "new": ["ecom"], "gone": ["closed"]}
    rows = await world.pool.fetch("SELECT external_id FROM store.crm_stores")
    assert [row["external_id"] for row in rows] == ["ecom"]
    assert done.note is None


async def test_a_store_the_account_names_in_vain_is_told(world: World) -> None:
    await world.set_account(settings={"store_external_id": "nowhere"})
    done = await world.run(TaskType.INDEX_STORES, account_id=world.account_id)
    assert "has no store 'nowhere'" in (done.note or "")
