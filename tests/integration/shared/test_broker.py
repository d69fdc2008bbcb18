"""The connection to RabbitMQ comes back, however often it breaks and wherever in its coming back."""

import asyncio

import pytest
from aio_pika.abc import AbstractRobustConnection
from aio_pika.exceptions import AMQPError

from shared.broker import build_broker, connect_when_up, declare_topology, replace_connection
from shared.publishing import Publisher
from tests.factories import transition
from tests.servers.valve import valve_before
from tests.waiting import eventually

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
        given_up._RobustConnection__reconnection_task.cancel()  # type: ignore[attr-defined]
        valve.cut()
        await _until(given_up, connected=False)
        await replace_connection(broker)
        assert await broker.connect() is not given_up
        assert await _is_usable(broker)
        await publisher.publish([transition()])
        await broker.stop()
