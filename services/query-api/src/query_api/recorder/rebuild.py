"""Folds the whole log anew into projection and counters, and corrects what differs.

Recorders and maintenance wait meanwhile; the broker keeps what arrives. The log is read day by day, so memory
does not grow with it. A rebuild that is broken off leaves every row right or as it was; run it again.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from query_api.maintenance.retention import finish_drops
from query_api.recorder import counts, flowing, locks
from query_api.recorder.columns import bucket_columns, kind_columns
from query_api.recorder.events import Event
from query_api.recorder.failures import Failures, group_columns, hour_columns
from query_api.recorder.fold import Counters, TaskRow, task_row
from query_api.recorder.stored import stored_event
from shared.db.pool import open_connection
from shared.db.queries import load_queries
from shared.envelope import utc_now

TASKS_AT_ONCE = 2_000
EVENTS_AT_ONCE = 5_000
# A task of a dropped day may still have moved statistics for so long.
LONGEST_LIFE = timedelta(days=8)

_queries = load_queries(__file__, "rebuild")
_failure_queries = load_queries(__file__, "failures")


@dataclass(frozen=True)
class RebuildReport:
    """What was read, and how many rows of each kind were not what the log says."""

    events: int
    tasks: int
    tasks_corrected: int
    tasks_removed: int
    counts_corrected: int
    minutes_corrected: int
    hours_corrected: int
    failures_corrected: int

    @property
    def is_unchanged(self) -> bool:
        return not any(
            (
                self.tasks_corrected,
                self.tasks_removed,
                self.counts_corrected,
                self.minutes_corrected,
                self.hours_corrected,
                self.failures_corrected,
            )
        )


OnDay = Callable[[date, int], None]


def rebuild(
    dsn: str, *, minute_counts_kept: timedelta = timedelta(days=30), on_day: OnDay | None = None
) -> RebuildReport:
    """Needs a direct connection, no pooler. `on_day` hears of each day and how many events it had."""
    return asyncio.run(rebuild_async(dsn, minute_counts_kept=minute_counts_kept, on_day=on_day))


async def rebuild_async(
    dsn: str, *, minute_counts_kept: timedelta = timedelta(days=30), on_day: OnDay | None = None
) -> RebuildReport:
    connection = await open_connection(dsn, application_name="rebuild")
    try:
        await _queries.lock(connection, keys=[locks.MAINTENANCE, locks.RECORDING])
        return await _Rebuild(connection, on_day).run(minute_counts_kept)
    finally:
        await connection.close(timeout=5)


class _Rebuild:
    def __init__(self, connection: Any, on_day: OnDay | None) -> None:
        self._connection = connection
        self._on_day = on_day
        self._events = self._tasks = self._corrected = self._removed = 0

    async def run(self, minute_counts_kept: timedelta) -> RebuildReport:
        await finish_drops(self._connection)
        await _queries.clear_recount(self._connection)
        for day in [row["day"] async for row in _queries.days(self._connection)]:
            async with self._connection.transaction():
                await self._fold_day(day)
        async with self._connection.transaction():
            counts, minutes, hours = await self._correct_counters(minute_counts_kept)
            failures = await self._correct_failures()
        await _queries.clear_recount(self._connection)
        return RebuildReport(
            events=self._events,
            tasks=self._tasks,
            tasks_corrected=self._corrected,
            tasks_removed=self._removed,
            counts_corrected=counts,
            minutes_corrected=minutes,
            hours_corrected=hours,
            failures_corrected=failures,
        )

    async def _fold_day(self, day: date) -> None:
        counters, failures = Counters(), Failures()
        before = self._events
        rows: list[TaskRow] = []
        async for events in self._tasks_of(day):
            for event in events:
                counters.add(event)
                failures.add(event)
            rows.append(task_row(events))
            self._events += len(events)
            if len(rows) == TASKS_AT_ONCE:
                await self._correct_tasks(rows)
                rows = []
        await self._correct_tasks(rows)
        self._removed += await _affected(_queries.remove_tasks(self._connection, day=day))
        await self._recount(counters)
        await self._recount_failures(failures)
        if self._on_day is not None:
            self._on_day(day, self._events - before)

    async def _tasks_of(self, day: date) -> AsyncIterator[list[Event]]:
        """The events of each task of a day."""
        own: list[Event] = []
        async for row in self._connection.cursor(_queries.events.sql, day, prefetch=EVENTS_AT_ONCE):
            event = stored_event(row)
            if own and own[0].task_id != event.task_id:
                yield own
                own = []
            own.append(event)
        if own:
            yield own

    async def _correct_tasks(self, rows: list[TaskRow]) -> None:
        if rows:
            self._tasks += len(rows)
            task_ids = [row.task_id for row in rows]
            corrected = _queries.correct_tasks(self._connection, rows=rows, task_ids=task_ids)
            self._corrected += await _affected(corrected)

    async def _recount(self, counters: Counters) -> None:
        if now := counters.now():
            kinds, n = zip(*now, strict=True)
            await _queries.recount(self._connection, **kind_columns(kinds), n=n)
        if minutes := counters.by_minute():
            await counts.RECOUNTED["minute"].add(self._connection, **bucket_columns(minutes))
            await counts.RECOUNTED["hour"].add(self._connection, **bucket_columns(counters.by_hour()))

    async def _recount_failures(self, failures: Failures) -> None:
        if groups := failures.groups():
            await _failure_queries.recount_groups(self._connection, **group_columns(groups))
            await _failure_queries.recount_hours(self._connection, **hour_columns(failures.hours()))

    async def _correct_counters(self, minute_counts_kept: timedelta) -> tuple[int, int, int]:
        hours_since = countable_since(await _queries.last_dropped_day(self._connection))
        minutes_since = max(hours_since, _next_hour(utc_now() - minute_counts_kept))
        now = await _affected(_queries.correct_counts(self._connection))
        minutes = await self._correct_step("minute", minutes_since)
        hours = await self._correct_step("hour", hours_since)
        return now, minutes, hours

    async def _correct_step(self, step: str, since: datetime) -> int:
        """The counters, then what is made of them: of all time."""
        own, made = counts.STEPS[step], flowing.STEPS[step]
        corrected = await _affected(own.correct(self._connection, since=since))
        corrected += await _affected(own.remove(self._connection, since=since))
        corrected += await _affected(made.correct(self._connection))
        return corrected + await _affected(made.remove(self._connection))

    async def _correct_failures(self) -> int:
        """Hours first: how many failures a group has is what they add up to."""
        since = countable_since(await _queries.last_dropped_day(self._connection))
        hours = await _affected(_failure_queries.correct_hours(self._connection, since=since))
        hours += await _affected(_failure_queries.remove_hours(self._connection, since=since))
        groups = await _affected(_failure_queries.correct_groups(self._connection, since=since))
        groups += await _affected(_failure_queries.remove_groups(self._connection))
        return hours + groups


def countable_since(last_dropped_day: date | None) -> datetime:
    """From when on the log still has everything that moved the statistics."""
    if last_dropped_day is None:
        return datetime.min.replace(tzinfo=UTC)
    return datetime.combine(last_dropped_day, time(), UTC) + LONGEST_LIFE


def _next_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


async def _affected(statement: Awaitable[str]) -> int:
    """The number of rows from a command's status, e.g. `INSERT 0 5`."""
    return int((await statement).split()[-1])
