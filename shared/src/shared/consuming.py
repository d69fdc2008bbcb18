"""Consumes one lane: decodes, hands over to the lifecycle, acks; stops without burning deliveries."""

import asyncio
import time
from dataclasses import dataclass

import structlog
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue
from faststream.rabbit.message import RabbitMessage

from shared import broker as connection
from shared import metrics
from shared.acknowledging import Acknowledger
from shared.activity import running_on
from shared.envelope import Transition, Unreadable, decode, utc_now
from shared.fairness import Fairness, Party
from shared.inbox import Verdict
from shared.lifecycle import Lifecycle
from shared.outlasting import until_up
from shared.publishing import Publisher
from shared.stopping import stop
from shared.tasks import CATALOGUE, Lane, Side
from shared.topology import side_queue

log = structlog.get_logger()

CRASH_DELAY_MS = 60_000
PUT_BACK_FOR = ("room", "crash", Verdict.BUSY, Verdict.ENTITY, Verdict.PAUSED, Verdict.HELD)


@dataclass(frozen=True, slots=True)
class Slots:
    """Which queue of a lane is consumed, and how many attempts of it run at once in this process."""

    lane: Lane
    count: int
    side: Side | None = None

    @property
    def queue(self) -> str:
        return side_queue(self.lane, self.side) if self.side else self.lane.value


class LaneConsumer:
    """Consumes a lane, or a queue beside it, where nobody has to make room."""

    def __init__(
        self, broker: RabbitBroker, lifecycle: Lifecycle, *, publisher: Publisher, slots: Slots
    ) -> None:
        self._broker = broker
        self._slots = slots
        self._lane = slots.lane
        self._lifecycle = lifecycle
        self._publisher = publisher
        self._fairness = None if slots.side else Fairness(slots.count)
        self._acks = Acknowledger()
        self._running: set[asyncio.Task[None]] = set()
        self._is_draining = False
        metrics.start_at_zero(metrics.PUT_BACK, [slots.lane], PUT_BACK_FOR)
        metrics.start_at_zero(metrics.REPEATED, [slots.lane])
        metrics.start_at_zero(metrics.CONSUMERS_RESTARTED, [slots.queue])
        self._running_now = metrics.RUNNING.labels(slots.lane)
        broker.subscriber(
            RabbitQueue(slots.queue, queue_type=QueueType.QUORUM, durable=True, declare=False),
            channel=Channel(prefetch_count=slots.count, on_return_raises=True),
            ack_policy=AckPolicy.MANUAL,
            decoder=_keep_message,
            no_reply=True,
        )(self._consume)

    @property
    def queue(self) -> str:
        return self._slots.queue

    async def drain(self, timeout_s: float) -> None:
        """No new deliveries; what runs may finish, the rest stays in the queue untouched."""
        self._is_draining = True
        await connection.cancel_consumers(self._broker)
        if self._running:
            _, unfinished = await asyncio.wait(self._running, timeout=timeout_s)
            await stop(*unfinished)

    async def _consume(self, message: RabbitMessage) -> None:
        self._acks.note(message.raw_message)
        if self._is_draining:
            await message.nack()
            return
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        self._running_now.inc()
        try:
            with running_on(self._lane):
                await self._handle(message)
        finally:
            self._running_now.dec()
            self._running.discard(task)

    async def _handle(self, message: RabbitMessage) -> None:
        try:
            transition = self._readable(message.body)
        except Unreadable as error:
            await self._bury(message, str(error))
            return
        try:
            await self._run(transition, is_redelivered=bool(message.raw_message.redelivered))
        except Exception:
            log.exception("lifecycle_crashed", queue=self.queue, task_id=str(transition.task.id))
            await self._put_back(transition)
        await self._acks.ack(message.raw_message)

    async def _run(self, transition: Transition, *, is_redelivered: bool) -> None:
        if self._fairness is None:
            return await self._lifecycle.run(transition, is_redelivered=is_redelivered)
        party = _party(transition)
        began = time.monotonic()
        if side := self._fairness.way_for(party, waited_s=_waited_s(transition), now=began):
            metrics.PUT_BACK.labels(self._lane, "room").inc()
            return await until_up(lambda: self._publisher.make_room(transition, side), "make room")
        self._fairness.start(party, began)
        try:
            await self._lifecycle.run(transition, is_redelivered=is_redelivered)
        finally:
            now = time.monotonic()
            self._fairness.end(party, now, held_s=now - began)

    async def _put_back(self, transition: Transition) -> None:
        metrics.PUT_BACK.labels(self._lane, "crash").inc()
        await until_up(lambda: self._publisher.defer(transition, wanted_ms=CRASH_DELAY_MS), "defer")

    def _readable(self, body: bytes) -> Transition:
        transitions = decode(body)
        if len(transitions) != 1 or not transitions[0].state.dispatches:
            raise Unreadable("transitions: a lane takes exactly one queued or retrying transition")
        if not self._lifecycle.knows(transitions[0].task.type):
            raise Unreadable(f"task.type: no handler for {transitions[0].task.type} on lane {self._lane}")
        return transitions[0]

    async def _bury(self, message: RabbitMessage, reason: str) -> None:
        log.error("message_unreadable", queue=self.queue, reason=reason)
        metrics.DEAD_LETTERS.labels(self._lifecycle.service).inc()
        key = message.raw_message.routing_key or self.queue
        await until_up(lambda: self._publisher.bury(message.body, routing_key=key, reason=reason), "bury")
        await self._acks.ack(message.raw_message)


def _party(transition: Transition) -> Party:
    task = transition.task
    calls_nobody = CATALOGUE[task.type].calls_nobody
    return Party(task.shop_id, None if calls_nobody else task.account_id, calls_nobody=calls_nobody)


def _waited_s(transition: Transition) -> float:
    """How long the message has been ready to run, by the clocks of the processes involved."""
    return (utc_now() - transition.ready_at).total_seconds()


async def _keep_message(message: RabbitMessage) -> RabbitMessage:
    return message
