"""The messages nobody could read, looked through one by one: each is kept, rewritten or dropped."""

from collections.abc import Callable
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import AMQPError

from shared.errors import Unavailable
from shared.topology import DEAD_LETTERS, TASKS_DEAD

CONNECT_TIMEOUT_S = 10

Judge = Callable[[bytes], bytes | None]


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The queue of one broker, whose address holds a password."""

    url: str

    def __repr__(self) -> str:
        return "DeadLetters()"

    async def sift(self, judge: Judge) -> int:
        """Has every message judged that is there now; returns how many were changed.

        `judge` gives back the bytes to keep, None to drop the message. What is kept stays in its place: a
        crash in the middle loses nothing. Raises Unavailable when the broker is away.
        """
        try:
            connection = await aio_pika.connect(self.url, timeout=CONNECT_TIMEOUT_S)
            async with connection:
                return await _sift(await connection.channel(), judge)
        except (AMQPError, OSError, TimeoutError) as error:
            raise Unavailable(f"The message broker does not answer ({type(error).__name__})") from error


async def _sift(channel: AbstractChannel, judge: Judge) -> int:
    queue = await channel.declare_queue(DEAD_LETTERS, passive=True)
    changed, kept = 0, None
    for _ in range(queue.declaration_result.message_count or 0):
        message = await queue.get(fail=False)
        if message is None:
            break
        body = judge(message.body)
        if body == message.body:
            kept = message
            continue
        if body is not None:
            await _publish(channel, message, body)
        await message.ack()
        changed += 1
    if kept is not None:
        await kept.nack(multiple=True, requeue=True)
    return changed


async def _publish(channel: AbstractChannel, message: AbstractIncomingMessage, body: bytes) -> None:
    exchange = await channel.get_exchange(TASKS_DEAD, ensure=False)
    again = aio_pika.Message(
        body,
        headers=message.headers,
        content_type=message.content_type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    await exchange.publish(again, routing_key=message.routing_key or DEAD_LETTERS)
