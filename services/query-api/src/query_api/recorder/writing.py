"""Writes transitions into the log: one transaction for events, projection, payloads and counters.

All recorders touch rows in the same order (events, tasks, payloads, counters, failures, calls, each sorted),
so that none waits for another in a circle. Only events that were new move the projection and the counters; so
a batch may be written again whenever it is in doubt whether it was committed.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg

from query_api.recorder import counts, locks
from query_api.recorder.api_calls import ApiCalls, count_columns, last_columns
from query_api.recorder.columns import CounterColumns, columns_of
from query_api.recorder.events import Event
from query_api.recorder.failures import Failures, group_columns, hour_columns
from query_api.recorder.flowing import add_flows
from query_api.recorder.payloads import PayloadRow, sealed
from query_api.recorder.preparing import Moved, Prepared, moved_by
from query_api.recorder.reading import Entry
from query_api.recorder.shop_keys import ShopKeys
from shared.db.queries import load_queries
from shared.identity import created_at

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


async def write(pool: asyncpg.Pool, keys: ShopKeys, entries: Iterable[Entry]) -> int:
    """Commits the batch and returns how many of its transitions were new. Deleted tasks stay deleted."""
    return await commit(pool, keys, Prepared(entries))


async def commit(pool: asyncpg.Pool, keys: ShopKeys, batch: Prepared) -> int:
    """The same of a batch that was prepared while the database was at work on another."""
    if not batch.entries:
        return 0
    try:
        return await _commit(pool, keys, batch)
    except _Deleted as deleted:
        return await write(
            pool, keys, (one for one in batch.entries if one.event.task_id not in deleted.task_ids)
        )


async def _commit(pool: asyncpg.Pool, keys: ShopKeys, batch: Prepared) -> int:
    """Nearly always all are new, which COPY takes as given; else the database is asked which of them are."""
    try:
        async with _recording(pool) as connection:
            await _append_events(connection, batch.entries)
            await _move(connection, keys, batch.moved)
            return len(batch.entries)
    except asyncpg.UniqueViolationError:
        async with _recording(pool) as connection:
            new = await _insert_events(connection, batch.entries)
            await _move(connection, keys, moved_by(new))
            return len(new)


@asynccontextmanager
async def _recording(pool: asyncpg.Pool) -> AsyncIterator[Any]:
    """A transaction that takes part in recording."""
    async with pool.acquire() as connection, connection.transaction():
        if not await _queries.may_record(connection, key=locks.RECORDING):
            raise RebuildRunning
        yield connection


async def _move(connection: Any, keys: ShopKeys, moved: Moved) -> None:
    if moved.tasks:
        await _queries.merge_tasks(connection, rows=moved.tasks)
        await _refuse_deleted(connection, [row.task_id for row in moved.tasks])
        await _insert_payloads(connection, keys, moved.payloads)
        await add_counters(connection, moved.counters)
        await add_failures(connection, moved.failures)
        await _add_api_calls(connection, moved.calls)


async def ensure_partitions(pool: asyncpg.Pool, entries: Iterable[Entry]) -> None:
    """Makes the days of the entries' ids where they are missing."""
    for day in sorted({created_at(entry.event.task_id).date() for entry in entries}):
        await _queries.ensure_partitions(pool, day=day)


async def _append_events(connection: Any, entries: list[Entry]) -> None:
    await connection.copy_records_to_table(
        "task_events",
        schema_name="ledger",
        records=[entry.event for entry in entries],
        columns=Event._fields,
    )


async def _insert_events(connection: Any, entries: list[Entry]) -> list[Entry]:
    task_ids, attempts, states, occurred_at, services, headers, details = columns_of(
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


async def _refuse_deleted(connection: Any, task_ids: Sequence[UUID]) -> None:
    """Asked once the tasks' rows are held: whoever deletes one holds its row too, so one sees the other."""
    found = _queries.deleted_among(connection, task_ids=task_ids, low=task_ids[0], high=task_ids[-1])
    if deleted := frozenset([row["task_id"] async for row in found]):
        raise _Deleted(deleted)


async def _insert_payloads(connection: Any, keys: ShopKeys, rows: Sequence[PayloadRow]) -> None:
    if not rows:
        return
    shop_keys = await keys.of({row.shop_id for row in rows}, connection)
    ready = await asyncio.to_thread(lambda: [sealed(row, shop_keys) for row in rows])
    task_ids, attempts, positions, shop_ids, metas, sent, received = columns_of(ready)
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


async def add_counters(connection: Any, columns: CounterColumns) -> None:
    """Moves the counters by what was counted, inside the caller's transaction."""
    if columns.kinds:
        await _queries.add_counts(connection, **columns.kinds)
    if columns.minutes:
        await counts.STEPS["minute"].add(connection, **columns.minutes)
        await counts.STEPS["hour"].add(connection, **columns.hours)
        await add_flows(connection, columns.flows)


async def add_failures(connection: Any, failures: Failures) -> None:
    """The same with kinds of failure."""
    if groups := failures.groups():
        await _failure_queries.add_groups(connection, **group_columns(groups))
        await _failure_queries.add_hours(connection, **hour_columns(failures.hours()))


async def _add_api_calls(connection: Any, calls: ApiCalls) -> None:
    if by_minute := calls.by_minute():
        await _api_queries.add_calls(connection, **count_columns(by_minute))
        await _api_queries.note_last(connection, **last_columns(calls.last()))
