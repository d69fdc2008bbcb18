"""Turns a verified delivery into a queued task and makes sure of one durable copy before it is answered."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from ingest.broker_link import BrokerLink
from ingest.delivery import Delivery, EntityIds, delivery_key, identity_of
from ingest.recent import RecentTasks
from ingest.spool import Message, NotSpooled, Spool
from shared import topology
from shared.envelope import Detail, Payload, State, TaskHeader, Transition, encode
from shared.identity import delivery_task_id
from shared.publishing import NotPublished
from shared.tasks import CATALOGUE, TaskType
from shared.tracing import current_traceparent

SERVICE = "ingest"


class Copy(StrEnum):
    """Where the durable copy is."""

    BROKER = "published"
    SPOOL = "spooled"


class NoCopy(Exception):
    """Neither the broker nor the database took the task."""


class Arrival(NamedTuple):
    """A delivery whose sender is known and whose signature was verified.

    `account_id`: the account whose secret signed it; None when the shop's own did, or a token was shown:
    `actor` is what that is called.
    """

    delivery: Delivery
    body: bytes
    about: EntityIds
    shop_id: int
    task_type: TaskType
    received_at: datetime
    account_id: int | None = None
    actor: str | None = None


class Acceptance(NamedTuple):
    """`is_duplicate`: known for sure to have been accepted before; False says nothing."""

    task_id: UUID
    copy: Copy
    is_duplicate: bool


class Accepting:
    """One confirmed message records and dispatches the task; while the broker is away the spool keeps it."""

    def __init__(
        self, link: BrokerLink, spool: Spool, *, recent: RecentTasks, publish_timeout_s: float
    ) -> None:
        self._link = link
        self._publish_timeout_s = publish_timeout_s
        self._spool = spool
        self._recent = recent

    async def accept(self, arrival: Arrival) -> Acceptance:
        """Returns once a durable copy exists. Raises NoCopy; one may exist even so, under the same id."""
        transition = queued(arrival)
        task_id = transition.task.id
        message = Message(task_id, topology.routing_key(transition), encode([transition]))
        copy = await self._copy(message)
        return Acceptance(task_id, copy, is_duplicate=self._recent.add(task_id))

    async def _copy(self, message: Message) -> Copy:
        was_up = self._link.is_up
        if was_up and await self._is_published(message):
            return Copy.BROKER
        if await self._is_spooled(message):
            return Copy.SPOOL
        if not was_up and await self._is_published(message):
            return Copy.BROKER
        raise NoCopy

    async def _is_published(self, message: Message) -> bool:
        try:
            await self._link.publish(
                message.body, routing_key=message.routing_key, timeout_s=self._publish_timeout_s
            )
        except NotPublished:
            return False
        return True

    async def _is_spooled(self, message: Message) -> bool:
        try:
            await self._spool.keep(message)
        except NotSpooled:
            return False
        return True


def queued(arrival: Arrival) -> Transition:
    """The first transition of the delivery's task. Pure but for the trace it belongs to."""
    delivery, received_at = arrival.delivery, arrival.received_at
    key = delivery_key(delivery, arrival.body)
    task_id = delivery_task_id(
        identity_of(delivery, key), triggered_at=delivery.triggered_at, received_at=received_at
    )
    header = TaskHeader(
        id=task_id,
        type=arrival.task_type,
        shop_id=arrival.shop_id,
        queued_at=received_at,
        max_attempts=CATALOGUE[arrival.task_type].retry.attempts,
        account_id=arrival.account_id,
        source_id=arrival.about.source_id,
        order_number=arrival.about.order_number,
        delivery_key=key,
        traceparent=current_traceparent(),
    )
    payload = Payload(
        body=arrival.body,
        content_type=delivery.content_type,
        topic=delivery.topic or None,
        headers=delivery.headers,
    )
    return Transition(
        task=header,
        state=State.QUEUED,
        attempt=1,
        occurred_at=received_at,
        service=SERVICE,
        detail=Detail(actor=arrival.actor),
        payload=payload,
    )
