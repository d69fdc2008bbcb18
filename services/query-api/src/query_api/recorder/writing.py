"""Writes transitions into the log: one transaction for events, projection, payloads and counters.

All recorders touch rows in the same order (events, tasks, payloads, counters, failures, calls, each sorted),
so that none waits for another in a circle. Only events that were new move the projection and the counters; so
a batch may be written again whenever it is in doubt whether it was committed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

import asyncpg

from query_api.recorder import locks
from query_api.recorder.api_calls import ApiCalls, count_columns, last_columns
from query_api.recorder.events import Event
from query_api.recorder.failures import Failures, group_columns, hour_columns
from query_api.recorder.flowing import add_flows
from query_api.recorder.fold import Bucket, Counters, Kind, Tally, TaskRow, task_row
from query_api.recorder.payloads import payload_rows, sealed
from query_api.recorder.reading import Entry
from query_api.recorder.shop_keys import ShopKeys
from shared.db.queries import load_queries
from shared.identity import created_at

Log = Callable[[Any, list[Entry]], Awaitable[list[Entry]]]

_queries = load_queries(__file__, "log")
_failure_queries = load_queries(__file__, "failures")
_api_queries = load_queries(__file__, "api_calls")


class RebuildRunning(Exception):
    """A rebuild has the log for itself."""


class _Deleted(Exception):
    """Some tasks of the batch were deleted for good."""

    def __init__(self, task_ids: frozenset[UUID]) -> None:
        super().__init__(f"{len(task_ids)} tasks")
        self.task_ids = task_ids


async def write(pool: asyncpg.Pool, keys: ShopKeys, entries: Sequence[Entry]) -> int:
    """Commits the batch and returns how many of its transitions were new. Deleted tasks stay deleted."""
    ordered = sorted(_distinct(entries), key=_lock_order)
    if not ordered:
        return 0
    try:
        return await _write_at_best(pool, keys, ordered)
    except _Deleted as deleted:
        kept = [entry for entry in ordered if entry.event.task_id not in deleted.task_ids]
        return await write(pool, keys, kept)


async def _write_at_best(pool: asyncpg.Pool, keys: ShopKeys, ordered: list[Entry]) -> int:
    """Nearly always all are new, which COPY takes as given; else the database is asked which of them are."""
    try:
        return await _write(pool, keys, ordered, _append_events)
    except asyncpg.UniqueViolationError:
        return await _write(pool, keys, ordered, _insert_events)


async def _write(pool: asyncpg.Pool, keys: ShopKeys, ordered: list[Entry], log: Log) -> int:
    async with pool.acquire() as connection, connection.transaction():
        if not await _queries.may_record(connection, key=locks.RECORDING):
            raise RebuildRunning
        new = await log(connection, ordered)
        await _merge_tasks(connection, new)
        await _refuse_deleted(connection, new)
        await _insert_payloads(connection, keys, new)
        await _add_counts(connection, new)
        await _add_failures(connection, new)
        await _add_api_calls(connection, new)
    return len(new)


async def ensure_partitions(pool: asyncpg.Pool, entries: Iterable[Entry]) -> None:
    """Makes the days of the entries' ids where they are missing."""
    for day in sorted({created_at(entry.event.task_id).date() for entry in entries}):
        await _queries.ensure_partitions(pool, day=day)


def _distinct(entries: Sequence[Entry]) -> Iterable[Entry]:
    """Of one transition in several messages, the first."""
    return {(entry.event.task_id, entry.event.order): entry for entry in reversed(entries)}.values()


def _lock_order(entry: Entry) -> tuple[int, int]:
    return (entry.event.task_id.int, entry.event.order)


async def _append_events(connection: Any, entries: list[Entry]) -> list[Entry]:
    await connection.copy_records_to_table(
        "task_events",
        schema_name="ledger",
        records=[entry.event for entry in entries],
        columns=Event._fields,
    )
    return entries


async def _insert_events(connection: Any, entries: list[Entry]) -> list[Entry]:
    task_ids, attempts, states, occurred_at, services, headers, details = _columns(
        entry.event for entry in entries
    )
    inserted = _queries.insert_events(
        connection,
        task_ids=task_ids,
        attempts=attempts,
        states=states,
        occurred_at=occurred_at,
        services=services,
        headers=headers,
        details=details,
    )
    new = {tuple(row) async for row in inserted}
    if len(new) == len(entries):
        return entries
    return [
        entry for entry in entries if (entry.event.task_id, entry.event.attempt, entry.event.state) in new
    ]


