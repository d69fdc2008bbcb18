"""Statistics step by step and in comparison, out of counters."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from query_api.auth import Role
from query_api.spreads import EDGES_MS
from shared.envelope import State, utc_now
from shared.tasks import Group, TaskType
from tests.factories import header
from tests.integration.query_api.shipping import add_account
from tests.integration.query_api.world import Api, World, ago, task_id_at
from tests.integration.recorder.histories import life

SUCCEEDED, FAILED, PROCESSING, RETRYING = State.SUCCEEDED, State.FAILED, State.PROCESSING, State.RETRYING
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
# A whole hour that is over, with minutes to spare before and after it.
THEN = utc_now().replace(minute=0, second=0, microsecond=0) - 3 * HOUR
SOME_TIME = {"from": (THEN - HOUR).isoformat(), "to": (THEN + 2 * HOUR).isoformat()}


async def took(world: World, shop: int, end: State, duration_ms: float, **facts: Any) -> None:
    """One task of a quarter past, whose only attempt took so long."""
    moment = THEN + 15 * MINUTE
    task = header(id=task_id_at(moment), queued_at=moment, shop_id=shop, **facts)
    await world.record(life(task, [end], begins_at=moment, duration_ms=duration_ms, items_processed=2))


async def points(api: Api, **parameters: Any) -> list[dict[str, Any]]:
    (series,) = (await api.get("/stats/series", **SOME_TIME | parameters))["series"]
    found: list[dict[str, Any]] = series["points"]
    return found


async def test_each_hour_tells_what_went_through_and_how_fast(world: World, shop: int, api: Api) -> None:
    for duration_ms in [90.0] * 18 + [3_000.0] * 2:
        await took(world, shop, SUCCEEDED, duration_ms)
    for _ in range(5):
        await took(world, shop, FAILED, 90.0)
    before, then, after = await points(api, step="hour")
    assert (then["queued"], then["started"], then["succeeded"], then["failed"]) == (25, 25, 20, 5)
    assert (then["success_rate"], then["throughput"]) == (0.8, pytest.approx(25 / 60))
    assert 63 <= then["duration_p50_ms"] <= 100
    assert 2_500 <= then["duration_p95_ms"] <= 4_000
    assert 1_600 <= then["wait_p50_ms"] <= 2_500
    assert then["items_processed"] == 50
    for empty in (before, after):
        assert (empty["queued"], empty["success_rate"], empty["duration_p50_ms"]) == (0, None, None)
        assert (empty["throughput"], empty["is_complete"]) == (0, True)


async def test_there_is_a_point_for_every_minute_and_all_of_them_make_the_total(
    world: World, shop: int, api: Api
) -> None:
    for _ in range(3):
        await took(world, shop, SUCCEEDED, 50)
    minutes = await points(api, step="minute")
    assert [datetime.fromisoformat(one["start"]) for one in minutes] == [
        THEN - HOUR + number * MINUTE for number in range(180)
    ]
    assert {number for number, one in enumerate(minutes) if one["succeeded"]} == {75}
    answer = await api.get("/stats/series", step="minute", **SOME_TIME)
    total = answer["series"][0]["total"]
    assert (total["succeeded"], total["throughput"]) == (3, pytest.approx(3 / 180))
    assert (answer["left_out"], answer["step"]) == (0, "minute")


async def test_a_series_of_the_past_ends_with_its_moment(world: World, shop: int, api: Api) -> None:
    """To the minute, although all else is told by the hour."""
    await took(world, shop, SUCCEEDED, 50)
    for minutes, succeeded in ((15, 0), (16, 1)):
        until = THEN + minutes * MINUTE
        answer = await api.get("/stats/series", step="hour", as_of=(until + MINUTE / 2).isoformat())
        last = answer["series"][0]["points"][-1]
        assert datetime.fromisoformat(answer["end"]) == until
        assert (last["succeeded"], len(answer["series"][0]["points"])) == (succeeded, 25)
    refused = await api.problem("/stats/series", **SOME_TIME, as_of=(THEN - HOUR).isoformat())
    assert refused["errors"][0]["field"] == "from"


async def test_every_class_of_duration_is_told(world: World, shop: int, api: Api) -> None:
    edges = dict(zip(TaskType, EDGES_MS, strict=False))
    for task_type, edge_ms in edges.items():
        await took(world, shop, SUCCEEDED, edge_ms, type=task_type)
    found = {one["of"]["name"]: one for one in (await api.get("/stats/types", **SOME_TIME))["compared"]}
    told = {task_type: found[task_type]["duration_p50_ms"] for task_type in edges}
    assert len(told) == len(EDGES_MS)
    assert {name: p50 for name, p50 in told.items() if not edges[name] <= p50 <= edges[name] * 3} == {}


async def test_the_running_hour_is_told_by_what_is_known_of_it(world: World, shop: int, api: Api) -> None:
    known = THEN + 30 * MINUTE
    await world.say_recorded_until(known)
    await took(world, shop, SUCCEEDED, 50)
    answer = await api.get("/stats/series", step="hour")
    last = answer["series"][0]["points"][-1]
    assert (last["is_complete"], last["throughput"]) == (False, pytest.approx(1 / 30))
    assert datetime.fromisoformat(answer["as_of"]) == known
    assert len(answer["series"][0]["points"]) == 25


async def test_days_are_the_shops_own(world: World) -> None:
    shops = {
        zone: await world.add_shop(name, timezone=zone)
        for name, zone in (("east", "Asia/Kathmandu"), ("west", "America/St_Johns"))
    }
    midnight = datetime(2026, 11, 18, tzinfo=UTC)
    for shop in shops.values():
        for minutes in (-346, -344, 209, 211):
            await world.record_task(shop_id=shop, begins_at=midnight + minutes * MINUTE)
    asked = {"step": "day", "from": "2026-11-17T12:00:00Z", "to": "2026-11-18T12:00:00Z"}
    async with world.reader() as api:
        east = await api.get("/stats/series", shop="east.example", **asked)
        west = await api.get("/stats/series", shop="west.example", **asked)
        both = await api.get("/stats/series", **asked)
        in_utc = await api.get("/stats/series", timezone="UTC", **asked)
    assert east["timezone"] == "Asia/Kathmandu"
    assert _by_day(east) == {"2026-11-17": 1, "2026-11-18": 3}
    assert _by_day(west) == {"2026-11-17": 3, "2026-11-18": 1}
    assert (both["timezone"], _by_day(both)) == ("shop", {"2026-11-17": 4, "2026-11-18": 4})
    assert _by_day(in_utc) == {"2026-11-17": 4, "2026-11-18": 4}


def _by_day(answer: dict[str, Any]) -> dict[str, int]:
    (series,) = answer["series"]
    return {point["day"]: point["queued"] for point in series["points"]}


async def test_series_are_told_by_type_group_account_and_shop(world: World, shop: int, api: Api) -> None:
    other = await world.add_shop("two")
    account = await add_account(world.pool, shop)
    await took(world, shop, SUCCEEDED, 50, type=TaskType.SYNC_ORDER, account_id=account)
    await took(world, shop, SUCCEEDED, 50, type=TaskType.INDEX_ORDER)
    await took(world, other, FAILED, 50, type=TaskType.SYNC_CONTACT)
    told = {}
    for by in ("type", "group", "account", "shop"):
        found = (await api.get("/stats/series", by=by, **SOME_TIME))["series"]
        told[by] = {one["of"]["name"]: one["total"]["queued"] for one in found}
        assert {len(one["points"]) for one in found} == {180}
    assert told["type"] == {"SyncOrder": 1, "IndexOrder": 1, "SyncContact": 1}
    assert told["group"] == dict.fromkeys(Group, 0) | {"order sync": 2, "contact sync": 1}
    assert sorted(told["account"].values()) == [1, 2]
    assert told["account"]["no account"] == 2
    assert told["shop"] == {"one.example": 2, "two.example": 1}
    only = await api.get("/stats/series", by="type", type="RefundWebhook", **SOME_TIME)
    assert [(one["of"]["type"], one["total"]["queued"]) for one in only["series"]] == [("RefundWebhook", 0)]
    assert (await points(api, account=account, step="hour"))[1]["queued"] == 1
    assert (await points(api, group="order sync", shop="one.example", step="hour"))[1]["queued"] == 2


async def test_of_too_many_series_the_busiest_are_told(
    world: World, shop: int, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("query_api.routes.series.MOST_POINTS", 180)
    await took(world, shop, SUCCEEDED, 50, type=TaskType.SYNC_ORDER)
    await took(world, shop, SUCCEEDED, 50, type=TaskType.SYNC_CONTACT)
    await took(world, shop, SUCCEEDED, 50, type=TaskType.SYNC_CONTACT)
    answer = await api.get("/stats/series", by="type", **SOME_TIME)
    assert [one["of"]["name"] for one in answer["series"]] == ["SyncContact"]
    assert answer["left_out"] == 1


async def test_accounts_suppliers_and_types_are_compared(world: World, shop: int, api: Api) -> None:
    crm = await add_account(world.pool, shop, "engage", "CRM")
    supplier = await add_account(world.pool, shop, "supplier", "Nordic")
    await took(world, shop, SUCCEEDED, 50, type=TaskType.PUBLISH_ORDER, account_id=supplier)
    await took(world, shop, FAILED, 50, type=TaskType.PUBLISH_ORDER, account_id=supplier)
    await world.record_task(
        PROCESSING, shop_id=shop, type=TaskType.UPDATE_ORDERS, account_id=supplier, begins_at=ago(days=3)
    )
    (one,) = (await api.get("/stats/suppliers", **SOME_TIME))["compared"]
    assert (one["of"]["name"], one["of"]["shop"]) == ("Nordic", "one.example")
    assert (one["success_rate"], one["processing_now"], one["queued_now"]) == (0.5, 1, 0)
    assert one["throughput"] == pytest.approx(2 / 180)
    accounts = (await api.get("/stats/accounts", **SOME_TIME))["compared"]
    assert [(each["of"]["account_id"], each["queued"]) for each in accounts] == [
        (str(crm), 0),
        (str(supplier), 2),
    ]
    engaged = await api.get("/stats/accounts", kind="engage", **SOME_TIME)
    assert [each["of"]["name"] for each in engaged["compared"]] == ["CRM"]
    types = {each["of"]["name"]: each for each in (await api.get("/stats/types"))["compared"]}
    assert set(types) == set(TaskType)
    assert (types["PublishOrder"]["failed"], types["UpdateOrders"]["processing_now"]) == (1, 1)


async def test_a_day_up_to_now_is_compared_to_the_minute(world: World, shop: int, api: Api) -> None:
    now = utc_now()
    for minutes in (24 * 60 + 2, 24 * 60 - 2, 1):
        await world.record_task(shop_id=shop, begins_at=now - minutes * MINUTE)
    types = {one["of"]["name"]: one for one in (await api.get("/stats/types"))["compared"]}
    assert types["SyncContact"]["queued"] == 2


async def test_other_shops_are_in_no_figure(world: World, shop: int) -> None:
    other = await world.add_shop("two")
    account = await add_account(world.pool, other, "supplier", "Theirs")
    await took(world, other, FAILED, 50, account_id=account)
    async with world.reader(Role.VIEWER, shop_ids=[shop]) as api:
        for by, names in (("type", []), ("account", []), ("shop", ["one.example"])):
            found = (await api.get("/stats/series", by=by, **SOME_TIME))["series"]
            assert [one["of"]["name"] for one in found] == names
            assert sum(one["total"]["queued"] for one in found) == 0
        assert (await api.get("/stats/suppliers", **SOME_TIME))["compared"] == []
        for parameters in ({"shop": "two.example"}, {"account": account}):
            for path in ("/stats/series", "/stats/accounts"):
                assert (await api.problem(path, **parameters))["status"] == 400


async def test_series_never_read_tasks(world: World, shop: int, api: Api) -> None:
    await took(world, shop, SUCCEEDED, 50)
    await world.pool.execute("TRUNCATE ledger.tasks, ledger.task_events")
    assert (await points(api, step="hour"))[1]["succeeded"] == 1


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"step": "minute", "from": "2026-11-01T00:00:00Z", "to": "2026-11-03T00:00:00Z"}, "from"),
        ({"step": "minute", "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T01:00:00Z"}, "step"),
        ({"from": "2999-01-01T00:00:00Z"}, "from"),
        ({"to": "0001-01-01T00:00:00Z"}, "to"),
        ({"step": "week"}, "step"),
        ({"by": "colour"}, "by"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"type": "Nonsense"}, "type"),
        ({"type": "SyncOrder", "group": "refund sync"}, "type"),
    ],
    ids=str,
)
async def test_what_can_not_be_told_names_the_parameter(
    api: Api, parameters: dict[str, str], field: str
) -> None:
    problem = await api.problem("/stats/series", **parameters)
    assert (problem["status"], problem["errors"][0]["field"]) == (400, field)
