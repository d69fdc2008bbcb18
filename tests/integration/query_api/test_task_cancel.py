"""Tasks that wait are cancelled: one by one or all that match, and never one that somebody works on."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from pydantic import SecretStr

from query_api.settings import QueryApiSettings
from shared.envelope import State, TaskHeader, Transition
from shared.inbox import Inbox, Verdict
from shared.shipments.writing_back import payload_of
from shared.tasks import TaskType
from tests.factories import transition
from tests.integration.query_api import shipping
from tests.integration.query_api.operating import begun, ended, plan_of
from tests.integration.query_api.world import Api, World, ago, serving, task_id_at
from tests.integration.recorder.histories import life
from tests.integration.recorder.ledger import assert_equals_its_log
from tests.waiting import eventually
from tests.workers import World as Broker
from tests.workers import open_world


@pytest.fixture
async def published_tasks(database_url: str, rabbitmq_url: str) -> AsyncIterator[Broker]:
    async with open_world(database_url, rabbitmq_url) as broker:
        yield broker


@pytest.fixture
async def connected(
    settings: QueryApiSettings, rabbitmq_url: str, published_tasks: Broker
) -> AsyncIterator[World]:
    """The API with a broker."""
    async with serving(settings, rabbitmq_url=SecretStr(rabbitmq_url)) as world:
        yield world


async def cancel(api: Api, task: TaskHeader) -> httpx.Response:
    return await api.client.post(f"/api/v1/tasks/{task.id}/cancel")


async def cancelled(broker: Broker, task: TaskHeader) -> Transition:
    await eventually(lambda: any(item.task.id == task.id for item in broker.published))
    return broker.last(task.id)


async def record_retrying(world: World, shop: int, **facts: Any) -> TaskHeader:
    """One that waits for its second attempt, in the inbox as well."""
    task = await world.record_task(State.RETRYING, shop_id=shop, **facts)
    await world.pool.execute(
        "INSERT INTO store.inbox (task_id, attempt, is_running) VALUES ($1, 1, false)", task.id
    )
    return task


async def test_a_task_that_waits_is_over_for_good(connected: World, published_tasks: Broker) -> None:
    shop = await connected.add_shop()
    queued = await connected.record_task(shop_id=shop)
    retrying = await record_retrying(connected, shop)
    async with connected.reader() as api:
        for task, attempt in ((queued, 1), (retrying, 2)):
            answer = await cancel(api, task)
            assert (answer.status_code, answer.json()["cancelled"]) == (200, True), answer.text
            told = await cancelled(published_tasks, task)
            assert (told.state, told.attempt, told.detail.actor) == (State.CANCELLED, attempt, "test")
            await connected.record([told])
        again = (await cancel(api, queued)).json()
        assert (again["cancelled"], "already" in again["message"]) == (False, True)
        shown = (await api.get(f"/tasks/{retrying.id}"))["task"]
        assert (shown["state"], shown["note"]) == ("cancelled", "Cancelled by test")
        assert set(await api.ids(state="cancelled")) == {str(queued.id), str(retrying.id)}
        assert await api.ids(state="pending") == []
    await assert_equals_its_log(connected.pool, shop)
    inbox = Inbox(connected.pool, instance="w1")
    assert (await inbox.claim(inbox.bid(queued, 1))).verdict is Verdict.FINISHED
    deeds = await connected.pool.fetch("SELECT * FROM admin.audit_log WHERE action = 'task.cancel'")
    assert [(deed["actor"], deed["subject"]) for deed in deeds] == [
        ("test", str(queued.id)),
        ("test", str(retrying.id)),
    ]


async def test_what_can_not_be_cancelled_is_refused_with_the_reason(
    world: World, shop: int, api: Api
) -> None:
    running = await world.record_task(State.PROCESSING, shop_id=shop)
    done = await world.record_task(State.SUCCEEDED, shop_id=shop)
    owed = await world.record_task(shop_id=shop, type=TaskType.CUSTOMERS_REDACT)
    faster = await world.record_task(shop_id=shop)
    inbox = Inbox(world.pool, instance="w1")
    await inbox.claim(inbox.bid(faster, 1))
    words = {running: "right now", done: "is over", owed: "by law", faster: "right now"}
    for task, word in words.items():
        answer = await cancel(api, task)
        assert (answer.status_code, word in answer.json()["detail"]) == (409, True), answer.text
    assert await world.pool.fetchval("SELECT count(*) FROM admin.audit_log") == 0


async def test_without_the_broker_it_is_cancelled_all_the_same(world: World, shop: int, api: Api) -> None:
    task = await world.record_task(shop_id=shop)
    answer = (await cancel(api, task)).json()
    assert (answer["cancelled"], "later" in answer["message"]) == (True, True)
    inbox = Inbox(world.pool, instance="w1")
    claim = await inbox.claim(inbox.bid(task, 1))
    assert (claim.verdict, claim.outcome is None) == (Verdict.FINISHED, False)


async def test_the_shipment_of_a_cancelled_write_back_can_be_synchronised_anew(
    connected: World, published_tasks: Broker
) -> None:
    shop = await connected.add_shop()
    amazon = await shipping.add_account(connected.pool, shop)
    shipment = await shipping.add_shipment(connected.pool, amazon, state="pending")
    task = transition(
        id=task_id_at(ago(minutes=1)), type=TaskType.WRITEBACK_SHIPMENT, shop_id=shop, account_id=amazon
    ).task
    (queued,) = life(task, [], begins_at=ago(minutes=1))
    await connected.record([replace(queued, payload=payload_of(shipment))])
    await connected.pool.execute("UPDATE store.shipments SET task_id = $1", task.id)
    async with connected.reader() as api:
        assert (await cancel(api, task)).status_code == 200
    row = await connected.pool.fetchrow("SELECT state, error_kind FROM store.shipments")
    assert row is not None
    assert tuple(row) == ("failed", "cancelled")


async def test_everything_that_waits_is_cancelled_and_nothing_else(
    connected: World, published_tasks: Broker
) -> None:
    shop = await connected.add_shop()
    facts: dict[str, Any] = {"shop_id": shop, "type": TaskType.SYNC_ORDER, "begins_at": ago(minutes=1)}
    waiting = [await connected.record_task(**facts) for _ in range(12)]
    waiting.append(await record_retrying(connected, shop, type=TaskType.SYNC_ORDER, begins_at=ago(minutes=1)))
    running = await connected.record_task(State.PROCESSING, **facts)
    other = await connected.record_task(shop_id=shop, begins_at=ago(minutes=1))
    faster = await connected.record_task(**facts)
    inbox = Inbox(connected.pool, instance="w1")
    await inbox.claim(inbox.bid(faster, 1))
    async with connected.reader() as api:
        wanted = {"kind": "cancel", "filter": {"type": ["SyncOrder"]}}
        plan = await plan_of(api, **wanted)
        assert (plan["matching"], plan["safe"], plan["left_alone"]) == (14, 14, 0)
        named = await plan_of(api, kind="cancel", ids=[str(running.id), str(other.id)])
        assert [one["reason"] for one in named["not_done"]] == ["running"]
        over = await ended(api, await begun(api, **wanted))
    assert (over["state"], over["done"], over["skipped"]) == ("succeeded", 13, 1)
    assert over["skipped_tasks"][0]["tasks"] == [str(faster.id)]
    for task in waiting:
        assert (await cancelled(published_tasks, task)).state is State.CANCELLED
    assert not published_tasks.of(other.id)
