"""What is done with messages: unreadable ones, and a queue that is gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel

from shared.topology import DEAD_LETTERS, RECORDER, TASKS
from tests.chaos import history as told
from tests.chaos.history import Facts
from tests.chaos.scene import Scene, insistently
from tests.chaos.schedule import LANES, Fault

LOOK_AGAIN_S = 15
# What an operator does after queues were lost: docs/operations.md.
REQUEUE = ("requeue", "--stuck", "--older-than", "5s")


@asynccontextmanager
async def poisoned(scene: Scene, fault: Fault, facts: Facts) -> AsyncIterator[None]:
    """Messages nobody can read, in a lane and so in the recorder's queue."""
    facts["bodies"] = [f"poison {fault.number}.{n}" for n in range(3)]

    async def publish(channel: AbstractChannel) -> None:
        exchange = await channel.get_exchange(TASKS)
        for body in facts["bodies"]:
            message = aio_pika.Message(body.encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await exchange.publish(message, f"queued.{fault.target}.OrderWebhook")

    await insistently(lambda: _at_the_broker(scene, publish))
    yield


@asynccontextmanager
async def deleted(scene: Scene, fault: Fault, facts: Facts) -> AsyncIterator[None]:
    """A lane's queue goes with all that is in it, until its worker has made it again."""

    async def delete(channel: AbstractChannel) -> None:
        gone = await channel.queue_delete(fault.target)
        facts["messages"] = gone.message_count

    async def look(channel: AbstractChannel) -> None:
        queue = await channel.declare_queue(fault.target, passive=True)
        if not queue.declaration_result.consumer_count:
            raise TimeoutError

    await insistently(lambda: _at_the_broker(scene, delete))
    yield
    await insistently(lambda: _at_the_broker(scene, look))


async def requeueing(scene: Scene) -> None:
    """As an operator would, until all is done: whenever the queues are empty, what only the log knows is
    published again. Until cancelled."""

    async def look(channel: AbstractChannel) -> None:
        for name in (*LANES, RECORDER):
            queue = await channel.declare_queue(name, passive=True)
            if queue.declaration_result.message_count:
                raise TimeoutError

    while True:
        await insistently(lambda: _at_the_broker(scene, look))
        await insistently(lambda: scene.stack.cli(*REQUEUE), AssertionError)
        await asyncio.sleep(LOOK_AGAIN_S)


async def note_dead_letters(scene: Scene) -> None:
    """Takes them all."""

    async def take(channel: AbstractChannel) -> None:
        queue = await channel.declare_queue(DEAD_LETTERS, passive=True)
        while (message := await queue.get(fail=False, no_ack=True)) is not None:
            reason = (message.headers or {}).get("x-reason")
            scene.history.note(
                told.DEAD_LETTER, body=message.body.decode(errors="replace")[:500], reason=reason
            )

    await insistently(lambda: _at_the_broker(scene, take))


async def _at_the_broker(scene: Scene, do: Callable[[AbstractChannel], Awaitable[None]]) -> None:
    async with await aio_pika.connect(scene.stack.rabbitmq.url, timeout=5) as connection:
        await do(await connection.channel())
