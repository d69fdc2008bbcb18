"""Compares a sample of the projection, and one hour of the statistics, with what the log says."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

import structlog

from query_api.recorder import metrics
from query_api.recorder.flowing import differing_flows
from query_api.recorder.fold import TaskRow, task_row
from query_api.recorder.settings import RecorderSettings
from query_api.recorder.stored import stored_event, stored_task
from query_api.spreads import EDGES_MS, UNITS
from shared.db.queries import load_queries
from shared.envelope import utc_now
from shared.identity import first_id_at

log = structlog.get_logger()

POINTS = 10
TASKS_AT_A_POINT = 50
RECENT = timedelta(days=1)
HOURS = 24
_NOTHING = {"wrong": 0, "checked": 0}
_UNITS = [str(unit) for unit in UNITS]

_random = random.SystemRandom()
_queries = load_queries(__file__, "selfcheck")


async def check_log(connection: Any, settings: RecorderSettings) -> None:
    now = utc_now()
    moments = sample_moments(now, timedelta(days=settings.log_retention_days))
    await check_projection(connection, moments)
    hour = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=_random.randint(1, HOURS))
    await check_statistics(connection, hour)


def sample_moments(now: datetime, kept: timedelta) -> list[datetime]:
    """Half of them in the last day, where faults would be new, half anywhere in the log."""
    spans = [RECENT if number % 2 else kept for number in range(POINTS)]
    return [now - _random.random() * span for span in spans]


async def check_projection(connection: Any, moments: Sequence[datetime]) -> int:
    """How many tasks, of some from each moment on, are not what their events say. Also a metric."""
    # one snapshot: recorders move events and projection together, so both are seen at the same moment
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        ids = await _sampled_ids(connection, moments)
        said = await _folded(connection, ids)
        kept = {row["task_id"]: stored_task(row) async for row in _queries.tasks(connection, task_ids=ids)}
    wrong = [task_id for task_id in said.keys() | kept.keys() if said.get(task_id) != kept.get(task_id)]
    _report("projection", wrong=len(wrong), checked=len(ids), example=str(wrong[0]) if wrong else None)
    return len(wrong)


async def check_statistics(connection: Any, hour: datetime) -> int:
    """How many rows of an hour's statistics differ from the log, or from what they add up. Also a metric."""
    end = hour + timedelta(hours=1)
    # one snapshot: recorders move counters and flows together
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        recounted = _queries.recount(connection, start=hour, end=end, edges=EDGES_MS, units=_UNITS)
        counted = {row["step"]: row async for row in recounted}
        flows = await differing_flows(connection, hour, end)
    wrong = 0
    for kind in ("hour", "minute"):
        found = [counted.get(kind, _NOTHING), flows[kind]]
        wrong += (of_kind := sum(one["wrong"] for one in found))
        _report(kind, wrong=of_kind, checked=sum(one["checked"] for one in found), example=hour.isoformat())
    return wrong


async def _sampled_ids(connection: Any, moments: Sequence[datetime]) -> list[UUID]:
    """From the log and from the projection, so that what is missing in either is found."""
    lows = [first_id_at(moment) for moment in moments]
    rows = _queries.sampled_ids(connection, lows=lows, at_most=TASKS_AT_A_POINT)
    return [row["task_id"] async for row in rows]


async def _folded(connection: Any, ids: Sequence[UUID]) -> dict[UUID, TaskRow]:
    events = [stored_event(row) async for row in _queries.events(connection, task_ids=ids)]
    return {task_id: task_row(list(own)) for task_id, own in groupby(events, key=attrgetter("task_id"))}


def _report(kind: str, *, wrong: int, checked: int, example: str | None) -> None:
    metrics.DRIFT.labels(kind).set(wrong)
    metrics.CHECKED_ROWS.labels(kind).inc(checked)
    if wrong:
        log.error(
            "log_drift", kind=kind, wrong=wrong, checked=checked, example=example, remedy="query-api rebuild"
        )
