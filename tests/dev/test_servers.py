"""The servers all other tests stand on: isolated per test, the same again after a stop or a crash."""

import asyncio

import aio_pika
import asyncpg
import pytest

from devstack.servers import OwnPostgres, OwnRabbit


@pytest.mark.parametrize("table", ["first", "second"])
async def test_each_test_has_a_migrated_database_of_its_own(database_url: str, table: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        assert await connection.fetchval("select to_regclass('ledger.tasks') is not null")
        await connection.execute("create table mine (what text primary key)")
        await connection.execute("insert into mine values ($1)", table)
        assert await connection.fetchval("select count(*) from mine") == 1
    finally:
        await connection.close()


@pytest.mark.parametrize("body", [b"first", b"second"])
async def test_each_test_has_a_virtual_host_of_its_own(rabbitmq_url: str, body: bytes) -> None:
    async with await aio_pika.connect(rabbitmq_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("mine", durable=True, arguments={"x-queue-type": "quorum"})
        await channel.default_exchange.publish(aio_pika.Message(body), routing_key="mine")
        message = await queue.get(timeout=10)
        assert message.body == body
        await message.ack()


async def test_a_killed_postgres_comes_back_with_what_was_committed(own_postgres: OwnPostgres) -> None:
    connection = await asyncpg.connect(own_postgres.url)
    await connection.execute("create table kept (id int)")
    await connection.execute("insert into kept values (1)")
    own_postgres.kill()
    with pytest.raises(ConnectionRefusedError):
        await asyncpg.connect(own_postgres.url, timeout=5)
    own_postgres.start()
    again = await asyncpg.connect(own_postgres.url)
    assert await again.fetchval("select count(*) from kept") == 1
    await again.close()


async def test_rabbitmq_comes_back_after_a_stop_and_after_a_kill(own_rabbitmq: OwnRabbit) -> None:
    await declare_queue(own_rabbitmq.url)
    own_rabbitmq.stop()  # before any kill: RabbitMQ 3.10 loses a queue it was told of half a second earlier
    own_rabbitmq.start()
    await publish_confirmed(own_rabbitmq.url, b"kept")
    own_rabbitmq.kill()
    own_rabbitmq.start()
    assert await take_one(own_rabbitmq.url) == b"kept"


async def test_what_comes_due_while_its_queue_is_away_is_there_soon_after_the_queue_is(
    own_rabbitmq: OwnRabbit,
) -> None:
    async with await aio_pika.connect(own_rabbitmq.url) as connection:
        channel = await connection.channel()
        due = await channel.declare_exchange("due", aio_pika.ExchangeType.TOPIC, durable=True)
        await channel.declare_queue(
            "waiting",
            durable=True,
            arguments={
                "x-queue-type": "quorum",
                "x-message-ttl": 100,
                "x-dead-letter-exchange": "due",
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            },
        )
        message = aio_pika.Message(b"due", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, routing_key="waiting")
        await asyncio.sleep(1)
        queue = await channel.declare_queue("late", durable=True, arguments={"x-queue-type": "quorum"})
        await queue.bind(due, "#")
        async with asyncio.timeout(30), queue.iterator() as messages:
            assert (await anext(messages)).body == b"due"


async def declare_queue(url: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.declare_queue("kept", durable=True, arguments={"x-queue-type": "quorum"})


async def publish_confirmed(url: str, body: bytes) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, routing_key="kept")


async def take_one(url: str) -> bytes:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue("kept")
        return (await queue.get(timeout=10)).body
