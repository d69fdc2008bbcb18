"""Asks the shop what changed, and hands on what no webhook told."""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from shared.clients.shopify_admin import ShopAdmins
from shared.envelope import Payload, utc_now
from shared.errors import RateLimited
from shared.handling import FollowUp, Outcome, Run
from shared.polls import wished_since
from sync_worker import metrics
from sync_worker.clients.shop_reading import Kind
from sync_worker.polling.cursor import PollCursor, cursor_of
from sync_worker.polling.found import Found, Thing
from sync_worker.polling.missed import Window
from sync_worker.polling.reading import PollReader
from sync_worker.scheduling.schedules import Place, move_cursor, poll_state
from sync_worker.store import polls

SLICE_S = 45.0
SLICE_FOUND = 200
HISTORY = timedelta(days=1)
ANOTHER = "Another poll of the same went on meanwhile: this one was left to it"


@dataclass(slots=True)
class _Slice:
    """What one task of a poll has read and found; `wait` is what the shop's budget needs before the next."""

    cursor: PollCursor
    read: int = 0
    found: list[Found] = field(default_factory=list)
    is_last: bool = False
    wait: timedelta = timedelta(0)

    @property
    def counts(self) -> Counter[Thing]:
        return Counter(state.thing for state in self.found)


async def poll(kind: Kind, shops: ShopAdmins, run: Run) -> Outcome:
    """One slice of a poll, for as long as one message should be held; the next one goes on.

    What it found is handed on in the transaction that moves the cursor, so that neither happens without the
    other; of two polls of the same the one that comes second leaves no trace.
    """
    admin = await shops.open(run.pool, run.task)
    rules = admin.account.settings
    place = Place(run.task.shop_id, admin.account.id, run.task.type)
    was, connected_at = await poll_state(run.pool, place)
    connected_at = connected_at.replace(microsecond=0)
    now = utc_now()
    cursor = cursor_of(was, first_since=connected_at).begun(now)
    if (wished := wished_since(run.payload.body)) is not None:
        cursor = cursor.back_to(wished, now)
    window = Window(max(connected_at, cursor.since - HISTORY), now - rules.grace)
    part = await _read_slice(PollReader(kind, admin, run.pool, run.task.shop_id, window), cursor)
    end = part.cursor.finished(overlap=rules.overlap) if part.is_last else part.cursor
    connection = await run.begin()
    if not await move_cursor(connection, place, cursor=end.as_json(), was=was):
        return Outcome(note=ANOTHER)
    for thing, n in part.counts.items():
        await polls.count_missed(connection, thing, run.task.shop_id, n)
        metrics.MISSED_WEBHOOKS.labels(thing.value).inc(n)
    return _outcome(run, part, cursor)


async def _read_slice(reader: PollReader, cursor: PollCursor) -> _Slice:
    """Reads pages until time or room is up. A used-up budget ends the slice, unless nothing was read yet:
    the first page, once begun, is read to its end."""
    part, deadline = _Slice(cursor), time.monotonic() + SLICE_S
    while not part.is_last and time.monotonic() < deadline and len(part.found) < SLICE_FOUND:
        try:
            page, found = await reader.read(part.cursor, is_patient=part.read == 0)
        except RateLimited as error:
            if part.read == 0:
                raise
            part.wait = error.after or timedelta(seconds=1)
            break
        part.found += found
        part.read += len(page.changes)
        part.is_last = page.next_cursor is None
        part.cursor = part.cursor.past(page, found)
    return part


def _outcome(run: Run, part: _Slice, cursor: PollCursor) -> Outcome:
    follow_ups = [state.follow_up() for state in part.found]
    if not part.is_last:
        wait_ms = round(part.wait.total_seconds() * 1000)
        account_id = run.task.account_id
        follow_ups.append(FollowUp(run.task.type, Payload(body=b""), account_id=account_id, delay_ms=wait_ms))
    missed = {thing.value: n for thing, n in part.counts.items()}
    return Outcome(
        note=f"Changed without a webhook: {_listed(missed)}" if missed else None,
        summary={"since": cursor.since.isoformat(), "missed": missed, "is_complete": part.is_last},
        items_processed=part.read,
        follow_ups=tuple(follow_ups),
    )


def _listed(missed: dict[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in missed.items())
