"""The recorder while the broker, the database or its own queue are away, and when they are back."""

import aio_pika
import asyncpg

from devstack.servers import OwnPostgres, OwnRabbit
from query_api.recorder.settings import RecorderSettings
from shared.db.pool import open_pool
from shared.envelope import State
from tests.factories import header, transition
from tests.integration.recorder.histories import life
from tests.integration.recorder.ledger import assert_equals_its_log, until_recorded
from tests.integration.recorder.running import (
    Queue,
    open_queue,
    recorder,
    recorder_settings,
    until_queues_outlive_a_crash,
)
from tests.waiting import eventually


async def test_a_queue_deleted_under_the_recorder_is_declared_and_consumed_again(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int
) -> None:
    story = life(header(shop_id=shop_id), [State.SUCCEEDED])
    async with recorder(options):
        await queue.publish(story[:1])
        await until_recorded(pool, story[:1])
        await queue.delete()
        await eventually(lambda: _is_back(queue))
        await queue.publish(story[1:])
        await until_recorded(pool, story)


async def test_a_session_that_breaks_while_a_batch_is_gathered_is_followed_by_another(
    options: RecorderSettings, queue: Queue, pool: asyncpg.Pool, shop_id: int
) -> None:
    story = life(header(shop_id=shop_id), [State.SUCCEEDED])
    async with recorder(options.model_copy(update={"recorder_batch_wait_ms": 500})):
        await eventually(lambda: _is_back(queue))
        await queue.publish([transition(shop_id=shop_id)])
        await eventually(lambda: _is_taken(queue))
        await queue.delete()
        await eventually(lambda: _is_back(queue))
        await queue.publish(story)
        await until_recorded(pool, story)


async def test_with_the_database_away_messages_are_held_and_recorded_when_it_is_back(
    own_postgres: OwnPostgres, rabbitmq_url: str, queue: Queue, secret_keys: str
) -> None:
    story = [item for _ in range(50) for item in life(header(), [State.SUCCEEDED])]
    options = recorder_settings(own_postgres.url, rabbitmq_url, secret_keys=secret_keys)
    async with recorder(options):
        await queue.publish(story[:60])
        async with await open_pool(own_postgres.url) as pool:
            await until_recorded(pool, story[:60])
        own_postgres.kill()
        await queue.publish(story[60:])
        await eventually(lambda: _is_taken(queue))
        own_postgres.start()
        async with await open_pool(own_postgres.url) as pool:
            await until_recorded(pool, story)
            await assert_equals_its_log(pool, 1)


async def test_with_the_broker_away_the_recorder_comes_back_to_it(
    database_url: str, own_rabbitmq: OwnRabbit, secret_keys: str, pool: asyncpg.Pool
) -> None:
    story = [item for _ in range(50) for item in life(header(), [State.SUCCEEDED])]
    options = recorder_settings(database_url, own_rabbitmq.url, secret_keys=secret_keys)
    async with recorder(options):
        async with open_queue(own_rabbitmq.url) as queue:
            await queue.publish(story[:60])
            await until_recorded(pool, story[:60])
        await until_queues_outlive_a_crash()
        own_rabbitmq.kill()
        own_rabbitmq.start()
        async with open_queue(own_rabbitmq.url) as queue:
            await queue.publish(story[30:])
            await until_recorded(pool, story)
    await assert_equals_its_log(pool, 1)


async def test_a_bad_message_is_buried_after_the_broker_restarted_too(
    database_url: str, own_rabbitmq: OwnRabbit, secret_keys: str
) -> None:
    options = recorder_settings(database_url, own_rabbitmq.url, secret_keys=secret_keys)
    async with recorder(options):
        await _bury(own_rabbitmq.url, b"before")
        await until_queues_outlive_a_crash()
        own_rabbitmq.kill()
        own_rabbitmq.start()
        await _bury(own_rabbitmq.url, b"after")


async def _bury(url: str, body: bytes) -> None:
    async with open_queue(url) as queue:
        await queue.publish_raw([body])
        assert {message.body for message in await queue.dead_letters(1)} == {body}


async def _is_taken(queue: Queue) -> bool:
    return await queue.depth() == 0


async def _is_back(queue: Queue) -> bool:
    try:
        return await queue.consumers() > 0
    except aio_pika.exceptions.ChannelNotFoundEntity:
        return False
