"""Writes a made-up log straight into its tables: events, projection and counters as the recorder would.

A day at a time, each into tables of its own that get their indexes when they are full. Needs a database that
holds no log yet, and that nobody records into meanwhile.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from functools import partial
from itertools import islice
from typing import Any

from benchmarks.made_up import SHOP_WEIGHTS, Scale, Shop, lives
from query_api.recorder.columns import counter_columns
from query_api.recorder.events import Event
from query_api.recorder.failures import Failures
from query_api.recorder.fold import Counters, TaskRow, task_row
from query_api.recorder.writing import add_counters, add_failures
from shared.db.pool import open_connection
from shared.db.queries import load_queries
from shared.envelope import utc_now

CHUNK = 20_000
_PARENTS = ("task_events", "tasks")
RECORDED_AFTER = timedelta(milliseconds=50)
_EVENT_COLUMNS = ("task_id", "attempt", "state", "occurred_at", "recorded_at", "service", "header", "detail")

_queries = load_queries(__file__, "loading")


def load(dsn: str, scale: Scale, *, processes: int = 2) -> None:
    """All days of a scale, some side by side."""
    shops = asyncio.run(_begin(dsn))
    load_one = partial(_load_day, dsn, scale, shops)
    if processes == 1:
        for day in scale.dates:
            load_one(day)
    else:
        with ProcessPoolExecutor(processes) as pool:
            deque(pool.map(load_one, scale.dates), maxlen=0)
    asyncio.run(_finish(dsn, scale))


def _load_day(dsn: str, scale: Scale, shops: list[Shop], day: date) -> None:
    asyncio.run(load_day(dsn, scale, shops, day))


async def _begin(dsn: str) -> list[Shop]:
    connection = await open_connection(dsn, application_name="benchmarks")
    try:
        await _queries.add_shops(connection, n=len(SHOP_WEIGHTS))
        return [Shop(row["id"], tuple(row["account_ids"])) async for row in _queries.shops(connection)]
    finally:
        await connection.close()


async def load_day(dsn: str, scale: Scale, shops: list[Shop], day: date) -> None:
    connection = await open_connection(dsn, application_name="benchmarks")
    try:
        await _queries.hurry(connection)
        made = [await _make(connection, parent, day) for parent in _PARENTS]
        counters, failures = Counters(), Failures()
        for chunk in _chunks(lives(scale, day, shops)):
            await _copy(connection, day, chunk)
            for event in (event for events in chunk for event in events):
                counters.add(event)
                failures.add(event)
        async with connection.transaction():
            await add_counters(connection, counter_columns(counters))
            await add_failures(connection, failures)
        for parent, is_new in zip(_PARENTS, made, strict=True):
            if is_new:
                await _attach(connection, parent, day)
    finally:
        await connection.close()


async def _make(connection: Any, parent: str, day: date) -> bool:
    """The day's table, without indexes. False: there is one, as there is for the days around today."""
    name = f"ledger.{_table(parent, day)}"
    if await _queries.is_there(connection, name=name):
        return False
    await connection.execute(f"CREATE TABLE {name} (LIKE ledger.{parent} INCLUDING ALL EXCLUDING INDEXES)")
    return True


async def _attach(connection: Any, parent: str, day: date) -> None:
    """Makes it part of the log; that builds its indexes."""
    bounds = [f"ledger.first_id_of('{one}')" for one in (day, day + timedelta(days=1))]
    await connection.execute(
        f"ALTER TABLE ledger.{parent} ATTACH PARTITION ledger.{_table(parent, day)} "
        f"FOR VALUES FROM ({bounds[0]}) TO ({bounds[1]})"
    )


def _table(parent: str, day: date) -> str:
    return f"{parent}_{day:%Y%m%d}"


async def _copy(connection: Any, day: date, some: list[list[Event]]) -> None:
    events = (_event_row(event) for life in some for event in life)
    tasks = (task_row(life) for life in some)
    rows = ((events, _EVENT_COLUMNS), (tasks, TaskRow._fields))
    for parent, (records, columns) in zip(_PARENTS, rows, strict=True):
        await connection.copy_records_to_table(
            _table(parent, day), schema_name="ledger", records=records, columns=columns
        )


def _event_row(event: Event) -> tuple[Any, ...]:
    recorded_at = event.occurred_at + RECORDED_AFTER
    return (
        event.task_id,
        event.attempt,
        event.state,
        event.occurred_at,
        recorded_at,
        event.service,
        event.header,
        event.detail,
    )


def _chunks(made: Iterable[list[Event]]) -> Iterator[list[list[Event]]]:
    rest = iter(made)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


async def _finish(dsn: str, scale: Scale) -> None:
    connection = await open_connection(dsn, application_name="benchmarks")
    try:
        await _queries.ensure_partitions(connection, first=scale.dates[-1], last=scale.dates[0])
        await _queries.say_recorded(connection, as_of=utc_now())
        for statement in [row["statement"] async for row in _queries.upkeep(connection)]:
            await connection.execute(statement)
    finally:
        await connection.close()
