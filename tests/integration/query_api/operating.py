"""Failed tasks with data, and operations over them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx

from query_api.operations import store
from query_api.operations.port import Kind
from query_api.operations.registry import build_operations
from query_api.operations.runner import Runner
from query_api.operations.selection import Filtered, oldest_first, to_json
from query_api.operations.store import NewOperation
from query_api.repository.tasks import tasks_by_id
from query_api.task_query import TaskQuery
from shared.envelope import State, TaskHeader, utc_now
from shared.identity import new_task_id
from shared.tasks import TaskType
from tests.integration.query_api.world import Api, World, ago
from tests.waiting import eventually
from tests.workers import World as Broker

OPERATIONS = "/api/v1/operations"


async def add_failed(world: World, shop: int, count: int = 1, **facts: Any) -> list[TaskHeader]:
    values: dict[str, Any] = {
        "type": TaskType.SYNC_ORDER,
        "source_id": "5523",
        "order_number": "#1042",
        "begins_at": ago(minutes=1),
    }
    return [await world.record_task(State.FAILED, shop_id=shop, **(values | facts)) for _ in range(count)]


async def asked(api: Api, **wanted: Any) -> httpx.Response:
    return await api.client.post(OPERATIONS, json={"kind": "retry", **wanted})


async def begun(api: Api, **wanted: Any) -> str:
    answer = await asked(api, **wanted)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["operation"]["id"])


async def plan_of(api: Api, **wanted: Any) -> dict[str, Any]:
    answer = await asked(api, dry_run=True, **wanted)
    assert answer.status_code == 202, answer.text
    assert answer.json()["operation"] is None
    plan: dict[str, Any] = answer.json()["plan"]
    return plan


async def operation(api: Api, operation_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get(f"/operations/{operation_id}"))["operation"]
    return found


async def ended(api: Api, operation_id: str) -> dict[str, Any]:
    """The operation, once it has."""

    async def has_ended() -> bool:
        return (await operation(api, operation_id))["finished_at"] is not None

    await eventually(has_ended, 30)
    return await operation(api, operation_id)


def retries_of(broker: Broker, tasks: Sequence[TaskHeader]) -> dict[UUID, set[UUID]]:
    """The ids of the retries that went out, by the ids of the tasks."""
    found: dict[UUID, set[UUID]] = {task.id: set() for task in tasks}
    for transition in broker.published:
        if transition.task.retry_of in found:
            found[transition.task.retry_of].add(transition.task.id)
    return found


async def changed(api: Api, operation_id: str, deed: str, status: int = 200) -> dict[str, Any]:
    """The operation after somebody paused, resumed or aborted it."""
    answer = await api.client.post(f"{OPERATIONS}/{operation_id}/{deed}")
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json().get("operation", {})
    return found


def another_runner(world: World, instance: str) -> Runner:
    """Of another replica."""
    publish = world.app.state.backend.starter.publish
    return build_operations(world.pool, world.vault, publish, instance=instance).runner


async def left_by_a_dead_replica(world: World, tasks: Sequence[TaskHeader]) -> str:
    """A paused operation over all failed tasks. Its replica was killed when the broker had the first of them
    and that was not written down yet."""
    acting, now = world.app.state.backend.operations, utc_now()
    query = oldest_first(acting.retrying.narrowed(TaskQuery(), now))
    selection = to_json(Filtered(query, {}, now))
    new = NewOperation(new_task_id(), Kind.RETRY, None, selection, {}, None, 1, "test")
    async with world.pool.acquire() as connection, connection.transaction():
        await store.insert_operation(connection, new)
        left = await store.pause(connection, new.id)
    assert left is not None
    async with world.pool.acquire() as connection:
        killed = connection.transaction()
        await killed.start()
        await acting.retrying.take(
            connection, left, await tasks_by_id(connection, [task.id for task in tasks])
        )
        await killed.rollback()
    return str(new.id)
