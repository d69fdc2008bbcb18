"""Deliveries of orders, parcels and refunds, run with all tasks they cause."""

from typing import Any

from shared.errors import Obsolete, Retryable
from shared.handling import FollowUp
from shared.tasks import TaskType
from tests.integration.sync_worker.world import Done, World, delivery

_TYPES = {
    "orders": TaskType.ORDER_WEBHOOK,
    "fulfillments": TaskType.FULFILLMENT_WEBHOOK,
    "refunds": TaskType.REFUND_WEBHOOK,
}
ATTEMPTS = 6


async def receive(world: World, topic: str, body: dict[str, Any], **task: Any) -> Done:
    """The delivery's own task only."""
    kind = _TYPES[topic.partition("/")[0]]
    return await world.run(kind, delivery(topic, body), source_id=str(body["id"]), **task)


async def tell(world: World, topic: str, body: dict[str, Any]) -> dict[TaskType, Done]:
    """How each task went that the delivery caused, by type; of several of one type the last."""
    received = await receive(world, topic, body)
    done = {received.task.type: received}
    waiting = list(received.follow_ups)
    while waiting:
        follow_up = waiting.pop(0)
        done[follow_up.type] = ended = await world.follow(follow_up)
        waiting += ended.follow_ups if ended.outcome else ()
    return done


class Postbox:
    """Deliveries that come in any order: what has to wait for another delivery is tried again after it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: list[FollowUp] = []
        self.failed: list[Done] = []

    async def take(self, topic: str, body: dict[str, Any]) -> None:
        received = await receive(self._world, topic, body)
        self._waiting += received.follow_ups
        await self.run()

    async def run(self) -> None:
        """Every task that waits, and those it causes, once; after an error that may pass it waits on."""
        due, self._waiting = self._waiting, []
        while due:
            follow_up = due.pop(0)
            ended = await self._world.follow(follow_up)
            if isinstance(ended.error, Retryable):
                self._waiting.append(follow_up)
            elif ended.outcome is not None:
                due += ended.follow_ups
            elif not isinstance(ended.error, Obsolete):
                self.failed.append(ended)

    async def finish(self) -> None:
        """Nothing may be left waiting once everything has come."""
        for _ in range(ATTEMPTS):
            await self.run()
        assert self._waiting == []
