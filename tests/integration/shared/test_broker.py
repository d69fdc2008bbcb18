"""The connection to RabbitMQ comes back, however often it breaks and wherever in its coming back."""

import asyncio
from contextlib import suppress

import pytest
from aio_pika.abc import AbstractRobustConnection
from aio_pika.exceptions import AMQPError

from shared.broker import (
    build_broker,
    connect_when_up,
    declare_topology,
    keep_at_broker,
    replace_connection,
)
from shared.handling import Outcome, Run
from shared.publishing import NotPublished, Publisher
from shared.tasks import Lane, TaskType
from shared.worker import Job, Worker
from tests.factories import transition
from tests.servers.valve import Valve, valve_before
from tests.waiting import eventually
from tests.workers import open_world, settings

ROUNDS = 30
PATIENCE_S = 30


async def _is_usable(broker: object) -> bool:
    try:
        async with asyncio.timeout(5):
            await declare_topology(broker)  # type: ignore[arg-type]
    except (AMQPError, OSError, TimeoutError, RuntimeError):
        return False
    return True


async def _until(connection: AbstractRobustConnection, *, connected: bool) -> None:
    """Looks at every turn of the loop: the moment to break it again is as soon as it is there."""
    async with asyncio.timeout(PATIENCE_S):
        while connection.connected.is_set() is not connected:
            await asyncio.sleep(0)


async def _give_up(connection: AbstractRobustConnection, valve: Valve) -> None:
    """As aio-pika was seen to: the connection is gone, and nothing tries to bring it back."""
    connection._RobustConnection__reconnection_task.cancel()  # type: ignore[attr-defined]
    valve.cut()
    await _until(connection, connected=False)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.broker.LOOK_INTERVAL_S", 0.1)
    monkeypatch.setattr("shared.broker.LOOK_TIMEOUT_S", 2)
    monkeypatch.setattr("shared.broker.REPLACE_AFTER_S", 1)


@pytest.mark.parametrize("channels", [1, 6])
async def test_a_connection_that_breaks_while_it_is_restored_is_restored_all_the_same(
    rabbitmq_url: str, channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.broker.RECONNECT_INTERVAL_S", 0.01)
    async with valve_before(rabbitmq_url) as (valve, url):
        broker = build_broker(url, app_id="test")
        await connect_when_up(broker)
        connection = await broker.connect()
        kept = [await connection.channel() for _ in range(channels)]
        for _ in range(ROUNDS):
            valve.cut()
            await _until(connection, connected=False)
            await _until(connection, connected=True)
        await eventually(lambda: _is_usable(broker), PATIENCE_S)
        assert all(not channel.is_closed for channel in kept)
        await broker.stop()


async def test_a_connection_that_no_longer_tries_is_replaced(rabbitmq_url: str) -> None:
    async with valve_before(rabbitmq_url) as (valve, url):
        broker = build_broker(url, app_id="test")
        await connect_when_up(broker)
        publisher = Publisher(broker)
        await publisher.publish([transition()])
        given_up = await broker.connect()
        await _give_up(given_up, valve)
        await replace_connection(broker)
        assert await broker.connect() is not given_up
        assert await _is_usable(broker)
        await publisher.publish([transition()])
        await broker.stop()


@pytest.mark.usefixtures("impatient")
async def test_whoever_only_publishes_gets_a_new_connection_by_itself(rabbitmq_url: str) -> None:
    async with valve_before(rabbitmq_url) as (valve, url):
        broker = build_broker(url, app_id="test")
        await connect_when_up(broker)
        keeping = asyncio.create_task(keep_at_broker(broker))
        await _give_up(await broker.connect(), valve)
        await eventually(lambda: _is_published(Publisher(broker)), PATIENCE_S)
        keeping.cancel()
        await broker.stop()


async def _is_published(publisher: Publisher) -> bool:
    with suppress(NotPublished, TimeoutError):
        async with asyncio.timeout(1):
            await publisher.publish([transition()])
        return True
    return False


@pytest.mark.usefixtures("impatient")
async def test_a_worker_whose_connection_gave_up_takes_tasks_again_and_drains(
    database_url: str, rabbitmq_url: str
) -> None:
    message = transition()

    async def handler(_: Run) -> Outcome:
        return Outcome()

    async with valve_before(rabbitmq_url) as (valve, url), open_world(database_url, rabbitmq_url) as world:
        broker = build_broker(url, app_id="test-worker")
        job = Job("test-worker", {Lane.SYNC: 2}, {TaskType.SYNC_CONTACT: handler})
        async with Worker(settings(database_url, url), job, broker=broker, pool=world.pool):
            first = transition()
            await world.publisher.publish([first])
            await world.final(first.task.id)
            await _give_up(await broker.connect(), valve)
            await world.publisher.publish([message])
            await world.final(message.task.id)


async def test_what_ran_when_the_connection_broke_is_taken_over_by_its_redelivery(
    database_url: str, rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.lifecycle.BUSY_DELAY_MS", 1_500)
    message, runs = transition(), []

    async def stuck_at_first(run: Run) -> Outcome:
        runs.append(run)
        if len(runs) == 1:
            await asyncio.Event().wait()
        return Outcome()

    async with valve_before(rabbitmq_url) as (valve, url), open_world(database_url, rabbitmq_url) as world:
        broker = build_broker(url, app_id="test-worker")
        job = Job("test-worker", {Lane.SYNC: 2}, {TaskType.SYNC_CONTACT: stuck_at_first})
        async with Worker(settings(database_url, url), job, broker=broker, pool=world.pool):
            await world.publisher.publish([message])
            await eventually(lambda: bool(runs))
            valve.cut()
            await world.final(message.task.id)
    assert [run.is_uncertain for run in runs] == [False, True]
