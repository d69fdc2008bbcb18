"""Shipments are synchronised again: exactly the right tasks, each once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr

from query_api import sync_plan
from query_api.auth import Role
from query_api.routes import shipment_sync
from query_api.settings import QueryApiSettings
from shared.envelope import Transition
from shared.shipments.writing_back import shipment_of
from shared.tasks import Lane, TaskType
from tests.factories import transition
from tests.integration.query_api.shipping import add_account, add_shipment
from tests.integration.query_api.test_shipment_list import FAILED, SYNCED
from tests.integration.query_api.world import Api, World, serving
from tests.waiting import eventually
from tests.workers import World as Broker
from tests.workers import open_world

SYNC = "/api/v1/shipments/sync"
BY_HAND: dict[str, Any] = {"is_void": True, "error_kind": "by_hand"}
VOIDED: dict[str, Any] = {"state": "voided", "is_void": True}


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


@pytest.fixture
async def amazon(world: World, shop: int) -> int:
    return await add_account(world.pool, shop, retry_policy="linear-three")


async def one(api: Api, shipment: UUID) -> httpx.Response:
    return await api.client.post(f"/api/v1/shipments/{shipment}/sync")


async def sync(api: Api, **wanted: Any) -> dict[str, Any]:
    answer = await api.client.post(SYNC, json=wanted)
    assert answer.status_code == 202, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def only_row(world: World) -> Any:
    return await world.pool.fetchrow("SELECT * FROM store.shipments")


async def published(broker: Broker, count: int) -> list[Transition]:
    """So many tasks, and no more: what was published before the marker comes before it."""
    marker = transition()
    await broker.publisher.publish([marker])
    await eventually(lambda: any(item.task.id == marker.task.id for item in broker.published))
    found = [item for item in broker.published if item.task.type is not marker.task.type]
    assert len(found) == count
    return found


async def test_a_failed_shipment_is_started_as_a_retry_before_the_bulk(
    world: World, published_tasks: Broker, amazon: int, api: Api
) -> None:
    shipment = await add_shipment(world.pool, amazon, **FAILED)
    before = await only_row(world)
    answer = (await one(api, shipment)).json()
    (started,) = await published(published_tasks, 1)
    task = started.task
    assert (answer["started"], answer["task_id"]) == (True, str(task.id))
    assert (task.type, task.runs_on) == (TaskType.WRITEBACK_SHIPMENT, Lane.WRITEBACK)
    assert (task.account_id, task.source_id, task.order_number) == (amazon, "O-1", "#1001")
    assert (task.retry_of, task.retry_policy, task.max_attempts) == (before["task_id"], "linear-three", 4)
    assert started.payload is not None
    assert shipment_of(started.payload) == shipment
    assert started.detail.actor == "test"
    after = await only_row(world)
    assert (after["state"], after["task_id"], after["error_count"]) == ("pending", task.id, 0)
    assert after["task_ids"] == [before["task_id"], task.id]


async def test_a_double_click_starts_one_task(
    world: World, published_tasks: Broker, amazon: int, api: Api
) -> None:
    shipment = await add_shipment(world.pool, amazon, **FAILED)
    answers = [answer.json() for answer in await asyncio.gather(*(one(api, shipment) for _ in range(4)))]
    assert sorted(answer["started"] for answer in answers) == [False, False, False, True]
    assert len({answer["task_id"] for answer in answers}) == 1
    assert {answer["reason"] for answer in answers} == {None, "already_pending"}
    again = await asyncio.gather(*(sync(api, filter={}) for _ in range(2)))
    assert [body["started"] for body in again] == [[], []]
    await published(published_tasks, 1)


async def test_what_is_through_under_way_or_in_vain_is_left_alone(
    world: World, published_tasks: Broker, amazon: int, api: Api
) -> None:
    off = await add_account(world.pool, 1, "ebay", "Off")
    await world.pool.execute("UPDATE store.accounts SET is_active = false WHERE id = $1", off)
    cases = {
        await add_shipment(world.pool, amazon, 1, **SYNCED): (202, "already_synced"),
        await add_shipment(world.pool, amazon, 2): (202, "already_pending"),
        await add_shipment(world.pool, amazon, 3, **VOIDED): (202, "voided"),
        await add_shipment(world.pool, amazon, 4, **FAILED | BY_HAND): (409, None),
        await add_shipment(world.pool, off, 5, **FAILED): (409, None),
        uuid4(): (404, None),
    }
    for shipment, (status, reason) in cases.items():
        answer = await one(api, shipment)
        assert (answer.status_code, answer.json().get("reason")) == (status, reason)
    body = await sync(api, ids=[str(shipment) for shipment in cases])
    assert (body["matching"], body["to_start"], body["started"]) == (6, 0, [])
    named = {left["reason"]: (left["count"], left["shipments"]) for left in body["not_started"]}
    reasons = (
        "already_synced",
        "already_pending",
        "voided",
        "takes_nothing_back",
        "account_off",
        "not_found",
    )
    assert named == {reason: (1, [str(shipment)]) for reason, shipment in zip(reasons, cases, strict=True)}
    assert all(left["message"] for left in body["not_started"])
    await published(published_tasks, 0)


async def test_a_dry_run_says_how_many_and_how_long_and_starts_nothing(
    world: World, published_tasks: Broker, amazon: int, api: Api
) -> None:
    shopify = await add_account(world.pool, 1, "shopify", "Shop")
    await world.pool.execute(
        "INSERT INTO store.budgets VALUES "
        "($1, 'graphql', 1000, 1000, 50), ($2, 'confirmShipment', 10, 10, 0.5)",
        shopify,
        amazon,
    )
    for number in range(5):
        await add_shipment(world.pool, amazon, number, **FAILED)
    for number in range(4):
        await add_shipment(world.pool, shopify, number, **FAILED)
    await add_shipment(world.pool, shopify, 9, **SYNCED)
    body = await sync(api, filter={}, dry_run=True)
    assert (body["dry_run"], body["matching"], body["to_start"], body["is_exact"]) == (True, 10, 9, True)
    parts = {
        part["account"]: (part["to_start"], part["per_second"], part["seconds"]) for part in body["accounts"]
    }
    assert parts == {"Amazon EU": (5, 0.5, 10), "Shop": (4, 2.0, 2)}
    assert (body["seconds"], body["started"], body["next"]) == (10, [], None)
    assert [(left["reason"], left["count"]) for left in body["not_started"]] == [("already_synced", 1)]
    assert await world.pool.fetchval("SELECT count(*) FROM store.shipments WHERE state = 'pending'") == 0
    await published(published_tasks, 0)


async def test_what_waits_for_credentials_is_told_before(world: World, amazon: int, api: Api) -> None:
    await add_shipment(world.pool, amazon, **FAILED)
    await world.pool.execute("UPDATE store.accounts SET problem = 'refused'")
    await world.pool.execute(
        "INSERT INTO store.throttles VALUES ($1, now() + interval '600 seconds', 'refused', true)", amazon
    )
    (part,) = (await sync(api, filter={}, dry_run=True))["accounts"]
    assert part["problem"] == "refused"
    assert 500 < part["seconds"] <= 601


async def test_all_that_match_are_started_a_batch_at_a_time_beside_live_work(
    world: World, published_tasks: Broker, amazon: int, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipment_sync, "MOST_AT_ONCE", 3)
    wanted = [await add_shipment(world.pool, amazon, number, **FAILED) for number in range(8)]
    await add_shipment(world.pool, amazon, 90, **FAILED | {"carrier": "DHL", "order_number": "other"})
    other = await add_account(world.pool, 1, "ebay", "eBay")
    await add_shipment(world.pool, other, 91, **FAILED)
    request = {"filter": {"account_id": [str(amazon)], "created_to": "2026-11-20T13:00:00Z"}}
    bodies = [await sync(api, **request)]
    while bodies[-1]["next"]:
        bodies.append(await sync(api, **request, cursor=bodies[-1]["next"]))
    assert [len(body["started"]) for body in bodies] == [3, 3, 2]
    assert [body["to_start"] for body in bodies] == [8, 5, 2]
    tasks = await published(published_tasks, 8)
    assert {shipment_of(item.payload) for item in tasks if item.payload} == set(wanted)
    assert {item.task.runs_on for item in tasks} == {Lane.WRITEBACK_BULK}
    assert [UUID(one["shipment"]) for body in bodies for one in body["started"]] == wanted


async def test_a_filter_for_others_starts_none(world: World, amazon: int, api: Api) -> None:
    await add_shipment(world.pool, amazon, 1, **FAILED)
    await add_shipment(world.pool, amazon, 2, **SYNCED)
    body = await sync(api, filter={"state": ["synced"]})
    assert (body["matching"], body["to_start"], body["started"]) == (1, 0, [])


@pytest.mark.parametrize(
    "wanted", [{}, {"ids": []}, {"ids": [str(UUID(int=1))], "filter": {}}, {"filter": {"limit": 3}}], ids=str
)
async def test_a_request_that_names_nothing_or_too_much_is_refused(api: Api, wanted: dict[str, Any]) -> None:
    assert (await api.client.post(SYNC, json=wanted)).status_code == 400


async def test_a_cursor_of_another_filter_is_refused(world: World, amazon: int, api: Api) -> None:
    cursor = (await api.client.post(SYNC, json={"filter": {}, "cursor": "abc"})).json()
    assert [error["field"] for error in cursor["errors"]] == ["cursor"]


@pytest.mark.parametrize("role", list(Role))
async def test_only_operators_start_and_only_their_shops_shipments(
    world: World, published_tasks: Broker, amazon: int, role: Role
) -> None:
    theirs = await add_account(world.pool, await world.add_shop("two"), "ebay", "Theirs")
    mine, other = (
        await add_shipment(world.pool, amazon, **FAILED),
        await add_shipment(world.pool, theirs, **FAILED),
    )
    async with world.reader(role, shop_ids=[1]) as reader:
        if role is Role.VIEWER:
            assert (await one(reader, mine)).status_code == 403
            assert (await one(reader, other)).status_code == 403
            assert (await reader.client.post(SYNC, json={"filter": {}})).status_code == 403
            return
        unknown = await one(reader, uuid4())
        assert (unknown.status_code, (await one(reader, other)).json()) == (404, unknown.json())
        body = await sync(reader, ids=[str(other), str(uuid4())])
        assert [(left["reason"], left["count"]) for left in body["not_started"]] == [("not_found", 2)]
        everything = await sync(reader, filter={})
        assert [started["shipment"] for started in everything["started"]] == [str(mine)]
    await published(published_tasks, 1)


def test_every_reason_has_its_sentence() -> None:
    assert sync_plan.MESSAGES.keys() == set(sync_plan.Reason)
