"""What stands in the log's tables, and what should."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from query_api.recorder.events import Event
from query_api.recorder.failures import Failures, Group, Hour
from query_api.recorder.failures import Kind as FailureKind
from query_api.recorder.flows import Flow, Subject, flows_of
from query_api.recorder.fold import Bucket, Counters, Kind, Tally, TaskRow, task_row
from query_api.recorder.reading import Entry, read
from query_api.recorder.stored import stored_event, stored_task
from shared.envelope import Transition, encode, utc_now
from tests.waiting import eventually


def entries(transitions: Iterable[Transition]) -> list[Entry]:
    """As the recorder reads them from messages."""
    return [entry for item in transitions for entry in read(encode([item]), utc_now()).entries]


def expected_tasks(events: Iterable[Event]) -> dict[UUID, TaskRow]:
    by_task: dict[UUID, list[Event]] = {}
    for event in events:
        by_task.setdefault(event.task_id, []).append(event)
    return {task_id: task_row(own) for task_id, own in by_task.items()}


def expected_counters(events: Iterable[Event]) -> Counters:
    counters = Counters()
    for event in events:
        counters.add(event)
    return counters


def expected_failures(events: Iterable[Event]) -> Failures:
    failures = Failures()
    for event in events:
        failures.add(event)
    return failures


async def stored_groups(pool: asyncpg.Pool, shop_id: int) -> list[tuple[FailureKind, Group]]:
    rows = await pool.fetch("SELECT * FROM ledger.failure_groups WHERE shop_id = $1", shop_id)
    groups = ((FailureKind(shop_id, row["fingerprint"]), _values(Group, row)) for row in rows)
    return sorted(groups, key=lambda item: item[0])


async def stored_hours(pool: asyncpg.Pool, shop_id: int) -> list[tuple[Hour, int]]:
    rows = await pool.fetch("SELECT * FROM ledger.failures_by_hour WHERE shop_id = $1", shop_id)
    kinds = [FailureKind(shop_id, row["fingerprint"]) for row in rows]
    hours = [Hour(kind, row["bucket"], row["account_id"]) for kind, row in zip(kinds, rows, strict=True)]
    return sorted((hour, row["n"]) for hour, row in zip(hours, rows, strict=True))


async def stored_events(pool: asyncpg.Pool, shop_id: int) -> list[Event]:
    rows = await pool.fetch(
        "SELECT * FROM ledger.task_events WHERE (header ->> 'shop_id')::bigint = $1", shop_id
    )
    return [stored_event(row) for row in rows]


async def stored_tasks(pool: asyncpg.Pool, shop_id: int) -> dict[UUID, TaskRow]:
    rows = await pool.fetch("SELECT * FROM ledger.tasks WHERE shop_id = $1", shop_id)
    return {row["task_id"]: stored_task(row) for row in rows}


async def stored_counts(pool: asyncpg.Pool, shop_id: int) -> list[tuple[Kind, int]]:
    rows = await pool.fetch("SELECT * FROM ledger.task_counts WHERE shop_id = $1 AND n <> 0", shop_id)
    return sorted((_kind(row), row["n"]) for row in rows)


async def stored_statistics(pool: asyncpg.Pool, by: str, shop_id: int) -> list[tuple[Bucket, Tally]]:
    """`by`: minute or hour."""
    rows = await pool.fetch(f"SELECT * FROM ledger.task_counts_by_{by} WHERE shop_id = $1", shop_id)
    return sorted(((row["bucket"], _kind(row)), _tally(row)) for row in rows)


async def stored_flows(pool: asyncpg.Pool, by: str, shop_id: int) -> list[tuple[Subject, Flow]]:
    """`by`: minute or hour."""
    rows = await pool.fetch(f"SELECT * FROM ledger.task_flows_by_{by} WHERE shop_id = $1", shop_id)
    return sorted((_values(Subject, row), _values(Flow, row)) for row in rows)


async def assert_equals_its_log(pool: asyncpg.Pool, shop_id: int) -> None:
    """Projection and counters of a shop are what its events say."""
    events = await stored_events(pool, shop_id)
    counters = expected_counters(events)
    assert await stored_tasks(pool, shop_id) == expected_tasks(events)
    assert await stored_counts(pool, shop_id) == counters.now()
    assert await stored_statistics(pool, "minute", shop_id) == sorted(counters.by_minute())
    assert await stored_statistics(pool, "hour", shop_id) == sorted(counters.by_hour())
    for step, counted in (("minute", counters.by_minute()), ("hour", counters.by_hour())):
        assert await stored_flows(pool, step, shop_id) == flows_of(counted)
    failures = expected_failures(events)
    assert await stored_groups(pool, shop_id) == failures.groups()
    assert await stored_hours(pool, shop_id) == failures.hours()


async def states(pool: asyncpg.Pool, shop_id: int) -> Counter[str]:
    return Counter(row.state for row in (await stored_tasks(pool, shop_id)).values())


def distinct(transitions: Sequence[Transition]) -> int:
    return len({item.key for item in transitions})


async def snapshot(pool: asyncpg.Pool) -> dict[str, list[Any]]:
    """Every row of projection and counters, without physical order."""
    counters = ("task_counts", "task_counts_by_minute", "task_counts_by_hour")
    flows = ("task_flows_by_minute", "task_flows_by_hour")
    tables = ("tasks", *counters, *flows, "failure_groups", "failures_by_hour")
    return {table: sorted(map(repr, await pool.fetch(f"SELECT * FROM ledger.{table}"))) for table in tables}


def _values(kind: Any, row: Any) -> Any:
    return kind._make(row[name] for name in kind._fields)


def _tally(row: Any) -> Tally:
    values = {name: row[name] for name in Tally._fields}
    return Tally(**values | {"duration_ms": int(row["duration_ms"]), "spread": int(row["spread"])})


def _kind(row: Any) -> Kind:
    return Kind(row["shop_id"], row["type"], row["account_id"], row["state"])


async def count_events(pool: asyncpg.Pool) -> int:
    count: int = await pool.fetchval("SELECT count(*) FROM ledger.task_events")
    return count


async def until_recorded(pool: asyncpg.Pool, story: Sequence[Transition]) -> None:
    """Returns when the log has exactly as many transitions as the story has different ones."""
    wanted = distinct(story)

    async def all_there() -> bool:
        return await count_events(pool) == wanted

    await eventually(all_there, 60)
