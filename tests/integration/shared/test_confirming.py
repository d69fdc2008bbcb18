"""Messages put together by ourselves arrive as they were, and what becomes of each is known."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import ChannelInvalidStateError, PublishError
from aiormq import Channel, spec

from shared.confirming import Confirming, Place

TYPE = "application/x-test"
LARGE = b"\n\x00\xce" * 100_000


@asynccontextmanager
async def _channel(url: str) -> AsyncIterator[tuple[Channel, AbstractQueue]]:
    async with await aio_pika.connect(url) as connection:
        opened = await connection.channel(publisher_confirms=True, on_return_raises=True)
        queue = await opened.declare_queue(exclusive=True)
        yield await opened.get_underlay_channel(), queue  # type: ignore[misc]


def _confirming(channel: Channel) -> Confirming:
    return Confirming(channel, spec.Basic.Properties(delivery_mode=2, content_type=TYPE, app_id="test"))


async def _all_of(queue: AbstractQueue, count: int) -> list[AbstractIncomingMessage]:
    return [await queue.get(no_ack=True, timeout=10) for _ in range(count)]


async def test_a_message_arrives_as_it_was(rabbitmq_url: str) -> None:
    async with _channel(rabbitmq_url) as (channel, queue):
        for body in (b"{}", b"\xce" * 70_000, LARGE, b""):
            await _confirming(channel).publish(Place("", queue.name), body)
            (message,) = await _all_of(queue, 1)
            assert message.body == body
            assert (message.content_type, message.app_id) == (TYPE, "test")
            assert message.delivery_mode is aio_pika.DeliveryMode.PERSISTENT
            assert message.message_id


async def test_each_of_many_at_a_time_is_confirmed_beside_those_of_the_library(rabbitmq_url: str) -> None:
    async with _channel(rabbitmq_url) as (channel, queue):
        confirming = _confirming(channel)
        bodies = [b"%d" % number for number in range(400)]

        async def publish(number: int, body: bytes) -> None:
            if number % 3:
                await confirming.publish(Place("", queue.name), body)
            else:
                await channel.basic_publish(body, routing_key=queue.name, mandatory=True)

        async with asyncio.timeout(20):
            await asyncio.gather(*(publish(*one) for one in enumerate(bodies)))
        messages = await _all_of(queue, len(bodies))
        assert sorted(message.body for message in messages) == sorted(bodies)
        assert len({message.message_id for message in messages}) == len(bodies)
        assert not channel.confirmations
        assert not channel.message_id_delivery_tag


async def test_what_no_queue_takes_is_an_error_of_that_message_alone(rabbitmq_url: str) -> None:
    async with _channel(rabbitmq_url) as (channel, queue):
        confirming = _confirming(channel)
        lost, kept = Place("", "a queue nobody has"), Place("", queue.name)
        ends = await asyncio.gather(
            *(confirming.publish(place, b"x") for place in (kept, lost, kept, lost, kept)),
            return_exceptions=True,
        )
        assert [type(end) for end in ends] == [type(None), PublishError, type(None), PublishError, type(None)]


async def test_one_who_gives_up_does_not_disturb_the_others(rabbitmq_url: str) -> None:
    async with _channel(rabbitmq_url) as (channel, queue):
        confirming, place = _confirming(channel), Place("", queue.name)
        tasks = [asyncio.create_task(confirming.publish(place, b"%d" % number)) for number in range(50)]
        await asyncio.sleep(0)
        for task in tasks[::7]:
            task.cancel()
        async with asyncio.timeout(10):
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            await confirming.publish(place, b"last")
        assert [end for number, end in enumerate(ends) if number % 7] == [None] * 42


async def test_a_closed_channel_says_so(rabbitmq_url: str) -> None:
    async with _channel(rabbitmq_url) as (channel, queue):
        confirming = _confirming(channel)
        await confirming.publish(Place("", queue.name), b"x")
        await channel.close()
        assert confirming.is_closed
        with pytest.raises(ChannelInvalidStateError):
            await confirming.publish(Place("", queue.name), b"x")


async def test_an_exchange_that_is_not_there_fails_what_waits(rabbitmq_url: str) -> None:
    async with _channel(rabbitmq_url) as (channel, _):
        async with asyncio.timeout(10):
            with pytest.raises(aio_pika.exceptions.ChannelClosed):
                await _confirming(channel).publish(Place("an exchange nobody has", "x"), b"x")
