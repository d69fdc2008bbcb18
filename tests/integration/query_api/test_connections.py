"""How connections are shown: their colours with reasons, their past, and what can not be told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from query_api.auth import Role
from query_api.repository import api_health
from shared.connections.status import minute_of
from shared.envelope import Call, Detail, State, utc_now
from shared.tasks import Api as Part
from shared.tasks import TaskType
from tests.factories import transition
from tests.integration.query_api.supplying import example, new_account
from tests.integration.query_api.world import Api, World


async def account(world: World, shop_id: int, kind: str = "engage", **settings: Any) -> int:
    account_id: int = await world.pool.fetchval(
        "INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials, settings) "
        "VALUES ($1, $2, $2 || ' one', 'http://x.example', '', $3) RETURNING id",
        shop_id,
        kind,
        settings,
    )
    return account_id


async def called(
    world: World, account_id: int, *statuses: int | None, at: datetime | None = None, **changes: Any
) -> None:
    """One task made these calls."""
    facts: dict[str, Any] = {"api": "Engage", "method": "GET", "url": "http://x.example"}
    facts |= {"started_at": at or utc_now()}
    facts |= {"duration_ms": 120, "category": Part.CONTACTS, **changes}
    calls = [Call(**facts, status=status) for status in statuses]
    ended = transition(
        type=TaskType.SYNC_CONTACT,
        shop_id=1,
        account_id=account_id,
        state=State.SUCCEEDED,
        detail=Detail(calls=calls),
    )
    await world.record([ended])


async def told(world: World, moment: datetime | None = None) -> None:
    """The log is complete up to now, and a little more: nothing of this test is ahead of it."""
    await world.say_recorded_until(moment or utc_now())


def part(connection: dict[str, Any], category: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in connection["parts"] if one["category"] == category)
    return found


async def test_each_account_is_shown_with_the_parts_of_its_system(world: World, shop: int, api: Api) -> None:
    for kind in ("engage", "shopify", "supplier", "woocommerce"):
        await account(world, shop, kind, **(example() if kind == "supplier" else {}))
    await account(world, shop, "ebay", uses="trading")
    await told(world)
    shown = (await api.get("/connections"))["connections"]
    assert {one["kind"]: [p["category"] for p in one["parts"]] for one in shown} == {
        "ebay": ["products", "orders", "writeback", "trading"],
        "engage": ["contacts", "orders"],
        "shopify": ["products", "orders", "writeback"],
        "supplier": ["products", "orders"],
    }
    assert {one["status"] for one in shown} == {"none"}
    assert shown[0]["parts"][0]["reason"] == "Unknown: it has not run for 10 minutes"
    assert [one["kind"] for one in (await api.get("/connections", kind="shopify"))["connections"]] == [
        "shopify"
    ]


async def test_a_status_comes_with_its_numbers_and_the_last_error(world: World, shop: int, api: Api) -> None:
    account_id = await account(world, shop)
    await called(world, account_id, *[200] * 36, 404, 503, 503, None, duration_ms=80)
    await called(world, account_id, 200, category=Part.SETTINGS)
    await told(world)
    (shown,) = (await api.get("/connections"))["connections"]
    assert (shown["account_id"], shown["status"], shown["pause"]) == (str(account_id), "yellow", None)
    contacts = part(shown, "contacts")
    assert (contacts["status"], contacts["cause"]) == ("yellow", "errors")
    assert contacts["reason"] == "3 of 40 calls failed in the last 10 minutes, normal is up to 5 %"
    assert (contacts["calls"], contacts["errors"], contacts["error_rate"]) == (40, 3, 0.075)
    assert 50 < contacts["p50_ms"] < contacts["p95_ms"] <= 100
    assert contacts["last_error"]["message"] in (
        "Engage answered 503 (failed)",
        "Engage gave no answer (interrupted)",
    )
    assert part(shown, "orders")["status"] == "none"
    assert part(shown, "settings")["status"] == "green"


async def test_readers_see_the_connections_of_their_shops(world: World, shop: int, api: Api) -> None:
    other = await account(world, await world.add_shop("two"))
    await account(world, shop)
    await told(world)
    assert len((await api.get("/connections"))["connections"]) == 2
    assert len((await api.get("/connections", shop="two.example"))["connections"]) == 1
    async with world.reader(Role.VIEWER, shop_ids=[shop]) as scoped:
        assert [one["shop"] for one in (await scoped.get("/connections"))["connections"]] == ["one.example"]
        assert (await scoped.problem(f"/connections/{other}/history"))["status"] == 404
        answer = await scoped.client.post(f"/api/v1/connections/{other}/update")
        assert answer.status_code == 403


async def test_counts_that_can_not_be_read_leave_the_rest_of_the_answer(
    world: World, shop: int, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = await account(world, shop)
    await called(world, account_id, 200)
    await told(world)
    monkeypatch.setattr(api_health, "PATIENCE_MS", 100)
    async with world.pool.acquire() as other, other.transaction():
        await other.execute("LOCK TABLE ledger.api_calls IN ACCESS EXCLUSIVE MODE")
        (shown,) = (await api.get("/connections"))["connections"]
    assert (shown["status"], shown["name"]) == ("none", "engage one")
    assert {(p["cause"], p["reason"]) for p in shown["parts"]} == {("unreadable", "Error reading API status")}
    (shown,) = (await api.get("/connections"))["connections"]
    assert shown["status"] == "green"


@pytest.mark.parametrize("known", [None, timedelta(minutes=11)])
async def test_a_log_that_lags_tells_nothing_of_now(
    world: World, shop: int, api: Api, known: timedelta | None
) -> None:
    await account(world, shop)
    if known is not None:
        await told(world, utc_now() - known)
    (shown,) = (await api.get("/connections"))["connections"]
    assert part(shown, "orders")["reason"] == "Error reading API status"


async def test_credentials_that_are_waited_for_are_said_to_be(world: World, shop: int, api: Api) -> None:
    account_id = await account(world, shop)
    await world.pool.execute("UPDATE store.accounts SET problem = 'Engage refused the account''s key (401)'")
    await world.pool.execute(
        "INSERT INTO store.throttles VALUES ($1, now() + interval '10 minutes', 'refused', true)", account_id
    )
    await told(world)
    (shown,) = (await api.get("/connections"))["connections"]
    assert (shown["status"], shown["pause"]["is_held"], shown["pause"]["reason"]) == ("red", True, "refused")
    assert {(p["cause"], p["reason"]) for p in shown["parts"]} == {
        ("refused", "Engage refused the account's key (401)")
    }


async def test_a_history_has_every_minute_and_says_where_the_colour_changed(
    world: World, shop: int, api: Api
) -> None:
    account_id = await account(world, shop)
    now = minute_of(utc_now())
    for minutes_ago, statuses in ((40, [200] * 20), (38, [None] * 6), (37, [200] * 400)):
        await called(world, account_id, *statuses, at=now - timedelta(minutes=minutes_ago))
    await told(world)
    answer = await api.get(f"/connections/{account_id}/history", category="contacts")
    assert (answer["step"], answer["account_id"]) == ("minute", str(account_id))
    (series,) = answer["series"]
    moments = [datetime.fromisoformat(point["at"]) for point in series["points"]]
    assert len(moments) == 61
    assert {after - before for before, after in pairwise(moments)} == {timedelta(minutes=1)}
    changes = [(change["before"], change["after"]) for change in series["changes"]]
    assert changes == [("none", "green"), ("green", "red"), ("red", "green"), ("green", "none")]
    at = {one["after"]: datetime.fromisoformat(one["at"]) for one in series["changes"]}
    assert (at["red"], at["none"]) == (now - timedelta(minutes=38), now - timedelta(minutes=26))
    assert series["changes"][1]["reason"] == "Unavailable: the last 6 calls all failed"
    busy = next(point for point in series["points"] if point["calls"] == 400)
    assert (busy["status"], busy["error_rate"], busy["p50_ms"] > 100) == ("green", 0.0, True)


async def test_longer_histories_are_told_by_the_hour(world: World, shop: int, api: Api) -> None:
    account_id = await account(world, shop)
    now = minute_of(utc_now())
    await called(world, account_id, *[None] * 6, at=now - timedelta(hours=30))
    await told(world)
    since = (now - timedelta(days=2)).isoformat()
    answer = await api.get(f"/connections/{account_id}/history", **{"from": since})
    assert answer["step"] == "hour"
    by_category = {one["category"]: one["points"] for one in answer["series"]}
    assert by_category.keys() == {"contacts", "orders"}
    assert len(by_category["contacts"]) == len(by_category["orders"]) == 49
    assert next(p["calls"] for p in by_category["contacts"] if p["status"] == "red") == 6


@pytest.mark.parametrize(
    "parameters",
    [
        {"from": "2026-11-21T09:00:00Z", "to": "2026-11-21T08:00:00Z"},
        {"from": "2026-11-01T09:00:00Z", "to": "2026-11-21T08:00:00Z"},
        {"from": "2026-11-18T09:00:00Z", "to": "2026-11-20T08:00:00Z", "step": "minute"},
        {"category": "weather"},
        {"from": "yesterday"},
    ],
)
async def test_what_can_not_be_shown_is_refused_by_its_field(
    world: World, shop: int, api: Api, parameters: dict[str, str]
) -> None:
    account_id = await account(world, shop)
    problem = await api.problem(f"/connections/{account_id}/history", **parameters)
    assert problem["status"] == 400
    assert problem["errors"][0]["field"] in parameters


async def test_only_what_is_called_has_a_connection(world: World, shop: int, api: Api) -> None:
    silent = await account(world, shop, "woocommerce")
    assert (await api.problem(f"/connections/{silent}/history"))["status"] == 404
    assert (await api.client.post(f"/api/v1/connections/{silent}/update")).status_code == 404


@pytest.mark.parametrize("kind", ["engage", "supplier"])
async def test_rules_that_can_not_be_used_are_refused_by_their_field(shop: int, api: Api, kind: str) -> None:
    rules: dict[str, Any] = {"health": {"slow_ms": 800}, "breaker": {"enabled": True, "pause_s": 5}}
    wanted = new_account(settings=example(**rules))
    if kind == "engage":
        wanted |= {"kind": kind, "credentials": {"api_key": "k"}, "settings": rules}
    answer = await api.client.post("/api/v1/accounts", json=wanted)
    assert [fault["field"] for fault in answer.json()["errors"]] == ["settings.breaker.pause_s"]
    wanted["settings"] = {**wanted["settings"], "breaker": {"enabled": True}}
    answer = await api.client.post("/api/v1/accounts", json=wanted)
    assert (answer.status_code, answer.json()["account"]["settings"]["health"]) == (201, {"slow_ms": 800})


PHASES: dict[str, Sequence[Sequence[int | None]]] = {
    "none": [[], [], []],
    "green": [[200] * 500, [200] * 20, [200] * 20],
    "yellow": [[200] * 16 + [500] * 4] * 3,
    "red": [[None] * 20] * 3,
}
N, G, Y, R = PHASES
EVERY_CHANGE = [N, G, Y, G, R, G, N, Y, R, Y, N, R, N]


async def test_the_story_of_a_connection_through_every_change_of_colour(
    world: World, shop: int, api: Api
) -> None:
    """The moments are the story's own; a minute without a call is one in which it is quiet."""
    account_id = await account(world, shop, health={"window_minutes": 1, "calm": 1})
    start = minute_of(utc_now()) - timedelta(hours=2)
    minutes = [statuses for colour in EVERY_CHANGE for statuses in PHASES[colour]]
    for number, statuses in enumerate(minutes):
        if statuses:
            await called(world, account_id, *statuses, at=start + timedelta(minutes=number))
    await told(world)
    span = {"from": start.isoformat(), "to": (start + timedelta(minutes=len(minutes))).isoformat()}
    answer = await api.get(f"/connections/{account_id}/history", category="contacts", **span)
    (series,) = answer["series"]
    assert [(one["before"], one["after"]) for one in series["changes"]] == list(pairwise(EVERY_CHANGE))
    assert all(one["reason"] for one in series["changes"])
