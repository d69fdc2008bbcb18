"""Kinds of failure: what is known of them, and what people say of them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from query_api.auth import Role
from shared.alerts.evaluating import evaluate_shop
from shared.alerts.reading import read_shops
from shared.alerts.settings import AlertSettings
from shared.alerts.verdicts import Rule
from shared.envelope import Detail, State, Transition, utc_now
from shared.tasks import TaskType
from tests.factories import transition
from tests.integration.query_api.shipping import add_account
from tests.integration.query_api.world import Api, World, ago, task_id_at
from tests.integration.recorder.histories import FAILURE

MINUTE = timedelta(minutes=1)


def failed(shop_id: int, at: datetime, fingerprint: str = "f1", **changes: Any) -> Transition:
    said = {name: changes.pop(name) for name in ("message", "kind") if name in changes}
    detail = Detail(failure=replace(FAILURE, **(said | {"fingerprint": fingerprint})))
    return transition(
        id=task_id_at(at), shop_id=shop_id, state=State.FAILED, occurred_at=at, detail=detail, **changes
    )


async def listed(api: Api, **parameters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get("/failures", **parameters))["failures"]
    return found


async def act(api: Api, action: str, fingerprint: str = "f1", **parameters: Any) -> dict[str, Any]:
    answer = await api.client.post(f"/api/v1/failures/{fingerprint}/{action}", params=parameters)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()["failure"]
    return body


async def test_equal_failures_are_one_kind_with_all_that_is_known(world: World, shop: int, api: Api) -> None:
    other = await world.add_shop("two")
    account = await add_account(world.pool, other, "engage", "CRM")
    newest = failed(other, ago(minutes=1), message="order 3", account_id=account, order_number="#1003")
    await world.record([failed(shop, ago(hours=30)), failed(shop, ago(hours=2)), newest])
    await world.record([failed(shop, ago(hours=3), "f2", type=TaskType.SYNC_ORDER)])
    one, two = await listed(api)
    assert (one["fingerprint"], two["fingerprint"]) == ("f1", "f2")
    assert (one["count"], one["message"], one["remedy"]) == (3, "order 3", FAILURE.remedy)
    assert one["example"] == {"task_id": str(newest.task.id), "order_number": "#1003"}
    assert one["shops"] == ["two.example", "one.example"]
    assert one["accounts"] == [{"id": str(account), "kind": "engage", "name": "CRM", "shop": "two.example"}]
    assert (one["state"], two["state"], two["group"]) == ("known", "new", "order sync")
    trend = one["trend"]
    assert (trend["direction"], trend["last_24h"], trend["day_before"]) == ("rising", 2, 1)
    assert len(trend["hours"]) == 48
    detail = (await api.get("/failures/f1"))["failure"]
    assert [(each["shop"], each["count"]) for each in detail["by_shop"]] == [
        ("two.example", 1),
        ("one.example", 2),
    ]
    assert [
        (each["account"] and each["account"]["name"], each["count"]) for each in detail["by_account"]
    ] == [
        (None, 2),
        ("CRM", 1),
    ]
    assert len(detail["trend"]["hours"]) == 7 * 24


async def test_what_is_resolved_is_back_when_it_fails_again(world: World, shop: int, api: Api) -> None:
    await world.record([failed(shop, ago(hours=30)), failed(shop, ago(minutes=1))])
    assert (await act(api, "resolve"))["state"] == "resolved"
    (in_shop,) = (await api.get("/failures/f1"))["failure"]["by_shop"]
    assert (in_shop["resolved_by"], in_shop["back_at"]) == ("test", None)
    await world.record([failed(shop, ago(seconds=30))])
    assert (await api.get("/failures/f1"))["failure"]["state"] == "resolved"
    again = utc_now() + MINUTE
    await world.record([failed(shop, again)])
    (one,) = await listed(api, state="back")
    assert one["count"] == 4
    assert (await act(api, "reopen"))["state"] == "known"
    assert (await listed(api, state=["back", "resolved"])) == []


async def test_the_rule_is_silent_about_what_is_resolved_and_warns_when_it_is_back(
    world: World, shop: int, api: Api
) -> None:
    await world.record([failed(shop, ago(minutes=10))])
    assert await _is_warned(world, shop, utc_now())
    await act(api, "resolve")
    assert not await _is_warned(world, shop, utc_now())
    again = utc_now() + MINUTE
    await world.record([failed(shop, again)])
    assert await _is_warned(world, shop, again + MINUTE)


async def _is_warned(world: World, shop: int, now: datetime) -> bool:
    settings = {shop: AlertSettings()}
    facts = (await read_shops(world.pool, settings, now))[shop]
    return Rule.FAILURE_GROUP in {
        verdict.rule for verdict in evaluate_shop(facts, settings[shop], now) if verdict.is_met
    }


async def test_people_resolve_for_the_shops_they_name_or_may_see(world: World, shop: int, api: Api) -> None:
    other, third = await world.add_shop("two"), await world.add_shop("three")
    await world.record([failed(each, ago(minutes=1)) for each in (shop, other, third)])
    async with world.reader(Role.OPERATOR, shop_ids=[shop, other]) as scoped:
        assert (await act(scoped, "resolve", shop="one.example"))["state"] == "new"
        assert (await act(scoped, "resolve"))["state"] == "resolved"
        assert (await listed(scoped))[0]["count"] == 2
    states = {each["shop"]: each["state"] for each in (await act(api, "resolve"))["by_shop"]}
    assert set(states.values()) == {"resolved"}
    deeds = await world.pool.fetch("SELECT actor, action, shop_id, subject FROM admin.audit_log ORDER BY id")
    assert [tuple(deed) for deed in deeds] == [
        ("test", "failure.resolve", each, "f1") for each in (shop, other, third)
    ]


async def test_saying_it_twice_changes_and_notes_nothing(world: World, shop: int, api: Api) -> None:
    await world.record([failed(shop, ago(minutes=1))])
    first = await act(api, "resolve")
    assert (await act(api, "resolve"))["by_shop"] == first["by_shop"]
    await act(api, "reopen")
    await act(api, "reopen")
    actions = await world.pool.fetch("SELECT action FROM admin.audit_log ORDER BY id")
    assert [row["action"] for row in actions] == ["failure.resolve", "failure.reopen"]


async def test_kinds_of_other_shops_are_not_there(world: World, shop: int) -> None:
    other = await world.add_shop("two")
    account = await add_account(world.pool, other, "engage", "Theirs")
    await world.record([failed(other, ago(minutes=1), "theirs", account_id=account)])
    await world.record([failed(each, ago(minutes=1), message=f"of {each}") for each in (shop, other)])
    async with world.reader(Role.OPERATOR, shop_ids=[shop]) as api:
        (one,) = await listed(api)
        assert (one["count"], one["message"], one["shops"]) == (1, f"of {shop}", ["one.example"])
        assert (await api.problem("/failures/theirs"))["status"] == 404
        assert (await api.problem("/failures", account=account))["status"] == 400
        for action in ("resolve", "reopen"):
            answer = await api.client.post(f"/api/v1/failures/theirs/{action}")
            assert answer.status_code == 404
    async with world.reader(Role.VIEWER) as viewer:
        assert (await viewer.client.post("/api/v1/failures/f1/resolve")).status_code == 403


async def test_kinds_are_narrowed_and_listed_page_by_page(world: World, shop: int, api: Api) -> None:
    for number in range(5):
        await world.record(
            [failed(shop, ago(minutes=10 - number), f"f{number}", kind=f"kind{number}")] * 1
            + [failed(shop, ago(minutes=20 + one), f"f{number}") for one in range(number)]
        )
    await world.record([failed(shop, ago(days=40), "old", type=TaskType.SYNC_ORDER)])
    page = await api.get("/failures", sort="-count", limit=3)
    assert [one["fingerprint"] for one in page["failures"]] == ["f4", "f3", "f2"]
    rest = await api.get("/failures", sort="-count", limit=3, cursor=page["next"])
    assert ([one["fingerprint"] for one in rest["failures"]], rest["next"]) == (["f1", "f0"], None)
    back = await api.get("/failures", sort="-count", limit=3, cursor=rest["previous"])
    assert back["failures"] == page["failures"]
    assert [one["fingerprint"] for one in await listed(api, error_kind="kind2")] == ["f2"]
    assert [one["fingerprint"] for one in await listed(api, sort="first", limit=1)] == ["f4"]
    everything = await listed(api, since=ago(days=50).isoformat(), sort="last")
    assert [one["fingerprint"] for one in everything] == ["old", "f0", "f1", "f2", "f3", "f4"]
    by_type = await listed(api, since=ago(days=50).isoformat(), group="order sync")
    assert [one["fingerprint"] for one in by_type] == ["old"]
    other = await api.problem("/failures", cursor=page["next"], sort="last")
    assert other["errors"][0]["field"] == "cursor"


async def test_kinds_of_failure_never_read_events(world: World, shop: int, api: Api) -> None:
    await world.record([failed(shop, ago(minutes=1))])
    await world.pool.execute("TRUNCATE ledger.tasks, ledger.task_events")
    assert (await listed(api))[0]["count"] == 1


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"state": "broken"}, "state"),
        ({"type": "Nonsense"}, "type"),
        ({"sort": "colour"}, "sort"),
        ({"limit": 501}, "limit"),
        ({"shop": "nowhere.example"}, "shop"),
        ({"since": "yesterday"}, "since"),
        ({"cursor": "%%%"}, "cursor"),
    ],
    ids=str,
)
async def test_a_wrong_parameter_is_named(api: Api, parameters: dict[str, Any], field: str) -> None:
    problem = await api.problem("/failures", **parameters)
    assert (problem["status"], problem["errors"][0]["field"]) == (400, field)
