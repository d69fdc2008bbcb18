"""Daily partitions exist before their day begins, and the planner knows what is in them."""

from datetime import timedelta
from typing import Any

import structlog

from query_api.recorder import metrics
from query_api.recorder.settings import RecorderSettings
from shared.db.queries import load_queries
from shared.envelope import utc_now

log = structlog.get_logger()

DAYS_BEHIND = 3

_queries = load_queries(__file__, "partitions")


async def ensure_days_ahead(connection: Any, settings: RecorderSettings) -> None:
    today = utc_now().date()
    made = await _queries.ensure(
        connection,
        first_day=today - timedelta(days=DAYS_BEHIND),
        last_day=today + timedelta(days=settings.partition_days_ahead),
    )
    if made:
        log.info("partitions_made", n=made)
    await count_days_ahead(connection)


async def count_days_ahead(connection: Any) -> int:
    """Exports and returns for how many whole days after today every partitioned table has its partition."""
    days: int = await _queries.days_ahead(connection, today=utc_now().date())
    metrics.PARTITION_DAYS_AHEAD.set(days)
    return days


async def analyze_parents(connection: Any, _: RecorderSettings) -> None:
    """Autovacuum analyses partitions but never the tables they belong to."""
    statements = [row["statement"] async for row in _queries.stale_statistics(connection)]
    for statement in statements:
        await connection.execute(statement)
