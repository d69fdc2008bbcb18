"""One failed task is retried: once, with what it had, and not without a warning where that is due."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from pydantic import SecretStr

from query_api.settings import QueryApiSettings
from shared.envelope import Payload, State, TaskHeader, Transition
from shared.shipments.writing_back import payload_of
from shared.tasks import Lane, TaskType
from tests.factories import transition
from tests.integration.query_api import shipping
from tests.integration.query_api.operating import add_failed, plan_of, retries_of
from tests.integration.query_api.shipping import add_account
from tests.integration.query_api.world import Api, World, ago, serving, task_id_at
from tests.integration.recorder.histories import life
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


async def retry(api: Api, task: TaskHeader, **wanted: Any) -> httpx.Response:
    return await api.client.post(f"/api/v1/tasks/{task.id}/retry", json=wanted)


async def retry_of(broker: Broker, task: TaskHeader) -> Transition:
    """The one that was published."""
    await eventually(lambda: bool(retries_of(broker, [task])[task.id]))
    (one,) = {item.task.id: item for item in broker.published if item.task.retry_of == task.id}.values()
    return one


async def test_the_new_task_has_what_the_failed_one_had(connected: World, published_tasks: Broker) -> None:
    shop = await connected.add_shop()
    account = await add_account(connected.pool, shop, "engage", "CRM")
    facts = {"shop_id": shop, "account_id": account, "source_id": "5523", "order_number": "#1042"}
    task = transition(
        id=task_id_at(ago(minutes=1)),
        type=TaskType.INDEX_ORDER,
        lane=Lane.SYNC_BULK,
        retry_policy="five-attempts",
        delivery_key="d1",
        **facts,
    ).task
    payload = Payload(
        body=b'{"id": 9007199254740993}', topic="orders/paid", headers={"X-Topic": "orders/paid"}
    )
    first, *rest = life(task, [State.FAILED], begins_at=ago(minutes=1))
    await connected.record([replace(first, payload=payload), *rest])
    async with connected.reader() as api:
        answer = await retry(api, task)
        assert answer.status_code == 202, answer.text
        said = answer.json()
    published = await retry_of(published_tasks, task)
    assert (said["started"], said["task_id"]) == (True, str(published.task.id))
    assert (published.state, published.attempt) == (State.QUEUED, 1)
    assert published.payload == payload
    assert {name: getattr(published.task, name) for name in facts} == facts
    assert (published.task.lane, published.task.retry_policy) == (Lane.SYNC_BULK, "five-attempts")
    assert (published.task.max_attempts, published.task.delivery_key) == (5, None)
    assert published.detail.actor == "test"
    deed = await connected.pool.fetchrow("SELECT * FROM admin.audit_log WHERE action = 'task.retry'")
    assert deed is not None
    assert (deed["actor"], deed["subject"], deed["shop_id"]) == ("test", str(task.id), shop)


async def test_however_often_it_is_asked_for_one_task_is_started(
    connected: World, published_tasks: Broker
) -> None:
    (task,) = await add_failed(connected, await connected.add_shop())
    async with connected.reader() as api:
        answers = [answer.json() for answer in await asyncio.gather(*(retry(api, task) for _ in range(5)))]
        again = (await retry(api, task)).json()
    published = await retry_of(published_tasks, task)
    assert published.task.runs_on is Lane.SYNC
    assert {answer["task_id"] for answer in [*answers, again]} == {str(published.task.id)}
    assert sorted(answer["started"] for answer in answers) == [False] * 4 + [True]
    assert again["started"] is False
    assert "already" in again["message"]


async def test_a_retried_write_back_makes_its_shipment_pending(
    connected: World, published_tasks: Broker
) -> None:
    shop = await connected.add_shop()
    amazon = await shipping.add_account(connected.pool, shop)
    shipment = await shipping.add_shipment(connected.pool, amazon, state="failed")
    task = transition(
        id=task_id_at(ago(minutes=1)), type=TaskType.WRITEBACK_SHIPMENT, shop_id=shop, account_id=amazon
    ).task
    first, *rest = life(task, [State.FAILED], begins_at=ago(minutes=1))
    await connected.record([replace(first, payload=payload_of(shipment)), *rest])
    async with connected.reader() as api:
        retry_id = (await retry(api, task)).json()["task_id"]
    row = await connected.pool.fetchrow("SELECT state, task_id FROM store.shipments")
    assert row is not None
    assert (row["state"], str(row["task_id"])) == ("pending", retry_id)
    assert (await retry_of(published_tasks, task)).task.runs_on is Lane.WRITEBACK


async def test_what_was_cancelled_is_retried_where_it_is_asked_for(
    connected: World, published_tasks: Broker
) -> None:
    shop = await connected.add_shop()
    facts: dict[str, Any] = {"shop_id": shop, "begins_at": ago(minutes=1)}
    facts["type"] = TaskType.SYNC_REFUND_NOTIFICATION
    one, other = [await connected.record_task(State.CANCELLED, **facts) for _ in range(2)]
    doubtful = await connected.record_task(State.RETRYING, State.CANCELLED, **facts)
    await connected.pool.execute(
        "UPDATE ledger.task_events SET detail = jsonb_set(detail, '{failure,kind}', '\"malformed_answer\"')"
        " WHERE task_id = $1 AND state = 'retrying'",
        doubtful.id,
    )
    async with connected.reader() as api:
        assert (await retry(api, one)).status_code == 202
        assert "may do it twice" in (await retry(api, doubtful)).json()["detail"]
        unasked = await plan_of(api, filter={})
        plan = await plan_of(api, filter={"state": ["cancelled"]})
    assert unasked["matching"] == 0
    assert [plan[name] for name in ("matching", "safe", "risky", "left_alone")] == [3, 1, 1, 1]
    published = await retry_of(published_tasks, one)
    assert (published.state, published.payload) == (State.QUEUED, Payload(body=b'{"id": 1}'))
    assert not retries_of(published_tasks, [other])[other.id]


async def test_a_retry_that_the_log_knows_of_counts(connected: World, published_tasks: Broker) -> None:
    shop = await connected.add_shop()
    (task,) = await add_failed(connected, shop)
    (retried,) = await add_failed(connected, shop, retry_of=task.id)
    async with connected.reader() as api:
        body = (await retry(api, task)).json()
    assert (body["started"], body["task_id"]) == (False, str(retried.id))
    assert not retries_of(published_tasks, [task])[task.id]


async def test_what_can_not_be_retried_is_refused_with_the_reason(
    connected: World, published_tasks: Broker
) -> None:
    shop = await connected.add_shop()
    off = await add_account(connected.pool, shop, "engage", "Off")
    await connected.pool.execute("UPDATE store.accounts SET is_active = false WHERE id = $1", off)
    done = await connected.record_task(State.SUCCEEDED, shop_id=shop)
    (gone,) = await add_failed(connected, shop)
    await connected.pool.execute("DELETE FROM ledger.payloads WHERE task_id = $1", gone.id)
    (idle,) = await add_failed(connected, shop, account_id=off)
    (told,) = await add_failed(connected, shop, type=TaskType.SYNC_REFUND_NOTIFICATION)
    await connected.pool.execute(
        "UPDATE ledger.tasks SET error_kind = 'unknown_outcome' WHERE task_id = $1", told.id
    )
    words = {done: "or succeeded", gone: "not kept any more", idle: "switched off", told: "Look there first"}
    async with connected.reader() as api:
        for task, word in words.items():
            answer = await retry(api, task)
            assert (answer.status_code, word in answer.json()["detail"]) == (409, True), answer.text
        assert "may_repeat_effects" in (await retry(api, told)).json()["detail"]
        assert (await retry(api, told, may_repeat_effects=True)).json()["started"]
    await retry_of(published_tasks, told)
    assert not any(retries_of(published_tasks, [done, gone, idle]).values())


async def test_of_a_shop_whose_key_was_destroyed_nothing_is_retried(
    connected: World, published_tasks: Broker
) -> None:
    (task,) = await add_failed(connected, await connected.add_shop())
    await connected.pool.execute("UPDATE store.shops SET data_key = ''")
    async with connected.reader() as api:
        answer = await retry(api, task)
    assert answer.status_code == 409
    assert "erased" in answer.json()["detail"]
    assert not retries_of(published_tasks, [task])[task.id]


async def test_without_the_broker_operations_wait(world: World, shop: int, api: Api) -> None:
    (task,) = await add_failed(world, shop)
    answer = await retry(api, task)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    begun = await api.client.post("/api/v1/operations", json={"kind": "retry", "filter": {}})
    operation_id = begun.json()["operation"]["id"]

    async def waits() -> bool:
        found = (await api.get(f"/operations/{operation_id}"))["operation"]
        return "goes on when" in (found["problem"] or "") and found["done"] == 0

    await eventually(waits)
