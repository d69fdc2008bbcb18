"""The one place that publishes. Every message is persistent and confirmed; those for us are mandatory."""

import asyncio
from collections.abc import Awaitable, Sequence
from itertools import chain
from typing import Any, cast

import aiormq
from aio_pika import DeliveryMode
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError
from aiormq import spec
from faststream.exceptions import IncorrectState
from faststream.rabbit import ExchangeType, RabbitBroker, RabbitExchange

from shared import topology
from shared.batching import Batcher
from shared.confirming import Confirming, Place
from shared.envelope import Transition, encode, utc_now
from shared.tasks import Side

CONFIRM_TIMEOUT_S = 5
CONTENT_TYPE = "application/vnd.syncledger.transitions"
PUBLISH_ERRORS = (AMQPError, OSError, TimeoutError, RuntimeError, IncorrectState)

# Not robust: a reconnection would check that it exists, and fail for ever at a broker that lost its data.
_TASKS = RabbitExchange(topology.TASKS, type=ExchangeType.TOPIC, declare=False, robust=False)


class NotPublished(Exception):
    """The broker did not confirm. It may have it all the same: publish again with the same ids."""


class Publisher:
    """Publishes transitions. What a worker must act on goes one by one; the rest shares messages."""

    def __init__(self, broker: RabbitBroker) -> None:
        self._broker = broker
        self._open: Confirming | None = None
        self._recorded: Batcher[Sequence[Transition], None] = Batcher(self._publish_recorded, max_size=100)

    async def publish(self, transitions: Sequence[Transition]) -> None:
        """Returns once the broker has confirmed all of them. Raises NotPublished."""
        publishing = [self._dispatch(one) for one in transitions if one.state.dispatches]
        if recorded := [one for one in transitions if not one.state.dispatches]:
            publishing.append(self._recorded.submit(recorded))
        await (publishing[0] if len(publishing) == 1 else asyncio.gather(*publishing))

    async def publish_raw(
        self, body: bytes, *, routing_key: str, timeout_s: float = CONFIRM_TIMEOUT_S
    ) -> None:
        """Publishes an already encoded message to `tasks`, byte for byte. Raises NotPublished."""
        await self._send(body, routing_key=routing_key, exchange=topology.TASKS, timeout_s=timeout_s)

    async def defer(self, transition: Transition, *, wanted_ms: float) -> None:
        """Puts a message back untouched, to return after the delay, unrecorded. Raises NotPublished."""
        key = topology.deferred_key(transition, topology.wait_ms(wanted_ms))
        await self._send(encode([transition]), routing_key=key, exchange=topology.TASKS_WAIT)

    async def make_room(self, transition: Transition, side: Side) -> None:
        """Sends a message on to a queue beside its lane, untouched and unrecorded. Raises NotPublished."""
        key = topology.side_key(transition, side)
        await self._send(encode([transition]), routing_key=key, exchange=topology.TASKS_WAIT)

    async def bury(self, body: bytes, *, routing_key: str, reason: str) -> None:
        """Parks a message nobody can read among the dead letters, with the reason. Raises NotPublished."""
        properties = self._properties(headers={"x-reason": reason[:500]}, timestamp=utc_now())
        await self._send_by_itself(body, Place(topology.TASKS_DEAD, routing_key), properties)

    async def announce(self, body: bytes, *, routing_key: str) -> None:
        """Tells programs that have bound queues to the exchange `alerts`, if any. Raises NotPublished."""
        properties = self._properties(content_type="application/json", timestamp=utc_now())
        place = Place(topology.ALERTS, routing_key)
        await self._send_by_itself(body, place, properties, is_mandatory=False)

    async def _dispatch(self, transition: Transition) -> None:
        key = topology.routing_key(transition)
        await self._send(encode([transition]), routing_key=key, exchange=topology.TASKS)

    async def _publish_recorded(self, told: Sequence[Sequence[Transition]]) -> Sequence[None]:
        by_key: dict[str, list[Transition]] = {}
        for transition in chain.from_iterable(told):
            by_key.setdefault(topology.routing_key(transition), []).append(transition)
        await asyncio.gather(
            *(
                self._send(encode(batch), routing_key=key, exchange=topology.TASKS)
                for key, batch in by_key.items()
            )
        )
        return [None] * len(told)

    async def _send(
        self, body: bytes, *, routing_key: str, exchange: str, timeout_s: float = CONFIRM_TIMEOUT_S
    ) -> None:
        place = Place(exchange, routing_key)
        await _confirmed(place, self._publish_alike(place, body), timeout_s)

    async def _publish_alike(self, place: Place, body: bytes) -> None:
        if self._open is None or self._open.is_closed:
            self._open = Confirming(await self._channel(), self._properties())
        await self._open.publish(place, body)

    async def _send_by_itself(
        self, body: bytes, place: Place, properties: spec.Basic.Properties, *, is_mandatory: bool = True
    ) -> None:
        async def publish() -> None:
            channel = await self._channel()
            await channel.basic_publish(
                body,
                exchange=place.exchange,
                routing_key=place.routing_key,
                properties=properties,
                mandatory=is_mandatory,
                wait=False,
            )

        await _confirmed(place, publish(), CONFIRM_TIMEOUT_S)

    async def _channel(self) -> aiormq.Channel:
        """FastStream's, without its way to it, which costs as much again: docs/decisions/0028."""
        channel = (await self._broker.declare_exchange(_TASKS)).channel
        if channel.is_closed:
            raise ChannelInvalidStateError("no open channel")
        return cast(aiormq.Channel, await channel.get_underlay_channel())

    def _properties(self, *, content_type: str = CONTENT_TYPE, **more: Any) -> spec.Basic.Properties:
        return spec.Basic.Properties(
            delivery_mode=DeliveryMode.PERSISTENT,
            content_type=content_type,
            app_id=self._broker.config.app_id,
            **more,
        )


async def _confirmed(place: Place, publishing: Awaitable[None], timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await publishing
    except PUBLISH_ERRORS as error:
        raise NotPublished(f"{place.routing_key}: {error!r}") from error
