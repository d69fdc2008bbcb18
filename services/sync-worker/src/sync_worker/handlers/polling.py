"""Asks the shop what changed, and hands on what no webhook told."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.envelope import Payload, utc_now
from shared.errors import RateLimited
from shared.handling import FollowUp, Outcome, Run
from sync_worker import metrics
from sync_worker.clients.shop_reading import Kind, changed, whole
from sync_worker.clients.shopify_admin import ShopAdmin, ShopAdmins
from sync_worker.polling.cursor import PollCursor, cursor_of
from sync_worker.polling.found import Found, found
from sync_worker.polling.missed import unheard_of
from sync_worker.scheduling.schedules import Place, move_cursor, poll_state
from sync_worker.store import polls

SLICE_S = 45.0
SLICE_FOUND = 200
ANOTHER = "Another poll of the same went on meanwhile: this one was left to it"


@dataclass(frozen=True, slots=True)
class PollRules:
    """`grace`: how long a webhook may take. `overlap`: how much of the time before is asked for again."""

    grace: timedelta = timedelta(minutes=5)
    overlap: timedelta = timedelta(minutes=10)


@dataclass(slots=True)
class _Slice:
    """What one task of a poll has read and found; `wait` is what the shop's budget needs before the next."""

    cursor: PollCursor
    read: int = 0
    found: list[Found] = field(default_factory=list)
    is_last: bool = False
    wait: timedelta = timedelta(0)


async def poll(kind: Kind, shops: ShopAdmins, rules: PollRules, run: Run) -> Outcome:
    """One slice of a poll, for as long as one message should be held; the next one goes on."""
    admin = await shops.open(run.pool, run.task)
    place = Place(run.task.shop_id, admin.account.id, run.task.type)
    was, connected_at = await poll_state(run.pool, place)
    now = utc_now()
    cursor = cursor_of(was, first_since=connected_at - rules.overlap).begun(now)
    part = await _read_slice(_Poll(kind, admin, run, now - rules.grace), cursor)
    end = part.cursor.finished(overlap=rules.overlap) if part.is_last else part.cursor
    connection = await run.begin()
    if not await move_cursor(connection, place, cursor=end.as_json(), was=was):
        return Outcome(note=ANOTHER)
    if part.found:
        await polls.count_missed(connection, kind, run.task.shop_id, len(part.found))
        metrics.MISSED_WEBHOOKS.labels(kind.value).inc(len(part.found))
    return _outcome(kind, run, part, cursor)


@dataclass(frozen=True, slots=True)
class _Poll:
    """`until`: what changed later may still be told by a webhook."""

    kind: Kind
    admin: ShopAdmin
    run: Run
    until: datetime


async def _read_slice(poll_: _Poll, cursor: PollCursor) -> _Slice:
    """Reads pages until time or room is up. A used-up budget ends the slice, unless nothing was read yet."""
    part, deadline = _Slice(cursor), time.monotonic() + SLICE_S
    while not part.is_last and time.monotonic() < deadline and len(part.found) < SLICE_FOUND:
        try:
            await _read_page(poll_, part)
        except RateLimited as error:
            if part.read == 0:
                raise
            part.wait = error.after or timedelta(seconds=1)
            break
    return part


async def _read_page(poll_: _Poll, part: _Slice) -> None:
    page = await changed(poll_.admin, poll_.kind, since=part.cursor.since, after=part.cursor.after)
    shop_id = poll_.run.task.shop_id
    known = await polls.stored(poll_.run.pool, poll_.kind, shop_id, [change.id for change in page.changes])
    unheard = unheard_of(page.changes, known, until=poll_.until)
    read_at = utc_now()
    nodes = await whole(poll_.admin, poll_.kind, [change.gid for change in unheard])
    states = [found(poll_.kind, node, read_at=read_at) for node in nodes]
    part.found += [state for state in states if _tells_something(state, known.get(state.id))]
    part.read += len(page.changes)
    part.is_last = page.next_cursor is None
    part.cursor = part.cursor.past(page)


def _tells_something(state: Found, known: Any) -> bool:
    """A shop moves `updated_at` on also when nothing has changed that matters here."""
    return known is None or state.content_hash is None or state.content_hash != known.content_hash


def _outcome(kind: Kind, run: Run, part: _Slice, cursor: PollCursor) -> Outcome:
    follow_ups = [state.follow_up(kind) for state in part.found]
    if not part.is_last:
        wait_ms = round(part.wait.total_seconds() * 1000)
        account_id = run.task.account_id
        follow_ups.append(FollowUp(run.task.type, Payload(body=b""), account_id=account_id, delay_ms=wait_ms))
    missed = len(part.found)
    return Outcome(
        note=f"{missed} {kind.value} had changed without a webhook" if missed else None,
        summary={"since": cursor.since.isoformat(), "missed": missed, "is_complete": part.is_last},
        items_processed=part.read,
        follow_ups=tuple(follow_ups),
    )
