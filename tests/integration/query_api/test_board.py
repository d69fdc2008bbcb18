"""Statistics, refused deliveries, shops, and how current they are."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from query_api.auth import Role
from query_api.repository.connections import snapshot
from query_api.repository.counters import tally
from query_api.repository.shops import visible_shops
from shared.envelope import State, utc_now
from shared.tasks import TaskType
from tests.integration.query_api.world import Api, World, ago

SUCCEEDED, FAILED, PROCESSING, RETRYING = State.SUCCEEDED, State.FAILED, State.PROCESSING, State.RETRYING
LIVES = (
    (SUCCEEDED,),
    (FAILED,),
    (RETRYING, FAILED),
    (RETRYING, SUCCEEDED),
    (State.CANCELLED,),
    (PROCESSING,),
)


async def test_the_counters_count_what_happened(world: World, shop: int, api: Api) -> None:
    hour_ago = ago(hours=1)
    for ends in (
        (SUCCEEDED,),
        (SUCCEEDED,),
        (RETRYING, FAILED),
        (),
        (PROCESSING,),
        (PROCESSING,),
        (RETRYING,),
    ):
        await world.record_task(*ends, shop_id=shop, begins_at=hour_ago, type=TaskType.SYNC_CONTACT)
    await world.record_task(FAILED, shop_id=shop, begins_at=hour_ago, type=TaskType.SYNC_ORDER)
    await world.record_task(
        FAILED, shop_id=shop, begins_at=ago(hours=24, minutes=3), type=TaskType.SYNC_ORDER
    )
    body = await api.get("/stats")
    total = body["all_tasks"]
    assert (total["succeeded_24h"], total["failed_24h"]) == (2, 2)
    assert (total["queued"], total["processing"], total["retrying"]) == (1, 2, 1)
    assert total["error_rate_24h"] == 0.5
    assert (total["total"], total["succeeded"], total["failed"]) == (9, 2, 3)
    groups = {group["name"]: group for group in body["groups"]}
    assert (groups["contact sync"]["failed_24h"], groups["order sync"]["failed_24h"]) == (1, 1)
    assert groups["order sync"]["error_rate_24h"] == 1
    types = {entry["name"]: entry for entry in body["types"]}
    assert types["SyncContact"]["succeeded_24h"] == 2
    assert types["IndexOrder"]["error_rate_24h"] is None


async def test_the_counters_of_the_past_are_what_the_log_tells(world: World, shop: int, api: Api) -> None:
    """Tasks in every part of their lives: not there yet, waiting, running, over, or of the day before."""
    then = ago(hours=5).replace(second=0, microsecond=0)
    ages = (timedelta(seconds=seconds) for seconds in (-3_600, 1, 2.02, 4.02, 60, 3_600, 30 * 3_600))
    for age in ages:
        for ends in LIVES:
            await world.record_task(*ends, shop_id=shop, begins_at=then - age, type=TaskType.SYNC_CONTACT)
    for moment in (then, then + timedelta(seconds=20)):
        body = await api.get("/stats", as_of=moment.isoformat())
        for name, states in (
            ("queued", ["queued", "retrying"]),
            ("processing", ["processing"]),
            ("succeeded", ["succeeded"]),
            ("failed", ["failed"]),
            ("cancelled", ["cancelled"]),
        ):
            told = await api.get("/tasks/count", as_of=then.isoformat(), state=states)
            assert (told["is_exact"], body["all_tasks"][name]) == (True, told["count"]), name
        assert (body["all_tasks"]["total"], body["all_tasks"]["retrying"]) == (36, None)
        assert (body["all_tasks"]["succeeded_24h"], body["all_tasks"]["failed_24h"]) == (5, 5)
        midnight = then.replace(hour=0, minute=0).isoformat()
        told = await api.get("/tasks/count", as_of=then.isoformat(), created_from=midnight)
        assert body["all_tasks"]["today"] == told["count"]
    long_ago = (await api.get("/stats", as_of="1970-01-01T00:00:00Z"))["all_tasks"]
    assert {value for value in long_ago.values() if value} == set()
    assert (await api.problem("/stats", as_of=ago(hours=-1).isoformat()))["errors"][0]["field"] == "as_of"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati"])
async def test_today_begins_at_local_midnight(world: World, zone: str) -> None:
    shop = await world.add_shop(timezone=zone)
    now = datetime.now(UTC)
    midnight = (
        now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    )
    await world.record_task(shop_id=shop, begins_at=midnight - timedelta(seconds=1))
    for seconds in (0, 59, 3_599):
        await world.record_task(shop_id=shop, begins_at=min(midnight + timedelta(seconds=seconds), now))
    async with world.reader() as api:
        assert (await api.get("/stats"))["timezone"] == zone
        assert (await api.get("/stats"))["all_tasks"]["today"] == 3
        assert (await api.get("/stats", timezone=zone))["all_tasks"]["today"] == 3


async def test_each_shop_has_its_own_day(world: World) -> None:
    now = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    east, west = (
        await world.add_shop("east", timezone="Asia/Tokyo"),
        await world.add_shop("west", timezone="America/New_York"),
    )
    for shop in (east, west):
        for hours in (1, 9, 20):
            await world.record_task(shop_id=shop, begins_at=now - timedelta(hours=hours))
    async with snapshot(world.pool) as connection:
        shops = await visible_shops(connection, None)
        counted = await tally(connection, shops, now=now)
        assert counted.figures().today == 1 + 2
        assert (await tally(connection, shops, now=now, zone=ZoneInfo("UTC"))).figures().today == 6


async def test_statistics_are_of_the_shops_asked_for(world: World) -> None:
    mine, theirs = await world.add_shop("mine"), await world.add_shop("theirs")
    for shop in (mine, mine, theirs):
        await world.record_task(FAILED, shop_id=shop)
    async with world.reader() as api:
        assert (await api.get("/stats"))["all_tasks"]["failed_24h"] == 3
        theirs_alone = await api.get("/stats", shop="theirs.example")
        assert (theirs_alone["all_tasks"]["failed_24h"], theirs_alone["failed_badge"]) == (1, 3)
    async with world.reader(Role.VIEWER, shop_ids=[mine]) as api:
        assert (await api.get("/stats"))["all_tasks"]["failed_24h"] == 2
        assert (await api.get("/stats"))["failed_badge"] == 2
        assert (await api.problem("/stats", shop="theirs.example"))["errors"][0]["field"] == "shop"
        assert (await api.problem("/stats", timezone="Mars/Base"))["errors"][0]["field"] == "timezone"


async def test_tasks_for_shops_nobody_knows_count_where_all_do(world: World, shop: int, api: Api) -> None:
    await world.record_task(FAILED, shop_id=0)
    await world.record_task(FAILED, shop_id=shop)
    domain = (await api.get("/shops"))["shops"][0]["domain"]
    assert (await api.get("/stats"))["all_tasks"]["failed_24h"] == 2
    assert (await api.get("/stats", shop=domain))["all_tasks"]["failed_24h"] == 1
    async with world.reader(shop_ids=[shop]) as scoped:
        assert (await scoped.get("/stats"))["all_tasks"]["failed_24h"] == 1


async def test_statistics_never_read_tasks(world: World, shop: int, api: Api) -> None:
    await world.record_task(SUCCEEDED, shop_id=shop)
    await world.pool.execute("TRUNCATE ledger.tasks, ledger.task_events")
    assert (await api.get("/stats"))["all_tasks"]["succeeded_24h"] == 1


async def test_missed_webhooks_are_listed_by_shop_day_and_kind(world: World, shop: int, api: Api) -> None:
    other = await world.add_shop("two")
    for shop_id, kind, ago_days, n in (
        (shop, "orders", 1, 3),
        (other, "orders", 0, 1),
        (shop, "customers", 0, 2),
        (shop, "orders", 40, 9),
    ):
        await world.pool.execute(
            "INSERT INTO store.missed_webhooks (shop_id, kind, day, n) "
            "VALUES ($1, $2, (now() AT TIME ZONE 'UTC')::date - $3::integer, $4)",
            *(shop_id, kind, ago_days, n),
        )
    found = (await api.get("/missed-webhooks"))["missed_webhooks"]
    assert [(entry["shop"], entry["kind"], entry["count"]) for entry in found] == [
        ("one.example", "customers", 2),
        ("two.example", "orders", 1),
        ("one.example", "orders", 3),
    ]
    assert len((await api.get("/missed-webhooks", days=60))["missed_webhooks"]) == 4
    assert len((await api.get("/missed-webhooks", shop="two.example"))["missed_webhooks"]) == 1
    async with world.reader(Role.VIEWER, shop_ids=[other]) as scoped:
        seen = (await scoped.get("/missed-webhooks"))["missed_webhooks"]
    assert [entry["shop"] for entry in seen] == ["two.example"]


async def test_shops_are_listed_without_secrets(world: World, shop: int, api: Api) -> None:
    await world.add_shop("two", timezone="Europe/Stockholm")
    shops = (await api.get("/shops"))["shops"]
    assert [shop["domain"] for shop in shops] == ["one.example", "two.example"]
    assert set(shops[0]) == {"id", "domain", "name", "timezone", "is_active"}
    async with world.reader(Role.VIEWER, shop_ids=[shop]) as scoped:
        assert [entry["id"] for entry in (await scoped.get("/shops"))["shops"]] == [str(shop)]


async def test_every_answer_says_how_current_it_is(world: World, shop: int, api: Api) -> None:
    task = await world.record_task(SUCCEEDED, shop_id=shop)
    paths = ("/tasks", f"/tasks/{task.id}", f"/tasks/{task.id}/events", f"/tasks/{task.id}/payloads")
    for path in (*paths, "/stats", "/rejections", "/missed-webhooks", "/shops"):
        assert (await api.get(path))["as_of"] is None
    now = utc_now()
    await world.say_recorded_until(now)
    for path in (*paths, "/stats", "/rejections", "/missed-webhooks", "/shops"):
        answer = await api.client.get(f"/api/v1{path}")
        assert answer.json()["as_of"] == answer.headers["as-of"] == now.isoformat().replace("+00:00", "Z")


async def test_of_several_recorders_the_earliest_that_lives_counts(world: World, api: Api) -> None:
    late, early, dead = ago(seconds=1), ago(seconds=4), ago(seconds=90)
    for name, as_of, seen_at in (("late", late, late), ("early", early, late), ("dead", dead, dead)):
        await world.pool.execute(
            "INSERT INTO ledger.recorders (instance, as_of, backlog, seen_at) VALUES ($1, $2, 0, $3)",
            name,
            as_of,
            seen_at,
        )
    assert (await api.get("/shops"))["as_of"] == early.isoformat().replace("+00:00", "Z")
