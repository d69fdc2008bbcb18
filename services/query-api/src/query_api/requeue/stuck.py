"""Which tasks wait for a message that may not exist any more, as the log and the inbox know them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import convert

from shared.db.queries import load_queries
from shared.envelope import Detail, State, TaskHeader, Transition

PAGE = 500
WAITING = (State.QUEUED, State.RETRYING, State.PROCESSING)
_queries = load_queries(__file__, "stuck")


class Standing(StrEnum):
    """What can be done for a task. Only the lost are published again."""

    LOST = "published again"
    AT_WORK = "somebody works on it"
    ENDED = "it ended, and the log was not told how"
    AHEAD = "it went on, and the log was not told how"
    NO_DATA = "its data is not kept any more"


@dataclass(frozen=True, slots=True)
class Trace:
    """What the inbox knows of a task: the attempt somebody took up last, and what became of it."""

    attempt: int
    is_over: bool
    has_outcome: bool
    is_at_work: bool
    was_begun: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """`before`: nothing was heard of them since then. `due_before`: they might have run since that moment.
    `domain` None: of all shops."""

    before: datetime
    due_before: datetime
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Stuck:
    """A task with the transition that a worker had to act on last; it travels without its data here."""

    task_id: UUID
    shop_id: int
    type: str
    message: Transition
    standing: Standing


def standing_of(next_attempt: int, trace: Trace | None) -> Standing:
    """`next_attempt`: what the message asks for. An end that a worker finds in the inbox is told again."""
    if trace is None:
        return Standing.LOST
    if trace.is_at_work:
        return Standing.AT_WORK
    if trace.attempt == next_attempt and (trace.has_outcome or trace.was_begun):
        return Standing.LOST
    if trace.is_over:
        return Standing.ENDED
    return Standing.AHEAD if trace.attempt >= next_attempt else Standing.LOST


async def shops(connection: Any, domain: str | None) -> dict[int, str]:
    """Domains by id."""
    return {row["id"]: row["domain"] async for row in _queries.shops(connection, domain=domain)}


async def stuck_tasks(connection: Any, shop_id: int, wanted: Wanted) -> AsyncIterator[list[Stuck]]:
    """The oldest first of each state, page by page; a transaction is not kept open between pages."""
    oldest: UUID = await _queries.oldest_id(connection)
    for state in WAITING:
        after, is_more = oldest, True
        while is_more:
            place = {"shop_id": shop_id, "state": state.value, "after": after}
            moments = {"before": wanted.before, "due_before": wanted.due_before}
            rows = _queries.stuck(connection, **place, **moments, wanted=PAGE)
            page = [_stuck(row) async for row in rows]
            if page:
                after = page[-1].task_id
                yield page
            is_more = len(page) == PAGE


def _stuck(row: Mapping[str, Any]) -> Stuck:
    message = Transition(
        task=convert(row["header"], TaskHeader),
        state=State(row["state"]),
        attempt=row["attempt"],
        occurred_at=row["occurred_at"],
        service=row["service"],
        detail=convert(row["detail"] | {"calls": []}, Detail),
    )
    standing = standing_of(message.next_attempt, _trace(row))
    return Stuck(row["task_id"], row["shop_id"], row["type"], message, standing)


def _trace(row: Mapping[str, Any]) -> Trace | None:
    if row["inbox_attempt"] is None:
        return None
    names = ("is_over", "has_outcome", "is_at_work", "was_begun")
    return Trace(row["inbox_attempt"], **{name: row[name] for name in names})
