"""What the rules are told, as it stands in the tables."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.alerts.facts import Ended, ShopFacts
from shared.alerts.reading import read_platform, read_settings, read_shops
from shared.alerts.settings import AlertSettings
from shared.connections.judging import Cause
from shared.db.pool import open_connection
from shared.tasks import Group
from tests.integration.shared.alerts.conditions import MINUTE, Shop, add_shop, add_token

NOW = datetime(2026, 11, 20, 12, 30, 20, tzinfo=UTC)
INSTALLED = NOW - timedelta(days=100)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Any]:
    opened = await open_connection(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def shop(connection: Any) -> Shop:
    return await add_shop(connection, INSTALLED)


async def facts_of(shop: Shop, settings: AlertSettings | None = None) -> ShopFacts:
    found = await read_shops(shop.connection, {shop.id: settings or AlertSettings()}, NOW)
    return found[shop.id]


def minutes_ago(n: float) -> datetime:
    return NOW.replace(second=0) - n * MINUTE


async def test_shops_in_use_have_their_own_settings_or_the_defaults(connection: Any, shop: Shop) -> None:
    other = await add_shop(connection, INSTALLED, "other.example")
    gone = await add_shop(connection, INSTALLED, "gone.example")
    broken = await add_shop(connection, INSTALLED, "broken.example")
    await connection.execute("UPDATE store.shops SET is_active = false WHERE id = $1", gone.id)
    for shop_id, own in ((shop.id, {"silence_minutes": 90}), (broken.id, {"silence_minutes": "soon"})):
        await connection.execute(
            "INSERT INTO alerts.settings (shop_id, settings, updated_by) VALUES ($1, $2, 'x')", shop_id, own
        )
    known = await read_settings(connection)
    assert known == {
        shop.id: AlertSettings(silence_minutes=90),
        other.id: AlertSettings(),
        broken.id: AlertSettings(),
    }
    assert list(await read_settings(connection, [other.id])) == [other.id]


async def test_of_a_shop_that_sells_nothing_no_order_is_expected(shop: Shop) -> None:
    await shop.account("amazon")
    assert (await facts_of(shop)).silence is None


async def test_a_silence_begins_with_the_last_order_the_crm_got(shop: Shop) -> None:
    await shop.account("shopify")
    await shop.account("engage", created_at=NOW - timedelta(days=3))
    await shop.count(minutes_ago(300), "SyncOrder")
    await shop.count(minutes_ago(200), "SyncOrderNotification")
    await shop.count(minutes_ago(100), "SyncOrder", "failed")
    await shop.count(minutes_ago(50), "IndexOrder")
    silence = (await facts_of(shop)).silence
    assert silence is not None
    assert silence.last_synced_at == minutes_ago(200)
    assert silence.watched_since == NOW - timedelta(days=3)
    assert silence.zone == "Europe/Stockholm"


async def test_without_a_crm_the_last_order_stored_counts_however_long_ago(shop: Shop) -> None:
    await shop.account("shopify")
    hour = NOW.replace(minute=0, second=0) - timedelta(days=70)
    await shop.count(hour, "IndexOrder", table="hour")
    silence = (await facts_of(shop)).silence
    assert silence is not None
    assert (silence.last_synced_at, silence.watched_since) == (hour, INSTALLED)


async def test_the_newest_proof_is_told(shop: Shop) -> None:
    await shop.account("shopify")
    for minutes, verdict in ((60, "quiet"), (10, "missed")):
        await shop.connection.execute(
            "INSERT INTO alerts.proofs (shop_id, since, asked_at, verdict, words, numbers) "
            "VALUES ($1, $2, $3, $4, 'w', $5)",
            *(shop.id, minutes_ago(500), minutes_ago(minutes), verdict, {"missed": 3}),
        )
    silence = (await facts_of(shop)).silence
    assert silence is not None
    assert silence.proof is not None
    assert (silence.proof.verdict, silence.proof.missed) == ("missed", 3)


async def test_tasks_that_ended_are_counted_in_the_window_whole_hours_at_a_time(shop: Shop) -> None:
    settings = AlertSettings(error_rate_minutes=180)
    nine = NOW.replace(hour=9, minute=0, second=0)
    await shop.count(minutes_ago(181), "SyncOrder", "failed", 1000)
    await shop.count(minutes_ago(180), "SyncOrder", "failed", 1)
    await shop.count(nine + 59 * MINUTE, "SyncOrder", "failed", 2)
    for hour in (10, 11):
        await shop.count(NOW.replace(hour=hour, minute=0, second=0), "SyncOrder", "failed", 4, table="hour")
    await shop.count(NOW.replace(hour=10, minute=5, second=0), "SyncOrder", "failed", 1000)
    await shop.count(minutes_ago(30), "SyncContact", "succeeded", 8)
    await shop.count(minutes_ago(0), "SyncOrder", "succeeded", 16)
    await shop.count(minutes_ago(-1), "SyncOrder", "succeeded", 1000)
    await shop.count(minutes_ago(1), "NotifyAlert", "failed", 1000)
    await shop.count(minutes_ago(1), "SyncOrder", "retrying", 1000)
    assert (await facts_of(shop, settings)).ended == {
        Group.ORDER_SYNC: Ended(succeeded=16, failed=11),
        Group.CONTACT_SYNC: Ended(succeeded=8),
    }


async def test_a_short_window_within_an_hour_counts_its_minutes(shop: Shop) -> None:
    await shop.count(minutes_ago(11), "SyncOrder", "failed", 1000)
    await shop.count(minutes_ago(10), "SyncOrder", "failed", 1)
    await shop.count(minutes_ago(2), "SyncOrder", "failed", 2)
    await shop.count(NOW.replace(minute=0, second=0), "SyncOrder", "failed", 1000, table="hour")
    facts = await facts_of(shop, AlertSettings(error_rate_minutes=10))
    assert facts.ended == {Group.ORDER_SYNC: Ended(failed=3)}


async def test_what_goes_by_the_log_is_known_up_to_where_the_log_is(connection: Any, shop: Shop) -> None:
    assert (await facts_of(shop)).known_until == NOW
    await connection.execute("INSERT INTO ledger.recorders VALUES ('r', $1, 7, $2)", minutes_ago(20), NOW)
    await shop.count(minutes_ago(80), "SyncOrder", "failed", 3)
    facts = await facts_of(shop)
    assert facts.known_until == minutes_ago(20)
    assert facts.ended == {Group.ORDER_SYNC: Ended(failed=3)}
    platform = await read_platform(connection, NOW)
    assert (platform.as_of, platform.backlog, platform.recorder_seen_at) == (minutes_ago(20), 7, NOW)


async def test_a_connection_is_red_since_its_calls_began_to_fail(shop: Shop) -> None:
    troubled, well = await shop.account("engage"), await shop.account("shopify")
    for minute in range(20):
        await shop.calls(troubled, "orders", minutes_ago(minute), failed=2)
        await shop.calls(troubled, "contacts", minutes_ago(minute), ok=2)
    await shop.calls(troubled, "orders", minutes_ago(40), ok=5)
    await shop.calls(well, "orders", minutes_ago(3), ok=9)
    engage, shopify = (await facts_of(shop)).accounts
    by_part = {part.category: part for part in engage.connections}
    assert by_part["orders"].red_since == minutes_ago(19)
    assert by_part["orders"].cause is Cause.UNAVAILABLE
    assert by_part["contacts"].red_since is None
    assert {part.red_since for part in shopify.connections} == {None}


async def test_an_open_breaker_goes_on_with_what_it_was_opened_for(shop: Shop) -> None:
    account_id = await shop.account("engage", settings={"breaker": {"enabled": True, "pause_s": 600}})
    await shop.connection.execute(
        "INSERT INTO store.breakers VALUES ($1, 'orders', $2, $3, 2, 'Orders: unavailable')",
        *(account_id, minutes_ago(12), minutes_ago(-8)),
    )
    (account,) = (await facts_of(shop)).accounts
    (orders,) = [part for part in account.connections if part.category == "orders"]
    assert orders.red_since == minutes_ago(22)
    assert (orders.reason, orders.left_alone_until) == ("Orders: unavailable", minutes_ago(-8))


async def test_accounts_tell_that_they_are_refused_held_or_about_to_expire(shop: Shop) -> None:
    expiring = {"credentials_expire_at": "2026-11-25T00:00:00+01:00"}
    await shop.account("engage", problem="The key was refused")
    await shop.pause(await shop.account("amazon"), minutes_ago(-5), is_hold=True)
    await shop.pause(await shop.account("ebay"), minutes_ago(-5))
    await shop.account("shipper", settings=expiring)
    found = {account.kind: account for account in (await facts_of(shop)).accounts}
    assert found["engage"].refused == "The key was refused"
    assert (found["amazon"].refused, found["amazon"].is_held) == ("It refused us", True)
    assert (found["ebay"].refused, found["ebay"].is_held) == (None, False)
    assert found["shipper"].expires_at == datetime(2026, 11, 24, 23, tzinfo=UTC)
    assert found["shipper"].connections == ()


async def test_tokens_that_expire_soon_are_told_to_their_shops(connection: Any, shop: Shop) -> None:
    other = await add_shop(connection, INSTALLED, "other.example")
    await add_token(connection, NOW + timedelta(days=3), [shop.id])
    await add_token(connection, NOW + timedelta(days=5), None)
    await add_token(connection, NOW + timedelta(days=8), [shop.id])
    await add_token(connection, NOW - timedelta(days=2), [shop.id])
    found = await read_shops(connection, {shop.id: AlertSettings(), other.id: AlertSettings()}, NOW)
    assert [token.expires_at for token in found[shop.id].tokens] == [NOW + timedelta(days=3)]
    assert found[other.id].tokens == ()
    platform = await read_platform(connection, NOW)
    assert [token.expires_at for token in platform.tokens] == [NOW + timedelta(days=5)]


async def test_failure_groups_of_the_last_hour_are_told_with_what_is_known_of_them(shop: Shop) -> None:
    await shop.fails("long-ago", minutes_ago(900), minutes_ago(70))
    await shop.fails("known", minutes_ago(900), minutes_ago(20), n=5)
    await shop.fails("new", minutes_ago(8), minutes_ago(2))
    await shop.is_alerted("failure-group", "known", minutes_ago(500))
    await shop.is_alerted("failure-group", "new", minutes_ago(500), state="resolved")
    await shop.is_alerted("failure-group", "", minutes_ago(30))
    facts = await facts_of(shop)
    new, known = facts.failure_groups
    assert (new.fingerprint, new.n_lately, new.is_alerted) == ("new", 1, False)
    assert (known.fingerprint, known.n_lately, known.is_alerted) == ("known", 5, True)
    assert facts.groups_alert_since == minutes_ago(30)


async def test_a_task_that_waits_for_longer_than_it_should_is_late(shop: Shop) -> None:
    paused = await shop.account("engage")
    await shop.pause(paused, minutes_ago(-5))
    oldest = await shop.task("queued", minutes_ago(40), order_number="#7")
    await shop.task("queued", minutes_ago(30), type="SyncOrder")
    await shop.task("queued", minutes_ago(14))
    await shop.task("queued", minutes_ago(90), due_at=minutes_ago(3))
    await shop.task("queued", minutes_ago(90), account_id=paused)
    await shop.task("retrying", minutes_ago(90), due_at=minutes_ago(-10))
    await shop.task("retrying", minutes_ago(90), due_at=minutes_ago(20))
    await shop.task("queued", minutes_ago(90), type="NotifyAlert")
    queued = (await facts_of(shop)).queued
    assert queued.n == 3
    assert (queued.oldest[0].task_id, queued.oldest[0].order_number) == (oldest, "#7")
    assert [task.since for task in queued.oldest] == [minutes_ago(40), minutes_ago(30), minutes_ago(20)]


async def test_after_a_pause_waiting_counts_from_its_end(shop: Shop) -> None:
    account_id = await shop.account("engage")
    await shop.task("queued", minutes_ago(90), account_id=account_id)
    await shop.pause(account_id, minutes_ago(5))
    assert (await facts_of(shop)).queued.n == 0
    assert (await facts_of(shop, AlertSettings(queued_minutes=5))).queued.n == 1


async def test_a_task_is_stuck_when_no_worker_renews_its_lease(shop: Shop) -> None:
    lost = await shop.task("processing", minutes_ago(30))
    await shop.is_run(lost, minutes_ago(20))
    forgotten = await shop.task("processing", minutes_ago(20))
    running = await shop.task("processing", minutes_ago(40))
    await shop.is_run(running, minutes_ago(-0.5))
    await shop.task("processing", minutes_ago(2))
    stuck = (await facts_of(shop)).stuck
    assert [task.task_id for task in stuck.oldest] == [lost, forgotten]


async def test_queues_and_the_spool_are_the_platforms(connection: Any) -> None:
    for name, measured_at in (("sync", minutes_ago(1)), ("dead-letters", NOW), ("wait.1500", minutes_ago(2))):
        await connection.execute("INSERT INTO alerts.queues VALUES ($1, 5, 0, NULL, $2)", name, measured_at)
    await connection.execute(
        "INSERT INTO ingest.spool (task_id, routing_key, body, spooled_at) "
        "VALUES (gen_random_uuid(), 'k', '', $1)",
        minutes_ago(9),
    )
    facts = await read_platform(connection, NOW)
    assert [(queue.queue, queue.messages, queue.consumers) for queue in facts.queues] == [("sync", 5, 0)]
    assert facts.dead_letters is not None
    assert (facts.dead_letters.queue, facts.broker_seen_at) == ("dead-letters", NOW)
    assert facts.spooled_since == minutes_ago(9)
    assert facts.as_of is None
