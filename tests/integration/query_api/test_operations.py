"""Many tasks are retried: planned, begun, paused, aborted, and each once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from query_api.auth import Role
from query_api.settings import QueryApiSettings
from shared.envelope import Payload, State, utc_now
from shared.stopping import stop
from shared.tasks import Lane, TaskType
from tests.integration.query_api.operating import (
    add_failed,
    another_runner,
    asked,
    begun,
    changed,
    ended,
    left_by_a_dead_replica,
    operation,
    plan_of,
    retries_of,
)
from tests.integration.query_api.shipping import add_account
from tests.integration.query_api.world import Api, World, serving
from tests.waiting import eventually
from tests.workers import World as Broker
from tests.workers import open_world


@pytest.fixture
async def published_tasks(database_url: str, rabbitmq_url: str) -> AsyncIterator[Broker]:
    async with open_world(database_url, rabbitmq_url) as broker:
        yield broker


@pytest.fixture
async def world(
    settings: QueryApiSettings, rabbitmq_url: str, published_tasks: Broker
) -> AsyncIterator[World]:
    """The API with a broker."""
    async with serving(settings, rabbitmq_url=SecretStr(rabbitmq_url)) as world:
        yield world


async def test_everything_that_matches_is_retried_once_beside_live_work(
    world: World, published_tasks: Broker, shop: int, api: Api
) -> None:
    tasks = await add_failed(world, shop, 30)
    await add_failed(world, shop, type=TaskType.SYNC_CONTACT)
    await world.record_task(State.SUCCEEDED, shop_id=shop, type=TaskType.SYNC_ORDER)
    operation_id = await begun(api, filter={"type": ["SyncOrder"]})
    later = await add_failed(world, shop, begins_at=utc_now())
    over = await ended(api, operation_id)
    assert (over["state"], over["total"], over["done"], over["skipped"]) == ("succeeded", 30, 30, 0)
    assert (over["requested_by"], over["filter"]) == ("test", {"type": ["SyncOrder"]})
    await eventually(lambda: all(retries_of(published_tasks, tasks).values()))
    assert {len(found) for found in retries_of(published_tasks, tasks).values()} == {1}
    assert not retries_of(published_tasks, later)[later[0].id]
    retry = next(item for item in published_tasks.published if item.task.retry_of == tasks[0].id)
    assert (retry.task.type, retry.task.runs_on) == (TaskType.SYNC_ORDER, Lane.SYNC_BULK)
    assert (retry.task.source_id, retry.task.order_number) == ("5523", "#1042")
    assert retry.payload == Payload(body=b'{"id": 1}')
    assert (retry.service, retry.detail.actor) == ("query-api", "test")


async def test_what_a_replica_that_died_had_published_is_not_retried_again(
    world: World, published_tasks: Broker, shop: int, api: Api
) -> None:
    """It was killed after the broker had a batch, and before that was written down."""
    tasks = await add_failed(world, shop, 6)
    operation_id = await left_by_a_dead_replica(world, tasks[:4])
    await eventually(lambda: all(retries_of(published_tasks, tasks[:4]).values()))
    await changed(api, operation_id, "resume")
    over = await ended(api, operation_id)
    assert (over["state"], over["done"], over["skipped"]) == ("succeeded", 6, 0)
    await eventually(lambda: all(retries_of(published_tasks, tasks).values()))
    assert {len(found) for found in retries_of(published_tasks, tasks).values()} == {1}


async def test_replicas_and_operations_over_the_same_tasks_retry_each_once(
    world: World, published_tasks: Broker, shop: int, api: Api
) -> None:
    tasks = await add_failed(world, shop, 40)
    others = [another_runner(world, name) for name in ("second", "third")]
    running = [asyncio.create_task(runner.run()) for runner in others]
    ids = await asyncio.gather(*(begun(api, filter={"state": ["failed"]}) for _ in range(3)))
    rows = [await ended(api, one) for one in ids]
    assert {row["state"] for row in rows} == {"succeeded"}
    assert [row["done"] + row["skipped"] for row in rows] == [40, 40, 40]
    assert sum(row["done"] for row in rows) == 40
    reasons = {left["reason"] for row in rows for left in row["skipped_tasks"]}
    assert reasons == {"already_retried"}
    await eventually(lambda: all(retries_of(published_tasks, tasks).values()))
    assert {len(found) for found in retries_of(published_tasks, tasks).values()} == {1}
    await stop(*running)


async def test_an_operation_pauses_goes_on_and_is_aborted_where_it_stands(
    world: World, published_tasks: Broker, shop: int, api: Api
) -> None:
    tasks = await add_failed(world, shop, 50)
    operation_id = await begun(api, filter={}, per_second=2)

    async def has_moved(behind: int) -> bool:
        return int((await operation(api, operation_id))["done"]) > behind

    await eventually(lambda: has_moved(0))
    paused = await changed(api, operation_id, "pause")
    assert paused["state"] == "paused"
    assert (await changed(api, operation_id, "pause", 409)) == {}
    assert (await operation(api, operation_id))["done"] == paused["done"]
    assert (await changed(api, operation_id, "resume"))["state"] in ("queued", "running")
    await eventually(lambda: has_moved(paused["done"]))
    aborted = await changed(api, operation_id, "abort")
    assert (aborted["state"], aborted["finished_at"] is not None) == ("aborted", True)
    for again in ("pause", "resume", "abort"):
        assert (await changed(api, operation_id, again, 409)) == {}
    assert 0 < aborted["done"] < 50
    await eventually(lambda: sum(map(len, retries_of(published_tasks, tasks).values())) == aborted["done"])
    outcomes = (await api.get(f"/operations/{operation_id}"))["outcomes"]
    assert (outcomes["pending"], outcomes["is_exact"]) == (aborted["done"], True)


async def test_a_dry_run_says_what_is_safe_what_may_repeat_and_how_long_it_takes(
    world: World, published_tasks: Broker, shop: int, api: Api
) -> None:
    account = await add_account(world.pool, shop, "engage", "CRM")
    await world.pool.execute("INSERT INTO store.budgets VALUES ($1, 'calls', 9, 9, 3)", account)
    safe = await add_failed(world, shop, 5, account_id=account)
    (told,) = await add_failed(world, shop, type=TaskType.SYNC_ORDER_NOTIFICATION, account_id=account)
    await world.pool.execute(
        "UPDATE ledger.tasks SET error_kind = 'unknown_outcome' WHERE task_id = $1", told.id
    )
    (lost,) = await add_failed(world, shop)
    await world.pool.execute("DELETE FROM ledger.payloads WHERE task_id = $1", lost.id)
    plan = await plan_of(api, filter={"shop": ["one.example"]})
    numbers = [plan[name] for name in ("matching", "safe", "risky", "left_alone", "is_exact")]
    assert numbers == [7, 5, 1, 1, True]
    (risk,) = plan["at_risk"]
    assert (risk["reason"], risk["type"], risk["tasks"]) == (
        "may_repeat_effect",
        "SyncOrderNotification",
        [str(told.id)],
    )
    (left,) = plan["not_done"]
    assert (left["reason"], left["tasks"]) == ("payload_gone", [str(lost.id)])
    (share,) = plan["accounts"]
    assert (share["account"], share["tasks"], share["per_second"], share["seconds"]) == (
        "engage CRM",
        5,
        1.0,
        5,
    )
    assert plan["seconds"] == 5
    accepted = await plan_of(api, filter={}, may_repeat_effects=True)
    assert accepted["accounts"][0]["tasks"] == 6
    by_ids = await plan_of(api, ids=[str(safe[0].id), str(told.id), str(uuid4())])
    assert [group["reason"] for group in by_ids["not_done"]] == ["gone"]
    assert await world.pool.fetchval("SELECT count(*) FROM admin.operations") == 0
    assert not any(retries_of(published_tasks, [*safe, told]).values())


async def test_what_may_repeat_an_effect_is_left_out_unless_that_is_accepted(
    world: World, published_tasks: Broker, shop: int, api: Api
) -> None:
    tasks = await add_failed(world, shop, 2, type=TaskType.SYNC_ORDER_NOTIFICATION)
    await world.pool.execute("UPDATE ledger.tasks SET error_kind = 'unknown_outcome'")
    careful = await ended(api, await begun(api, filter={}))
    assert (careful["done"], careful["skipped"]) == (0, 2)
    assert [left["reason"] for left in careful["skipped_tasks"]] == ["may_repeat_effect"]
    bold = await ended(api, await begun(api, ids=[str(task.id) for task in tasks], may_repeat_effects=True))
    assert (bold["done"], bold["total"]) == (2, 2)
    await eventually(lambda: all(retries_of(published_tasks, tasks).values()))


async def test_with_another_number_than_was_confirmed_nothing_is_done(
    world: World, published_tasks: Broker, shop: int, api: Api
) -> None:
    tasks = await add_failed(world, shop, 3)
    wrong = await ended(api, await begun(api, filter={}, expected=2))
    assert (wrong["state"], wrong["done"]) == ("failed", 0)
    assert "2 tasks, and 3 match" in wrong["problem"]
    assert (await ended(api, await begun(api, filter={}, expected=3)))["done"] == 3
    await eventually(lambda: all(retries_of(published_tasks, tasks).values()))


async def test_what_a_search_found_is_retried(
    world: World, published_tasks: Broker, shop: int, api: Api
) -> None:
    wanted = await add_failed(world, shop, 2, order_number="#77")
    others = await add_failed(world, shop, 2)
    over = await ended(api, await begun(api, filter={"q": "#77"}))
    assert (over["state"], over["done"]) == ("succeeded", 2)
    await eventually(lambda: all(retries_of(published_tasks, wanted).values()))
    assert not any(retries_of(published_tasks, others).values())


async def test_an_operation_reaches_and_shows_only_the_asker_s_shops(
    world: World, published_tasks: Broker, shop: int
) -> None:
    other = await world.add_shop("other")
    own, foreign = await add_failed(world, shop), await add_failed(world, other)
    async with world.reader(Role.OPERATOR, shop_ids=[shop]) as one, world.reader(shop_ids=[other]) as another:
        by_filter = await ended(one, await begun(one, filter={}))
        assert (by_filter["total"], by_filter["done"]) == (1, 1)
        by_ids = await ended(one, await begun(one, ids=[str(task.id) for task in (*own, *foreign)]))
        assert {left["reason"] for left in by_ids["skipped_tasks"]} == {"gone", "already_retried"}
        assert (await another.get("/operations"))["operations"] == []
        assert (await another.problem(f"/operations/{by_ids['id']}"))["status"] == 404
        listed = await one.get("/operations", limit=1, kind="retry", state="succeeded")
        assert [row["id"] for row in listed["operations"]] == [by_ids["id"]]
        older = await one.get("/operations", before=listed["next"])
        assert [row["id"] for row in older["operations"]] == [by_filter["id"]]
    await eventually(lambda: all(retries_of(published_tasks, own).values()))
    assert not any(retries_of(published_tasks, foreign).values())


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({}, ""),
        ({"ids": [], "filter": {}}, "ids"),
        ({"filter": {"sate": ["failed"]}}, "filter.sate"),
        ({"filter": {"as_of": "2026-11-21T08:00:00Z"}}, "filter"),
        ({"filter": {"type": ["Nonsense"]}}, "type"),
        ({"filter": {}, "kind": "explode"}, "kind"),
        ({"filter": {}, "per_second": 0}, "per_second"),
    ],
    ids=str,
)
async def test_a_wrong_wish_is_named(
    world: World, shop: int, api: Api, wanted: dict[str, Any], field: str
) -> None:
    answer = await asked(api, **wanted)
    assert answer.status_code == 400
    assert field in {error["field"] for error in answer.json()["errors"]} | {""}
