"""Exchanges, queues and bindings, all derived from the task catalogue.

    tasks      every transition   queued.<lane>.<Type>[.<ms>] · retrying.<lane>.<Type>.<ms> · recorded.<lane>
    tasks.wait put back untouched deferred.<lane>.<Type>.<ms> · overflow|slow.<lane>.<Type>
    tasks.due  waited long enough the routing key it came with
    tasks.dead what nobody could read
    alerts     for programs      alert.<event>.<rule>: nothing of ours is bound to it

A wait queue holds messages of one delay only, so that none waits behind a longer one. Every process declares
the whole topology at start: a transition is routable as soon as `recorder` is bound, so a missing lane queue
would lose its dispatch without an error.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel

from shared.envelope import State, Transition
from shared.tasks import Lane, Side

TASKS = "tasks"
TASKS_WAIT = "tasks.wait"
TASKS_DUE = "tasks.due"
TASKS_DEAD = "tasks.dead"
ALERTS = "alerts"
RECORDER = "recorder"
DEAD_LETTERS = "dead-letters"

WAIT_LADDER_MS = (
    1_500, 3_000, 4_500, 6_000, 15_000, 30_000, 60_000, 120_000, 300_000, 900_000, 3_600_000,
)  # fmt: skip

# RabbitMQ 4 drops a message after 20 redeliveries unless told otherwise; the inbox counts them instead.
DELIVERY_LIMIT = 1_000_000

Arguments = dict[str, str | int]


@dataclass(frozen=True)
class Queue:
    """A durable quorum queue; bindings are (exchange, routing key pattern)."""

    name: str
    bindings: tuple[tuple[str, str], ...]
    arguments: Arguments = field(default_factory=dict)


EXCHANGES = (TASKS, TASKS_WAIT, TASKS_DUE, TASKS_DEAD, ALERTS)


def wait_ms(wanted_ms: float) -> int:
    """The ladder's step for a wanted delay: rounded up, the longest step at most."""
    step = bisect_left(WAIT_LADDER_MS, wanted_ms)
    return WAIT_LADDER_MS[min(step, len(WAIT_LADDER_MS) - 1)]


def routing_key(transition: Transition) -> str:
    """Where a transition goes on the exchange `tasks`. Never holds an id."""
    task, delay_ms = transition.task, transition.detail.delay_ms
    match transition.state:
        case State.QUEUED:
            return f"queued.{task.runs_on}.{task.type}" + (f".{delay_ms}" if delay_ms else "")
        case State.RETRYING:
            return f"retrying.{task.runs_on}.{task.type}.{delay_ms}"
        case State.PROCESSING | State.SUCCEEDED | State.FAILED | State.CANCELLED:
            return f"recorded.{task.runs_on}"


def side_queue(lane: Lane, side: Side) -> str:
    return f"{lane}-{side}"


def side_key(transition: Transition, side: Side) -> str:
    """Where a message goes on `tasks.wait` to be run from that queue beside its lane."""
    return f"{side}.{transition.task.runs_on}.{transition.task.type}"


def consumed_queues(lane: Lane) -> tuple[str, ...]:
    """The lane's own queue and those beside it."""
    return (lane.value, *(side_queue(lane, side) for side in Side))


def deferred_key(transition: Transition, delay_ms: int) -> str:
    """Where a message goes on `tasks.wait` to come back unchanged after the delay (a step of the ladder)."""
    return f"deferred.{transition.task.runs_on}.{transition.task.type}.{delay_ms}"


def queues() -> tuple[Queue, ...]:
    lanes = tuple(_lane_queue(lane) for lane in Lane)
    sides = tuple(_side_queue(lane, side) for lane in Lane for side in Side)
    waits = tuple(_wait_queue(delay_ms) for delay_ms in WAIT_LADDER_MS)
    recorder = Queue(RECORDER, ((TASKS, "#"),), _arguments())
    dead_letters = Queue(DEAD_LETTERS, ((TASKS_DEAD, "#"),), _arguments())
    return (*lanes, *sides, *waits, recorder, dead_letters)


async def declare(channel: AbstractChannel) -> None:
    """Declares everything; harmless when it exists."""
    for name in EXCHANGES:
        await channel.declare_exchange(name, ExchangeType.TOPIC, durable=True)
    for queue in queues():
        declared = await channel.declare_queue(queue.name, durable=True, arguments=dict(queue.arguments))
        for exchange, key in queue.bindings:
            await declared.bind(exchange, key)


def _lane_queue(lane: Lane) -> Queue:
    bindings = ((TASKS, f"queued.{lane}.*"), (TASKS_DUE, f"*.{lane}.#"))
    return Queue(lane.value, bindings, _arguments())


def _side_queue(lane: Lane, side: Side) -> Queue:
    return Queue(side_queue(lane, side), ((TASKS_WAIT, f"{side}.{lane}.*"),), _arguments())


def _wait_queue(delay_ms: int) -> Queue:
    bindings = (
        (TASKS, f"queued.*.*.{delay_ms}"),
        (TASKS, f"retrying.*.*.{delay_ms}"),
        (TASKS_WAIT, f"deferred.*.*.{delay_ms}"),
    )
    arguments = _arguments(dead_letter_exchange=TASKS_DUE) | {"x-message-ttl": delay_ms}
    return Queue(f"wait.{delay_ms}", bindings, arguments)


def _arguments(dead_letter_exchange: str = TASKS_DEAD) -> Arguments:
    return {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": dead_letter_exchange,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
        "x-delivery-limit": DELIVERY_LIMIT,
    }
