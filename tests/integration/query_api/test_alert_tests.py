"""A person asks whether those who are to be told can be reached: each is sent a message, by a task."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from pydantic import SecretStr

from query_api.auth import Role
from query_api.settings import QueryApiSettings
from shared.tasks import TaskType
from tests.integration.query_api.world import Api, World, serving
from tests.waiting import eventually
from tests.workers import World as Broker
from tests.workers import open_world

PATH = "/api/v1/alerts/test"
SETTINGS = {
    "settings": {"extra_addresses": ["it@one.example"]},
    "channels": [{"kind": "slack", "name": "Operations", "url": "https://hooks.example/x"}],
}


@pytest.fixture
async def told(api: Api, shop: int) -> int:
    """A shop that tells two addresses and a channel."""
    answer = await api.client.put("/api/v1/alerts/settings", params={"shop": "one.example"}, json=SETTINGS)
    assert answer.status_code == 200, answer.text
    return shop


async def send(api: Api, shop: str = "one.example", **wanted: Any) -> httpx.Response:
    return await api.client.post(PATH, params={"shop": shop}, json=wanted)


async def rows(world: World) -> list[Any]:
    return list(await world.pool.fetch("SELECT * FROM alerts.notifications ORDER BY id"))


@pytest.fixture
async def published(database_url: str, rabbitmq_url: str) -> AsyncIterator[Broker]:
    async with open_world(database_url, rabbitmq_url) as broker:
        yield broker


async def test_everybody_is_sent_one_by_a_task_that_names_nobody(
    settings: QueryApiSettings, rabbitmq_url: str, published: Broker
) -> None:
    async with serving(settings, rabbitmq_url=SecretStr(rabbitmq_url)) as world:
        shop = await world.add_shop()
        async with world.reader() as api:
            await api.client.put("/api/v1/alerts/settings", params={"shop": "one.example"}, json=SETTINGS)
            answer = await send(api)
        stored = await rows(world)
    assert (answer.status_code, answer.json()["is_queued"]) == (202, True)
    assert [(one["channel"], one["recipient"]) for one in answer.json()["tasks"]] == [
        ("mail", "owner@one.example"),
        ("mail", "it@one.example"),
        ("slack", "Operations"),
    ]
    assert {(str(row["id"]), row["kind"], row["shop_id"]) for row in stored} == {
        (one["task_id"], "test", shop) for one in answer.json()["tasks"]
    }
    assert all(row["published_at"] is not None and row["alerts"] == [] for row in stored)
    await eventually(lambda: len(published.published) == 3, what="the tasks are published")
    for queued in published.published:
        assert (queued.task.type, queued.task.shop_id) == (TaskType.NOTIFY_ALERT, shop)
        assert queued.detail.actor == "test"
        assert queued.payload is not None
        assert orjson.loads(queued.payload.body) == {"notification": str(queued.task.id)}
    assert {queued.task.id for queued in published.published} == {row["id"] for row in stored}


async def test_without_a_broker_they_are_kept_for_later(world: World, told: int, api: Api) -> None:
    answer = await send(api)
    assert (answer.status_code, answer.json()["is_queued"]) == (202, False)
    assert [row["published_at"] for row in await rows(world)] == [None] * 3
    (deed,) = await world.pool.fetch("SELECT * FROM admin.audit_log WHERE action = 'alert.test'")
    assert (deed["actor"], deed["shop_id"], deed["detail"]["recipients"]) == ("test", told, 3)
    assert "@" not in str(deed["detail"])


@pytest.mark.parametrize("name", ["OWNER@one.example", "it@one.example", "operations"])
async def test_one_recipient_can_be_named(world: World, told: int, api: Api, name: str) -> None:
    (task,) = (await send(api, recipient=name)).json()["tasks"]
    assert task["recipient"].casefold() == name.casefold()
    assert [row["id"] for row in await rows(world)] == [UUID(task["task_id"])]


async def test_nobody_else_is_sent_anything(world: World, told: int, api: Api) -> None:
    answer = await send(api, recipient="stranger@example.com")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "recipient")
    await world.pool.execute("UPDATE store.shops SET is_active = false")
    assert (await send(api)).status_code == 409
    assert await rows(world) == []


async def test_operators_may_test_their_own_shops(world: World, told: int) -> None:
    other = await world.add_shop("two")
    async with world.reader(Role.VIEWER) as viewer, world.reader(Role.OPERATOR, shop_ids=[other]) as operator:
        assert (await send(viewer)).status_code == 403
        foreign = await send(operator)
        assert (foreign.status_code, foreign.json()["errors"][0]["field"]) == (400, "shop")
        assert (await send(operator, shop="two.example")).status_code == 202
    assert {row["shop_id"] for row in await rows(world)} == {other}