async def _merge_tasks(connection: Any, entries: list[Entry]) -> None:
    by_task = groupby((entry.event for entry in entries), key=attrgetter("task_id"))
    rows = [task_row(list(events)) for _, events in by_task]
    if rows:
        await _queries.merge_tasks(connection, **task_columns(rows))


async def _refuse_deleted(connection: Any, entries: list[Entry]) -> None:
    """Asked once the tasks' rows are held: whoever deletes one holds its row too, so one sees the other."""
    ids = sorted({entry.event.task_id for entry in entries})
    if not ids:
        return
    found = _queries.deleted_among(connection, task_ids=ids, low=ids[0], high=ids[-1])
    if deleted := frozenset([row["task_id"] async for row in found]):
        raise _Deleted(deleted)


def task_columns(rows: Sequence[TaskRow]) -> dict[str, tuple[Any, ...]]:
    """The rows as one array for each column, by the names the queries use."""
    return dict(zip(TaskRow._fields, _columns(rows), strict=True))


async def _insert_payloads(connection: Any, keys: ShopKeys, entries: list[Entry]) -> None:
    rows = [row for entry in entries for row in payload_rows(entry.transition)]
    if not rows:
        return
    shop_keys = await keys.of({row.shop_id for row in rows}, connection)
    ready = await asyncio.to_thread(lambda: [sealed(row, shop_keys) for row in rows])
    task_ids, attempts, positions, shop_ids, metas, sent, received = _columns(ready)
    await _queries.insert_payloads(
        connection,
        task_ids=task_ids,
        attempts=attempts,
        positions=positions,
        shop_ids=shop_ids,
        metas=metas,
        sent=sent,
        received=received,
    )


async def _add_counts(connection: Any, entries: list[Entry]) -> None:
    counters = Counters()
    for entry in entries:
        counters.add(entry.event)
    await add_counters(connection, counters)


async def add_counters(connection: Any, counters: Counters) -> None:
    """Moves the counters by what was counted, inside the caller's transaction."""
    if now := counters.now():
        kinds, n = zip(*now, strict=True)
        await _queries.add_counts(connection, **kind_columns(kinds), n=n)
    if minutes := counters.by_minute():
        await _queries.add_counts_by_minute(connection, **bucket_columns(minutes))
        await _queries.add_counts_by_hour(connection, **bucket_columns(counters.by_hour()))
        await add_flows(connection, minutes)


async def _add_failures(connection: Any, entries: list[Entry]) -> None:
    failures = Failures()
    for entry in entries:
        failures.add(entry.event)
    await add_failures(connection, failures)


async def add_failures(connection: Any, failures: Failures) -> None:
    """The same with kinds of failure."""
    if groups := failures.groups():
        await _failure_queries.add_groups(connection, **group_columns(groups))
        await _failure_queries.add_hours(connection, **hour_columns(failures.hours()))


async def _add_api_calls(connection: Any, entries: list[Entry]) -> None:
    calls = ApiCalls()
    for entry in entries:
        calls.add(entry.transition)
    if by_minute := calls.by_minute():
        await _api_queries.add_calls(connection, **count_columns(by_minute))
        await _api_queries.note_last(connection, **last_columns(calls.last()))


def kind_columns(kinds: Iterable[Kind]) -> dict[str, tuple[Any, ...]]:
    shop_ids, types, account_ids, states = _columns(kinds)
    return {"shop_ids": shop_ids, "types": types, "account_ids": account_ids, "states": states}


def bucket_columns(counted: Sequence[tuple[Bucket, Tally]]) -> dict[str, tuple[Any, ...]]:
    buckets, tallies = zip(*counted, strict=True)
    moments, kinds = zip(*buckets, strict=True)
    columns = dict(zip(Tally._fields, _columns(tallies), strict=True))
    # texts, because arrays of arrays can not be taken apart
    columns["spread"] = tuple("{" + ",".join(map(str, spread)) + "}" for spread in columns["spread"])
    return {"buckets": moments} | kind_columns(kinds) | columns


def _columns(rows: Iterable[tuple[Any, ...]]) -> tuple[tuple[Any, ...], ...]:
    return tuple(zip(*rows, strict=True))
