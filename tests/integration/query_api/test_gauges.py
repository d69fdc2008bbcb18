"""What Prometheus is told of shops, groups, lanes and the database."""

from datetime import timedelta

from prometheus_client import REGISTRY, generate_latest

from query_api.gauges.reading import Gauges
from shared.db.revisions import newest_revision
from shared.envelope import State, utc_now
from tests.integration.query_api.world import World


def shown(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


async def test_a_shops_tasks_are_told_by_state_and_by_how_they_ended(world: World) -> None:
    shop = await world.add_shop("one")
    await world.record_task(shop_id=shop, type="SyncOrder")
    await world.record_task(State.SUCCEEDED, shop_id=shop, type="SyncOrder")
    await world.record_task(State.FAILED, shop_id=shop, type="SyncContact")
    await Gauges(world.pool, most=5).read(utc_now())
    assert shown("syncledger_shop_tasks_open", shop="one.example", state="queued") == 1
    assert shown("syncledger_shop_tasks_open", shop="one.example", state="processing") == 0
    assert shown("syncledger_shop_tasks_ended_15m", shop="one.example", outcome="succeeded") == 1
    assert shown("syncledger_shop_tasks_ended_15m", shop="one.example", outcome="failed") == 1
    assert shown("syncledger_shop_alerts_firing", shop="one.example") == 0


async def test_freshness_is_remembered_by_group_and_by_shop(world: World) -> None:
    shop, now = await world.add_shop("one"), utc_now()
    began = now - timedelta(minutes=5)
    await world.record_task(State.SUCCEEDED, shop_id=shop, type="SyncOrder", begins_at=began)
    await Gauges(world.pool, most=5).read(now)
    moments = (
        shown("syncledger_group_last_success_timestamp_seconds", group="order sync"),
        shown("syncledger_shop_last_success_timestamp_seconds", shop="one.example"),
    )
    assert all(at is not None and 0 < now.timestamp() - at < 600 for at in moments)


async def test_what_has_been_silent_for_long_still_counts_as_silent_after_a_restart(world: World) -> None:
    shop, now = await world.add_shop("one"), utc_now()
    began = now - timedelta(days=3)
    await world.record_task(State.SUCCEEDED, shop_id=shop, type="SyncContact", begins_at=began)
    await Gauges(world.pool, most=5).read(now)
    at = shown("syncledger_group_last_success_timestamp_seconds", group="contact sync")
    assert at == (now - timedelta(days=2)).timestamp()


async def test_no_more_shops_have_gauges_than_are_wanted(world: World) -> None:
    for name in ("one", "two", "three"):
        await world.add_shop(name)
    await Gauges(world.pool, most=5).read(utc_now())
    await Gauges(world.pool, most=2).read(utc_now())
    assert shown("syncledger_shop_alerts_firing", shop="two.example") == 0
    assert 'shop="three.example"' not in generate_latest().decode()
    assert (shown("syncledger_shops_with_gauges"), shown("syncledger_shops_without_gauges")) == (2, 1)


async def test_a_lane_tells_how_long_its_oldest_task_waits(world: World) -> None:
    shop, now = await world.add_shop("one"), utc_now()
    await world.record_task(shop_id=shop, type="SyncOrder", begins_at=now - timedelta(minutes=3))
    await Gauges(world.pool, most=5).read(now)
    waited = shown("syncledger_lane_oldest_waiting_seconds", lane="sync")
    assert waited is not None
    assert 170 < waited < 190
    assert shown("syncledger_lane_oldest_waiting_seconds", lane="writeback") == 0


async def test_a_schema_that_is_too_old_is_told(world: World) -> None:
    await Gauges(world.pool, most=0).read(utc_now())
    assert shown("syncledger_schema_revisions_missing") == 0
    await world.pool.execute("UPDATE public.alembic_version SET version_num = '0001'")
    await Gauges(world.pool, most=0).read(utc_now())
    assert shown("syncledger_schema_revisions_missing") == int(newest_revision()) - 1


async def test_the_database_and_the_pool_are_measured(world: World) -> None:
    await Gauges(world.pool, most=0).read(utc_now())
    assert (shown("syncledger_database_size_bytes") or 0) > 1_000_000
    assert (shown("syncledger_database_connections", state="active") or 0) >= 1
    assert (shown("syncledger_database_connections_max") or 0) > 10
    assert shown("syncledger_database_pool_connections", pool="query-api", state="max") == 10
