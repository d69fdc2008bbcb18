"""People see what is not as it should be, say that they care, and choose silence for a while."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from query_api.auth import Role
from shared.envelope import State, utc_now
from shared.tasks import TaskType
from tests.integration.query_api.alerting import FACTS, add_alert, add_notification
from tests.integration.query_api.world import Api, World, ago

PATH = "/api/v1/alerts"


async def ids(api: Api, **parameters: Any) -> list[str]:
    return [one["id"] for one in (await api.get("/alerts", **parameters))["alerts"]]


async def act(api: Api, alert_id: str, action: str, **body: Any) -> httpx.Response:
    return await api.client.post(f"{PATH}/{alert_id}/{action}", json=body)


async def done(api: Api, alert_id: str, action: str, **body: Any) -> dict[str, Any]:
    answer = await act(api, alert_id, action, **body)
    assert answer.status_code == 200, answer.text
    alert: dict[str, Any] = answer.json()["alert"]
    return alert


async def test_alerts_come_newest_first_with_the_counts_of_open_ones(
    world: World, shop: int, api: Api
) -> None:
    old = await add_alert(
        world, shop, noticed_at=ago(hours=3), state="resolved", resolved_at=utc_now(), severity="warning"
    )
    new = await add_alert(world, shop, acknowledged_at=utc_now(), acknowledged_by="kim")
    pending = await add_alert(world, None, noticed_at=ago(hours=1), state="pending", rule="log-lag")
    found = await api.get("/alerts")
    assert [one["id"] for one in found["alerts"]] == [new, pending, old]
    assert [one["shop"] for one in found["alerts"]] == ["one.example", None, "one.example"]
    assert found["counts"] == {"firing": 1, "critical": 1, "warning": 0, "unacknowledged": 0, "pending": 1}
    assert (found["next"], found["previous"], found["evaluated_at"]) == (None, None, None)


async def test_an_answer_says_when_the_rules_were_last_evaluated(world: World, shop: int, api: Api) -> None:
    await world.pool.execute("INSERT INTO alerts.heartbeat VALUES (true, 'a1', '2026-11-21T08:00:00Z', 5)")
    assert (await api.get("/alerts"))["evaluated_at"] == "2026-11-21T08:00:00Z"


async def test_filters_combine(world: World, shop: int, api: Api) -> None:
    two = await world.add_shop("two")
    lag = await add_alert(world, None, rule="log-lag", severity="warning")
    rate = await add_alert(world, shop, noticed_at=ago(minutes=5))
    other = await add_alert(world, two, noticed_at=ago(minutes=10))
    over = await add_alert(world, shop, noticed_at=ago(days=2), state="resolved", resolved_at=utc_now())
    assert await ids(api) == [lag, rate, other, over]
    assert await ids(api, state="firing") == [lag, rate, other]
    assert await ids(api, state=["resolved", "pending"]) == [over]
    assert await ids(api, rule="log-lag") == [lag]
    assert await ids(api, rule=["log-lag", "error-rate"], severity="critical", state="firing") == [
        rate,
        other,
    ]
    assert await ids(api, shop="one.example") == [rate, over]
    assert await ids(api, shop=["one.example", "two.example"], state="firing") == [rate, other]
    assert await ids(api, since=ago(days=1).isoformat(), shop="one.example") == [rate]
    assert (await api.get("/alerts", shop="two.example"))["counts"]["firing"] == 1


@pytest.mark.parametrize("shops", [[], ["one.example"]])
async def test_cursors_walk_both_ways_without_gap_or_double(
    world: World, shop: int, api: Api, shops: list[str]
) -> None:
    made = [await add_alert(world, shop, noticed_at=ago(minutes=n)) for n in range(7)]
    first = await api.get("/alerts", limit=3, shop=shops)
    await add_alert(world, shop)
    second = await api.get("/alerts", limit=3, shop=shops, cursor=first["next"])
    third = await api.get("/alerts", limit=3, shop=shops, cursor=second["next"])
    walked = [one["id"] for page in (first, second, third) for one in page["alerts"]]
    assert (walked, third["next"]) == (made, None)
    back = await api.get("/alerts", limit=3, shop=shops, cursor=third["previous"])
    assert back["alerts"] == second["alerts"]
    back = await api.get("/alerts", limit=10, shop=shops, cursor=back["previous"])
    assert [one["id"] for one in back["alerts"]][1:] == made[:3]


async def test_a_cursor_of_another_query_is_refused(world: World, shop: int, api: Api) -> None:
    for _ in range(2):
        await add_alert(world, shop)
    cursor = (await api.get("/alerts", limit=1, state=["firing", "pending"]))["next"]
    assert len(await ids(api, cursor=cursor, state=["pending", "firing"])) == 1
    for other in ({}, {"state": "firing"}, {"severity": "critical"}, {"shop": "one.example"}):
        assert "another query" in (await api.problem("/alerts", cursor=cursor, **other))["detail"]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"state": "burning"}, "state"),
        ({"rule": "nonsense"}, "rule"),
        ({"severity": "mild"}, "severity"),
        ({"shop": "nowhere.example"}, "shop"),
        ({"since": "yesterday"}, "since"),
        ({"cursor": "%%%"}, "cursor"),
        ({"limit": 501}, "limit"),
        ({"colour": "red"}, "colour"),
    ],
    ids=str,
)
async def test_a_wrong_parameter_is_named(
    shop: int, api: Api, parameters: dict[str, Any], field: str
) -> None:
    problem = await api.problem("/alerts", **parameters)
    assert (problem["status"], problem["errors"][0]["field"]) == (400, field)


async def test_times_at_the_ends_of_the_calendar_find_all_or_nothing(
    world: World, shop: int, api: Api
) -> None:
    alert_id = await add_alert(world, shop)
    assert await ids(api, since="0001-01-01T00:00:00Z") == [alert_id]
    assert await ids(api, since="9999-12-31T23:59:59Z") == []


async def test_an_alert_tells_its_figures_what_to_do_and_what_became_of_it(
    world: World, shop: int, api: Api
) -> None:
    alert_id = await add_alert(world, shop, noticed_at=ago(minutes=10))
    for event in ("pending", "firing"):
        await world.pool.execute(
            "INSERT INTO alerts.history (alert_id, event, at, actor) VALUES ($1, $2, now(), 'alerting')",
            UUID(alert_id),
            event,
        )
    sent = await add_notification(world, shop, alert_id, "firing")
    waiting = await add_notification(
        world, shop, alert_id, "reminder", kind="reminder", sent_at=None, recipient="kim@one.example"
    )
    await add_notification(world, shop, str(uuid4()), "firing")
    await world.record_task(State.SUCCEEDED, shop_id=shop, type=TaskType.NOTIFY_ALERT)
    alert = (await api.get(f"/alerts/{alert_id}"))["alert"]
    assert {name: alert[name] for name in FACTS} == FACTS
    assert [(one["event"], one["by"]) for one in alert["history"]] == [
        ("pending", "alerting"),
        ("firing", "alerting"),
    ]
    told = {one["task_id"]: one for one in alert["notifications"]}
    assert set(told) == {str(sent), str(waiting)}
    assert (told[str(sent)]["told"], told[str(sent)]["recipient"]) == (["firing"], "owner@one.example")
    assert (told[str(waiting)]["sent_at"], told[str(waiting)]["task_state"]) == (None, None)


async def test_a_notification_shows_how_its_task_stands(world: World, shop: int, api: Api) -> None:
    platform = await add_alert(world, None, rule="log-lag", noticed_at=ago(minutes=10))
    task = await world.record_task(State.SUCCEEDED, shop_id=shop, type=TaskType.NOTIFY_ALERT)
    await add_notification(world, None, platform, "firing", id=task.id)
    (told,) = (await api.get(f"/alerts/{platform}"))["alert"]["notifications"]
    assert (told["task_id"], told["task_state"], told["attempt"]) == (str(task.id), "succeeded", 1)


async def test_the_first_who_acknowledges_stays(world: World, shop: int, api: Api) -> None:
    alert_id = await add_alert(world, shop)
    alert = await done(api, alert_id, "acknowledge", note="The CRM is being repaired")
    assert (alert["acknowledged"]["by"], alert["acknowledged"]["note"]) == (
        "test",
        "The CRM is being repaired",
    )
    (event,) = alert["history"]
    assert (event["event"], event["by"]) == ("acknowledged", "test")
    assert event["detail"] == {"note": "The CRM is being repaired"}
    again = await api.client.post(f"{PATH}/{alert_id}/acknowledge")
    assert again.json()["alert"] == alert
    (deed,) = await world.pool.fetch("SELECT * FROM admin.audit_log")
    assert (deed["action"], deed["subject"], deed["shop_id"]) == ("alert.acknowledge", alert_id, shop)
    assert "CRM" not in str(deed["detail"])


async def test_an_alert_that_is_over_can_not_be_acknowledged(world: World, shop: int, api: Api) -> None:
    alert_id = await add_alert(world, shop, state="resolved", resolved_at=utc_now())
    answer = await act(api, alert_id, "acknowledge")
    assert (answer.status_code, "over" in answer.json()["detail"]) == (409, True)


async def test_a_mute_holds_for_all_alerts_of_its_kind(world: World, shop: int, api: Api) -> None:
    over = await add_alert(
        world, shop, noticed_at=ago(days=1), subject="order", state="resolved", resolved_at=utc_now()
    )
    firing = await add_alert(world, shop, subject="order")
    other = await add_alert(world, shop, subject="refund")
    muted = await done(api, firing, "mute", minutes=120, note="Maintenance")
    left = timedelta(seconds=7_200)
    assert abs(_moment(muted["mute"]["until"]) - utc_now() - left) < timedelta(minutes=5)
    assert (muted["mute"]["by"], muted["mute"]["note"]) == ("test", "Maintenance")
    assert muted["history"][-1]["detail"] == {"until": muted["mute"]["until"], "note": "Maintenance"}
    mutes = {one["id"]: one["mute"] for one in (await api.get("/alerts"))["alerts"]}
    assert mutes == {over: muted["mute"], firing: muted["mute"], other: None}


async def test_a_mute_is_moved_and_taken_back(world: World, shop: int, api: Api) -> None:
    alert_id = await add_alert(world, None, rule="log-lag", subject="")
    until = utc_now() + timedelta(days=1)
    await done(api, alert_id, "mute", minutes=5)
    moved = await done(api, alert_id, "mute", until=until.isoformat())
    assert _moment(moved["mute"]["until"]) == until
    assert (await done(api, alert_id, "unmute"))["mute"] is None
    events = [one["event"] for one in (await done(api, alert_id, "unmute"))["history"]]
    assert events == ["muted", "muted", "unmuted"]
    deeds = await world.pool.fetch("SELECT * FROM admin.audit_log ORDER BY id")
    assert [deed["action"] for deed in deeds] == ["alert.mute", "alert.mute", "alert.unmute"]
    assert {(deed["actor"], deed["subject"], deed["shop_id"]) for deed in deeds} == {("test", alert_id, None)}
    assert {deed["detail"]["rule"] for deed in deeds} == {"log-lag"}


async def test_a_mute_that_has_passed_is_none(world: World, shop: int, api: Api) -> None:
    alert_id = await add_alert(world, shop)
    await done(api, alert_id, "mute", minutes=5)
    await world.pool.execute("UPDATE alerts.mutes SET until = now()")
    assert (await api.get(f"/alerts/{alert_id}"))["alert"]["mute"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"minutes": 5, "until": "2999-01-01T00:00:00Z"}, "body"),
        ({"minutes": 0}, "minutes"),
        ({"until": "2020-01-01T00:00:00Z"}, "until"),
        ({"until": "2999-01-01T00:00:00Z"}, "until"),
        ({"until": "tomorrow"}, "until"),
        ({"minutes": 5, "note": "x" * 1_001}, "note"),
        ({"minutes": 5, "note": "a\x00b"}, "note"),
    ],
    ids=str,
)
async def test_a_mute_that_makes_no_sense_is_refused(
    world: World, shop: int, api: Api, body: dict[str, Any], field: str
) -> None:
    alert_id = await add_alert(world, shop)
    answer = await act(api, alert_id, "mute", **body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize("action", ["acknowledge", "mute", "unmute"])
async def test_viewers_look_and_operators_act(world: World, shop: int, action: str) -> None:
    alert_id = await add_alert(world, shop, noticed_at=ago(minutes=1))
    await add_notification(world, shop, alert_id, "firing")
    body = {"minutes": 5} if action == "mute" else {}
    async with world.reader(Role.VIEWER) as viewer, world.reader(Role.OPERATOR) as operator:
        assert (await act(viewer, alert_id, action, **body)).status_code == 403
        (seen,) = (await viewer.get(f"/alerts/{alert_id}"))["alert"]["notifications"]
        assert (seen["channel"], seen["recipient"]) == ("mail", None)
        assert "owner@one.example" in str(await done(operator, alert_id, action, **body))


async def test_other_shops_alerts_and_the_platforms_are_not_there(world: World, shop: int) -> None:
    foreign = await add_alert(world, shop)
    platform = await add_alert(world, None, rule="log-lag")
    mine = await world.add_shop("two")
    own = await add_alert(world, mine)
    async with world.reader(shop_ids=[mine]) as stranger:
        found = await stranger.get("/alerts")
        assert [one["id"] for one in found["alerts"]] == [own]
        assert found["counts"]["firing"] == 1
        unknown = await stranger.problem(f"/alerts/{uuid4()}")
        for alert_id in (foreign, platform):
            assert await stranger.problem(f"/alerts/{alert_id}") == unknown
            for action, body in (("acknowledge", {}), ("mute", {"minutes": 5}), ("unmute", {})):
                assert (await act(stranger, alert_id, action, **body)).status_code == 404
    assert await world.pool.fetchval("SELECT count(*) FROM alerts.mutes") == 0


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
