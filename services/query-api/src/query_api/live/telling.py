"""From transitions to events for those who want to hear of them."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from query_api.live import wire
from query_api.live.listener import Item, Kind
from query_api.live.position import Position
from query_api.repository.history import folded
from query_api.repository.records import EventRow, Names, TaskRow
from query_api.repository.shops import names_for
from query_api.schemas import shaping
from query_api.schemas.live import TransitionOut


class Told(NamedTuple):
    """A transition, and its task by what this transition alone says of it."""

    event: EventRow
    task: TaskRow

    @property
    def position(self) -> Position:
        return place_of(self.event)


def place_of(event: EventRow) -> Position:
    return Position(event.recorded_at, event.task_id, event.attempt, event.state)


def told(events: Iterable[EventRow]) -> list[Told]:
    return [Told(event, folded([event])) for event in events]


async def items_of(connection: Any, transitions: Sequence[Told]) -> list[Item]:
    if not transitions:
        return []
    names = await names_for(connection, [one.task for one in transitions])
    return [Item(_frame(one, names), one.position) for one in transitions]


def _frame(one: Told, names: Names) -> bytes:
    event = one.event
    body = TransitionOut(
        attempt=event.attempt,
        state=event.state,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        service=event.service,
        task=shaping.brief(one.task, names),
    )
    return wire.frame(Kind.TRANSITION, body.model_dump_json().encode(), one.position)
