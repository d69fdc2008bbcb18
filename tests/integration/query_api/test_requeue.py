"""The broker was lost: what waited is published again from the log, and runs exactly once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import aio_pika
import pytest
from typer.testing import CliRunner, Result

from query_api.cli import cli
from query_api.settings import QueryApiSettings
from shared.envelope import State, TaskHeader, encode
from shared.handling import Outcome, Run
from shared.tasks import TaskType
from shared.topology import RECORDER, queues
from tests.factories import transition
from tests.integration.query_api.world import World, ago
from tests.waiting import eventually
from tests.workers import World as Broker
from tests.workers import open_world

Requeue = Callable[..., "asyncio.Future[Result]"]
LONG_AGO = ago(hours=2)


@pytest.fixture
async def workers(database_url: str, rabbitmq_url: str) -> AsyncIterator[Broker]:
    async with open_world(database_url, rabbitmq_url) as opened:
        yield opened


@pytest.fixture
def requeue(settings: QueryApiSettings, rabbitmq_url: str) -> Requeue:
    environment = {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "SECRET_KEYS": settings.secret_keys.get_secret_value(),
        "RABBITMQ_URL": rabbitmq_url,
    }

    def call(*arguments: str) -> "asyncio.Future[Result]":
        command = ["requeue", "--stuck", *arguments]
        return asyncio.ensure_future(asyncio.to_thread(CliRunner().invoke, cli, command, env=environment))

    return call


async def _lose_all_messages(url: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for queue in queues():
            if queue.name != RECORDER:
                await channel.queue_delete(queue.name, if_unused=False, if_empty=False)


async def _taken_up(world: World, task: TaskHeader, *, outcome: bytes | None = None) -> None:
    """By a worker that is dead now: in the middle of it, or when it had ended it and told nobody."""
    await world.pool.execute(
        "INSERT INTO store.inbox (task_id, attempt, is_running, is_over, owner, lease_until, outcome) "
        "VALUES ($1, 1, $2, NOT $2, $3, $4, $5)",
        task.id,
        outcome is None,
        "dead" if outcome is None else None,
        LONG_AGO if outcome is None else None,
        outcome,
    )


async def test_what_the_broker_lost_runs_once_however_often_it_is_published(
    world: World, workers: Broker, requeue: Requeue
) -> None:
    shop = await world.add_shop()
    kinds: tuple[list[State], ...] = (
        [],
        [State.RETRYING],
        [State.PROCESSING],
        [State.PROCESSING],
        [State.SUCCEEDED],
    )
    queued, retrying, running, ended, over = [
        await world.record_task(*ends, shop_id=shop, begins_at=LONG_AGO) for ends in kinds
    ]
    still_there = await world.record_task(shop_id=shop, begins_at=LONG_AGO)
    await _taken_up(world, running)
    end = transition(task=ended, state=State.SUCCEEDED, service="dead")
    await _taken_up(world, ended, outcome=encode([end]))
    await world.record_task(shop_id=shop, type=TaskType.SYNC_ORDER)
    in_time = await world.record_task(State.RETRYING, shop_id=shop, begins_at=LONG_AGO)
    await world.pool.execute(
        "UPDATE ledger.tasks SET due_at = now() + interval '1 hour' WHERE task_id = $1", in_time.id
    )
    await _lose_all_messages(workers.rabbitmq_url)

    dry = await requeue("--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "Would publish 5 tasks again." in dry.stdout
    assert "one.example  SyncContact  5      published again" in dry.stdout
    assert "Would publish 6 tasks again." in (await requeue("--dry-run", "--not-due")).stdout
    for _ in range(2):
        assert "Published 5 tasks again." in (await requeue()).stdout
    await workers.publisher.publish([transition(task=still_there)])

    runs: Counter[tuple[UUID, int]] = Counter()

    async def handler(run: Run) -> Outcome:
        runs[run.task.id, run.attempt] += 1
        assert run.payload.body in (b'{"id": 1}', b"{}")
        return Outcome()

    async with workers.worker({TaskType.SYNC_CONTACT: handler}):
        for task in (queued, retrying, running, ended, still_there):
            assert (await workers.final(task.id)).state is State.SUCCEEDED
        await eventually(lambda: _is_empty(workers.rabbitmq_url))
    expected = {(queued.id, 1), (retrying.id, 2), (running.id, 1), (still_there.id, 1)}
    assert runs == Counter(dict.fromkeys(expected, 1))
    assert over.id not in {item.task.id for item in workers.published}


async def _is_empty(url: str) -> bool:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        found = [await channel.declare_queue(name, passive=True) for name in ("sync", "wait.1500")]
        return not any(queue.declaration_result.message_count for queue in found)


async def test_what_can_not_be_published_is_counted_by_its_reason(world: World, requeue: Requeue) -> None:
    shop = await world.add_shop("two")
    lost_data = await world.record_task(shop_id=shop, begins_at=LONG_AGO)
    await world.pool.execute("DELETE FROM ledger.payloads WHERE task_id = $1", lost_data.id)
    ended = await world.record_task(State.PROCESSING, shop_id=shop, begins_at=LONG_AGO)
    await _taken_up(world, ended, outcome=b"")
    await world.pool.execute("UPDATE store.inbox SET outcome = NULL")
    result = await requeue()
    assert result.exit_code == 0, result.output
    assert "its data is not kept any more" in result.stdout
    assert "it ended, and the log was not told how" in result.stdout
    assert "Published 0 tasks again." in result.stdout
    assert await world.pool.fetchval("SELECT action FROM admin.audit_log ORDER BY id DESC") == "tasks.requeue"
