"""Many tasks are retried: planned, begun, paused, aborted, and each once."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from query_api.app import build_app
from query_api.settings import QueryApiSettings
from shared.envelope import Payload, State, utc_now
from shared.tasks import Lane, TaskType
from shared.vault import Vault
from tests.integration.query_api.operating import (
    add_failed,
    begun,
    ended,
    retries_of,
)
from tests.integration.query_api.world import Api, World
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
    app = build_app(settings.model_copy(update={"rabbitmq_url": SecretStr(rabbitmq_url)}))
    async with app.router.lifespan_context(app):
        yield World(app, app.state.backend.pool, Vault(settings.secret_keys.get_secret_value()))


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
