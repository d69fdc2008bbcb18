"""People see what would fire and why, what the shop said, and which silence would be unusual."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from query_api.auth import Role
from shared.envelope import State, utc_now
from shared.identity import new_task_id
from tests.integration.query_api.alerting import add_alert
from tests.integration.query_api.world import Api, World, ago

WOULD_FIRE = "/api/v1/alerts/would-fire"


@pytest.fixture
async def failing(world: World, shop: int) -> int:
    """A shop of whose tasks 3 of 4 failed lately."""
    for state in (State.FAILED, State.FAILED, State.FAILED, State.SUCCEEDED):
        await world.record_task(state, shop_id=shop, begins_at=ago(minutes=10))
    await world.say_recorded_until(utc_now())
    return shop


def of_rule(answer: dict[str, Any], rule: str, subject: str = "") -> dict[str, Any]:
    (found,) = (one for one in answer["verdicts"] if (one["rule"], one["subject"]) == (rule, subject))
    return dict(found)


async def tried(api: Api, settings: dict[str, Any], shop: str = "one.example") -> dict[str, Any]:
    answer = await api.client.post(WOULD_FIRE, params={"shop": shop}, json={"settings": settings})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_each_verdict_shows_the_numbers_behind_it(world: World, failing: int, api: Api) -> None:
    found = await api.get("/alerts/would-fire", shop="one.example")
    rate = of_rule(found, "error-rate")
    assert (rate["is_met"], rate["outlook"]) == (False, "well")
    assert (rate["numbers"]["ended"], rate["numbers"]["failed"]) == (4, 3)
    assert rate["numbers"]["min_tasks"] == found["settings"]["error_rate_min_tasks"] == 20
    assert found["settings"]["window_opens"] == "00:00"


async def test_other_settings_are_tried_without_a_trace(world: World, failing: int, api: Api) -> None:
    found = await tried(api, {"error_rate_min_tasks": 4, "error_rate_percent": 75})
    rate = of_rule(found, "error-rate")
    assert (rate["is_met"], rate["outlook"], rate["severity"]) == (True, "firing", "critical")
    assert found["firing"] == sum(one["outlook"] == "firing" for one in found["verdicts"]) > 0
    assert rate["remedy"]
    stricter = await tried(api, {"error_rate_min_tasks": 4, "error_rate_percent": 75.1})
    assert not of_rule(stricter, "error-rate")["is_met"]
    for table in ("alerts", "settings", "notifications", "history"):
        assert await world.pool.fetchval(f"SELECT count(*) FROM alerts.{table}") == 0


async def test_a_verdict_names_its_open_alert_and_its_mute(world: World, failing: int, api: Api) -> None:
    alert_id = await add_alert(world, failing, subject="")
    await api.client.post(f"/api/v1/alerts/{alert_id}/mute", json={"minutes": 60})
    rate = of_rule(await api.get("/alerts/would-fire", shop="one.example"), "error-rate")
    assert (rate["alert_id"], rate["outlook"]) == (alert_id, "clearing")
    assert rate["muted_until"] is not None


async def test_a_shop_that_is_not_in_use_is_not_evaluated(world: World, failing: int, api: Api) -> None:
    await world.pool.execute("UPDATE store.shops SET is_active = false")
    found = await tried(api, {})
    assert (found["verdicts"], found["settings"]) == ([], None)


async def test_the_platform_is_evaluated_for_those_who_see_all(world: World, failing: int, api: Api) -> None:
    await world.pool.execute(
        "INSERT INTO alerts.queues VALUES ('sync', 3, 0, now(), now()), ('writeback', 0, 2, NULL, now())"
    )
    found = await api.get("/alerts/would-fire")
    assert (found["shop"], found["settings"]) == (None, None)
    assert of_rule(found, "lane-without-consumers", "sync")["outlook"] == "pending"
    assert of_rule(found, "lane-without-consumers", "writeback")["outlook"] == "well"
    async with world.reader(shop_ids=[failing]) as one:
        assert (await one.problem("/alerts/would-fire"))["errors"][0]["field"] == "shop"


@pytest.mark.parametrize(
    ("wanted", "field", "word"),
    [
        ({"silence_minutes": 5}, "settings.silence_minutes", "15 to 20,160 minutes"),
        ({"window_opens": "7 am"}, "settings.window_opens", "06:00"),
        ({"error_rate_percent": 0}, "settings.error_rate_percent", "more than 0"),
        ({"extra_addresses": ["kim"]}, "settings.extra_addresses", "mail address"),
        ({"colour": "red"}, "settings.colour", "no setting"),
        ("all", "settings", ""),
    ],
    ids=str,
)
async def test_what_is_wrong_with_settings_is_told_in_words(
    shop: int, api: Api, wanted: Any, field: str, word: str
) -> None:
    answer = await api.client.post(WOULD_FIRE, params={"shop": "one.example"}, json={"settings": wanted})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (400, field)
    assert word in error["message"]


async def add_proof(world: World, shop_id: int, minutes_ago: int, verdict: str = "quiet") -> UUID:
    task_id = new_task_id()
    await world.pool.execute(
        "INSERT INTO alerts.proofs (shop_id, since, asked_at, verdict, words, numbers, task_ids)"
        " VALUES ($1, $2, $3, $4, 'The shop was asked.', $5, $6)",
        shop_id,
        ago(hours=5),
        ago(minutes=minutes_ago),
        verdict,
        {"made": 17, "missed": 17, "fetched": 12},
        [task_id],
    )
    return task_id


async def test_what_the_shop_said_is_listed_page_by_page(world: World, shop: int, api: Api) -> None:
    tasks = [await add_proof(world, shop, minutes, "missed") for minutes in (40, 20, 30, 10)]
    await add_proof(world, await world.add_shop("two"), 15)
    first = await api.get("/alerts/proofs", shop="one.example", limit=3)
    rest = await api.get("/alerts/proofs", shop="one.example", limit=3, before=first["next"])
    shown = [*first["proofs"], *rest["proofs"]]
    assert [one["task_ids"] for one in shown] == [[str(tasks[n])] for n in (3, 1, 2, 0)]
    assert (shown[0]["made"], shown[0]["missed"], shown[0]["fetched"]) == (17, 17, 12)
    assert (shown[0]["verdict"], rest["next"]) == ("missed", None)


async def test_too_little_to_learn_from_is_said(world: World, shop: int, api: Api) -> None:
    found = await api.get("/alerts/suggestion", shop="one.example")
    assert (found["silence_minutes"], found["window_opens"], found["hours"]) == (None, None, [])
    assert "nothing to learn from" in found["evidence"][0]


async def test_a_silence_period_is_suggested_with_its_evidence(world: World, shop: int, api: Api) -> None:
    begin = utc_now().replace(minute=0, second=0, microsecond=0) - timedelta(weeks=4)
    moments = [begin + timedelta(minutes=20 * n) for n in range(4 * 7 * 24 * 3)]
    await world.pool.executemany(
        "INSERT INTO ledger.task_counts_by_minute VALUES ($2, $1, 'IndexOrder', 0, 'succeeded', 1, 0, 0, 0)",
        [(shop, moment) for moment in moments],
    )
    found = await api.get("/alerts/suggestion", shop="one.example")
    assert (found["silence_minutes"], found["window_opens"], found["window_closes"]) == (30, "00:00", "00:00")
    assert len(found["hours"]) == 7 * 24
    assert found["hours"][0]["weekday"] == "Monday"
    assert found["hours"][0]["longest_gap_minutes"] == 20
    assert found["settings"]["silence_minutes"] == 1440
    trial = {name: found[name] for name in ("silence_minutes", "window_opens", "window_closes")}
    assert (await tried(api, trial))["settings"]["silence_minutes"] == 30


@pytest.mark.parametrize("path", ["would-fire", "proofs", "suggestion"])
async def test_viewers_may_look_at_their_own_shops_only(world: World, shop: int, path: str) -> None:
    own = await world.add_shop("two")
    async with world.reader(Role.VIEWER, shop_ids=[own]) as viewer:
        await viewer.get(f"/alerts/{path}", shop="two.example")
        nobody = await viewer.problem(f"/alerts/{path}", shop="three.example")
        foreign = await viewer.problem(f"/alerts/{path}", shop="one.example")
        assert foreign["detail"] == nobody["detail"].replace("three", "one")
        assert foreign["status"] == 400
