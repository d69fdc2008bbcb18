"""What is too old goes: whole partitions where there are some, rows in chunks elsewhere."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any

import structlog

from query_api.recorder import metrics
from query_api.recorder.settings import RecorderSettings
from shared.db.queries import load_queries
from shared.envelope import utc_now

log = structlog.get_logger()

CHUNK = 5_000
DELIVERIES_KEPT = timedelta(days=30)
RECORDERS_KEPT = timedelta(days=1)
STAGED_LINES_KEPT = timedelta(days=7)
EXPORTS_KEPT = timedelta(days=30)
RETRIES_KEPT = timedelta(days=7)
KEYS_KEPT = timedelta(days=1)
LOG_TABLES = frozenset({"ledger.task_events", "ledger.tasks"})

_queries = load_queries(__file__, "retention")


async def apply_retention(connection: Any, settings: RecorderSettings) -> None:
    now = utc_now()
    await drop_partitions(connection, cut_offs(settings, now.date()))
    minutes_before = now - timedelta(days=settings.minute_counts_retention_days)
    await _delete("ledger.task_counts_by_minute", _queries.delete_minutes, connection, minutes_before)
    await _delete("ledger.task_flows_by_minute", _queries.delete_minute_flows, connection, minutes_before)
    calls_before = now - timedelta(days=settings.api_calls_retention_days)
    await _delete("ledger.api_calls", _queries.delete_calls, connection, calls_before)
    log_before = now - timedelta(days=settings.log_retention_days)
    await _delete("ledger.failures_by_hour", _queries.delete_failure_hours, connection, log_before)
    await _delete("ledger.failure_groups", _queries.delete_failure_groups, connection, log_before)
    await _delete("store.deliveries", _queries.delete_deliveries, connection, now - DELIVERIES_KEPT)
    await _queries.delete_recorders(connection, before=now - RECORDERS_KEPT)
    await _delete("store.import_lines", _queries.delete_lines, connection, now - STAGED_LINES_KEPT)
    await _delete("admin.retries", _queries.delete_retries, connection, now - RETRIES_KEPT)
    await _delete("admin.idempotency_keys", _queries.delete_keys, connection, now - KEYS_KEPT)
    await _delete("admin.operations", _queries.delete_operations, connection, log_before)
    await _queries.delete_sessions(connection)
    await _queries.forget_exports(connection, before=now - EXPORTS_KEPT)
    await _delete("admin.export_parts", _queries.delete_export_parts, connection, now)


def cut_offs(settings: RecorderSettings, today: date) -> dict[str, date]:
    """For each partitioned table the first day that is kept."""
    days = {
        "ledger.payloads": settings.payload_retention_days,
        "ledger.task_events": settings.log_retention_days,
        "ledger.tasks": settings.log_retention_days,
        "ledger.deleted_tasks": settings.log_retention_days,
        "store.inbox": settings.inbox_retention_days,
    }
    return {table: today - timedelta(days=kept) for table, kept in days.items()}


async def drop_partitions(connection: Any, first_days_kept: dict[str, date]) -> None:
    """Detaches without stopping readers and writers, then drops; also what an earlier run left half done."""
    expired = await _expired(connection, first_days_kept)
    for partition in expired:
        if partition["detach"] is not None:
            await connection.execute(partition["detach"])
    for day in sorted({partition["day"] for partition in expired if partition["parent"] in LOG_TABLES}):
        await _queries.drop_log_day(connection, day=day)
    for partition in expired:
        if partition["parent"] not in LOG_TABLES:
            await connection.execute(partition["drop"])
        metrics.DROPPED_PARTITIONS.labels(partition["parent"]).inc()
        log.info("partition_dropped", table=partition["parent"], day=partition["day"].isoformat())


async def finish_drops(connection: Any) -> None:
    """Drops the days of the log that were detached and not dropped yet, so that log and counters agree."""
    days = [row["day"] async for row in _queries.detached_log_days(connection)]
    for day in days:
        await _queries.drop_log_day(connection, day=day)


async def _expired(connection: Any, first_days_kept: dict[str, date]) -> list[Any]:
    tables, days = zip(*first_days_kept.items(), strict=True)
    return [row async for row in _queries.expired_partitions(connection, tables=tables, first_days_kept=days)]


async def _delete(
    table: str, delete: Callable[..., Awaitable[str]], connection: Any, before: datetime
) -> None:
    deleted = CHUNK
    while deleted == CHUNK:
        status = await delete(connection, before=before, at_most=CHUNK)
        deleted = int(status.split()[-1])
        metrics.DELETED_ROWS.labels(table).inc(deleted)
