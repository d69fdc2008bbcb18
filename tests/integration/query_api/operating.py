"""Failed tasks with data, and operations over them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx

from query_api.operations.registry import build_operations
from query_api.operations.runner import Runner
from query_api.starting import Starter
from shared.envelope import State, TaskHeader
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


def another_runner(world: World, starter: Starter) -> Runner:
    """Of another replica."""
    return build_operations(world.pool, world.vault, starter.publish, instance="another").runner
