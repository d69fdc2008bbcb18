"""Takes tasks out of the log for good, and what they had moved out of the counters.

Rows are touched in the recorders' order, so that none waits for another in a circle. What comes late of such
a task finds its tombstone and is not recorded. Requests made to other systems stay counted: they were made.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from query_api.recorder import counts, locks
from query_api.recorder.columns import Columns, counter_columns
from query_api.recorder.events import Event
from query_api.recorder.failures import Failures, hour_columns
from query_api.recorder.failures import Kind as FailureKind
from query_api.recorder.flowing import tidy_flows
from query_api.recorder.fold import Counters
from query_api.recorder.stored import stored_event
from query_api.recorder.writing import RebuildRunning, add_counters
from shared.db.queries import load_queries
from shared.envelope import State

_TOUCHED = ("buckets", "shop_ids", "types", "account_ids", "states")
_queries = load_queries(__file__, "removing")
_log = load_queries(__file__, "log")
_failures = load_queries(__file__, "failures")


async def remove_tasks(connection: Any, task_ids: Sequence[UUID]) -> set[UUID]:
    """Those that were removed, inside the caller's transaction; what is not over is left. Raises
    RebuildRunning."""
    if not await _log.may_record(connection, key=locks.RECORDING):
        raise RebuildRunning
    over = await _held(connection, task_ids)
    if over:
        where = _bounded(over)
        await _queries.bury(connection, task_ids=over)
        removed = _queries.remove_events(connection, **where)
        events = [stored_event(row) async for row in removed]
        await _queries.remove_tasks(connection, **where)
        await _queries.remove_payloads(connection, **where)
        await _uncount(connection, events)
        await _uncount_failures(connection, events)
    return set(over)


async def _held(connection: Any, task_ids: Sequence[UUID]) -> list[UUID]:
    rows = _queries.hold_tasks(connection, **_bounded(task_ids))
    return [row["task_id"] async for row in rows if State(row["state"]).is_final]


async def _uncount(connection: Any, events: Sequence[Event]) -> None:
    counters = Counters(weight=-1)
    for event in events:
        counters.add(event)
    columns = counter_columns(counters)
    await add_counters(connection, columns)
    if columns.minutes:
        await counts.STEPS["minute"].tidy(connection, **_named(_TOUCHED, columns.minutes))
        await counts.STEPS["hour"].tidy(connection, **_named(_TOUCHED, columns.hours))
        await tidy_flows(connection, columns.flows)


async def _uncount_failures(connection: Any, events: Sequence[Event]) -> None:
    failures = Failures()
    for event in events:
        failures.add(event)
    kinds = [kind for kind, _ in failures.groups()]
    if not kinds:
        return
    touched = dict(zip(("shop_ids", "fingerprints"), _columns(kinds), strict=True))
    async for _ in _queries.hold_groups(connection, **touched):
        pass
    taken = [(hour, -n) for hour, n in failures.hours()]
    await _failures.add_hours(connection, **hour_columns(taken))
    await _queries.remove_empty_hours(connection, **touched)
    await _queries.remove_empty_groups(connection, **touched)
    await _queries.tell_groups_anew(connection, **touched)


def _columns(kinds: Sequence[FailureKind]) -> tuple[tuple[Any, ...], ...]:
    return tuple(zip(*kinds, strict=True))


def _named(names: Sequence[str], columns: Columns) -> dict[str, Any]:
    return {name: columns[name] for name in names}


def _bounded(task_ids: Sequence[UUID]) -> dict[str, Any]:
    return {"task_ids": list(task_ids), "low": min(task_ids), "high": max(task_ids)}
