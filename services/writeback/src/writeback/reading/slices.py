"""A reading in slices: pages for as long as one message should be held, then a follow-up goes on.

What was read is written in the transaction that moves the cursor, so that neither happens without the other;
of two readings of the same the one that comes second leaves no trace. A used-up budget ends the slice and
never pauses the account: its shipments must not wait for what is only read.
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, Protocol, TypeVar

import orjson

from shared.envelope import Payload, utc_now
from shared.errors import Misconfigured, RateLimited, Rejected
from shared.handling import FollowUp, Outcome, Run
from writeback.marketplaces.port import Unreadable
from writeback.reading.cursor import Cursor, cursor_of
from writeback.store import readings
from writeback.store.readings import Place

SLICE_S = 45.0
SLICE_SIZE = 2_000
EXAMPLES = 20
UNKNOWN_WAIT = timedelta(minutes=1)
ANOTHER = "Another reading of the same went on meanwhile: this one was left to it"

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Rules:
    """Whose things are read. `history`: how old they may be the first time; `overlap`: how much is asked for
    again each time."""

    account_id: int
    history: timedelta = timedelta(0)
    overlap: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """`next`: where the following page is; None: this was the last."""

    items: tuple[Item, ...]
    next: str | None
    unreadable: tuple[Unreadable, ...] = ()


class Reader(Protocol[Item]):
    """What is read, and how it is kept."""

    async def read(self, cursor: Cursor) -> Page[Item]:
        """The page at the cursor."""
        ...

    async def keep(self, connection: Any, run: Run, items: list[Item]) -> Counter[str]:
        """Writes what is new or has changed; says how much that was."""
        ...


@dataclass(slots=True)
class _Slice(Generic[Item]):
    """What one task has read; `wait` is what the budget needs before the next."""

    cursor: Cursor
    items: list[Item] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    pages: int = 0
    is_last: bool = False
    wait: timedelta = timedelta(0)


async def read_slice(run: Run, reader: Reader[Item], rules: Rules) -> Outcome:
    """One slice of a reading, and what goes on with it."""
    place = Place(run.task.shop_id, rules.account_id, run.task.type)
    was, connected_at = await readings.state(run.pool, place)
    if _is_overtaken(run.payload, was):
        return Outcome(note=ANOTHER)
    cursor = cursor_of(was, first_since=connected_at - rules.history).begun(utc_now())
    part = await _read(reader, cursor)
    end = part.cursor.finished(overlap=rules.overlap) if part.is_last else part.cursor
    connection = await run.begin()
    if not await readings.move(connection, place, cursor=end.as_json(), was=was):
        return Outcome(note=ANOTHER)
    return _outcome(run, part, await reader.keep(connection, run, part.items))


async def _read(reader: Reader[Item], cursor: Cursor) -> _Slice[Item]:
    part: _Slice[Item] = _Slice(cursor)
    deadline = time.monotonic() + SLICE_S
    while not part.is_last and time.monotonic() < deadline and len(part.items) < SLICE_SIZE:
        try:
            page = await reader.read(part.cursor)
        except RateLimited as error:
            part.wait = error.after or UNKNOWN_WAIT
            break
        except Rejected as error:
            if not _is_stale_page(part, error):
                raise
            part.cursor = part.cursor.restarted()
            continue
        part.pages += 1
        part.items += page.items
        part.unreadable += page.unreadable
        part.is_last = page.next is None
        part.cursor = part.cursor.past(page.next)
    return part


def _is_stale_page(part: _Slice[Any], error: Rejected) -> bool:
    """The page a slice before has named may be refused some time later; then the reading begins again."""
    return part.pages == 0 and part.cursor.after is not None and not isinstance(error, Misconfigured)


def _is_overtaken(payload: Payload, was: dict[str, Any] | None) -> bool:
    """A slice goes on only with the reading that caused it."""
    began = orjson.loads(payload.body).get("began") if payload.body else None
    return began is not None and began != (was or {}).get("began")


def _outcome(run: Run, part: _Slice[Any], counts: Counter[str]) -> Outcome:
    follow_ups = () if part.is_last else (_next(run, part),)
    examples = [{"id": one.id, "reason": one.reason} for one in part.unreadable[:EXAMPLES]]
    facts = {**counts, "since": part.cursor.since.isoformat(), "is_complete": part.is_last}
    return Outcome(
        summary={**facts, "failures": examples} if examples else facts,
        items_processed=len(part.items) + len(part.unreadable),
        items_failed=len(part.unreadable),
        follow_ups=follow_ups,
    )


def _next(run: Run, part: _Slice[Any]) -> FollowUp:
    began = part.cursor.as_json()["began"]
    return FollowUp(
        run.task.type,
        Payload(body=orjson.dumps({"began": began})),
        account_id=run.task.account_id,
        retry_policy=run.task.retry_policy,
        lane=run.task.lane,
        delay_ms=round(part.wait.total_seconds() * 1000),
    )
